"""Hold standing feet where they stand, and let go of them without a pop.

Every foot gets a place for each time that it stands. How far it has to move to be there is known
while it stands, and nothing beside; in between that correction runs as a bending rod would, back to
nothing and on to the next. Knees follow in the plane in which they are bent.
"""

from fractions import Fraction

import numpy as np
from jaxtyping import Bool, Float
from scipy.ndimage import label

from pose3d_cli.geometry.rotations import unit
from pose3d_cli.motion.bones import bone_lengths_m
from pose3d_cli.motion.rig import ankle_height_m
from pose3d_cli.motion.smoothing import curvature_bands
from pose3d_cli.skeleton import H36M17

LEGS = tuple(
    tuple(H36M17.index(f"{side}_{joint}") for joint in ("hip", "knee", "ankle"))
    for side in ("left", "right")
)
FADE_S = 0.2
"""How long a correction takes to come and to go."""
HOLD = 100.0
"""Weight of a foot's place while it stands, against 1 of leaving it alone while it does not."""
FURTHEST_M = 0.15
"""A foot that is further off is not believed to stand there."""
ON_FLOOR_M = 0.08
"""A foot that stands this near the floor stands on it."""
DEEPEST_M = 0.15
"""How far an ankle is lifted at most that came out below the floor."""
STRETCHED = 0.9995
"""Of a leg's length: a straight knee has no plane."""


def pin_feet(
    positions_m: Float[np.ndarray, "f 17 3"], stands: Bool[np.ndarray, "f 2"], *, fps: Fraction
) -> Float[np.ndarray, "f 17 3"]:
    """Return the joints with standing feet still, and bones as long as before (world, metres).

    No ankle is left a little below the floor, standing or not; one that is deep below it is not on
    this floor.
    """
    pinned = positions_m.copy()
    rest_m = ankle_height_m(bone_lengths_m(positions_m))
    for (hip, knee, ankle), standing in zip(LEGS, stands.T, strict=True):
        moved = positions_m[:, ankle] + _correction(
            positions_m[:, ankle], standing, rest_m=rest_m, fps=fps
        )
        moved[:, 1] = np.maximum(moved[:, 1], np.minimum(0.0, moved[:, 1] + DEEPEST_M))
        pinned[:, knee], pinned[:, ankle] = _bent(
            positions_m[:, hip], positions_m[:, knee], positions_m[:, ankle], towards=moved
        )
    return pinned


def _correction(
    ankle_m: Float[np.ndarray, "f 3"],
    stands: Bool[np.ndarray, " f"],
    *,
    rest_m: float,
    fps: Fraction,
) -> Float[np.ndarray, "f 3"]:
    from scipy.linalg import solveh_banded

    wanted, weight = np.zeros_like(ankle_m), np.ones(len(ankle_m))
    runs, count = label(stands)
    for run in range(1, count + 1):
        frames = runs == run
        place = np.median(ankle_m[frames], axis=0)
        if abs(place[1] - rest_m) < ON_FLOOR_M:
            place[1] = rest_m
        off = place - ankle_m[frames]
        near = np.linalg.norm(off, axis=-1, keepdims=True)
        wanted[frames] = off * np.minimum(1.0, FURTHEST_M / np.maximum(near, 1e-9))
        weight[frames] = HOLD
    if count == 0 or len(ankle_m) < 3:
        return np.zeros_like(ankle_m)
    system = (FADE_S * float(fps)) ** 4 / 4 * curvature_bands(len(ankle_m))
    system[2] += weight
    return np.asarray(solveh_banded(system, weight[:, None] * wanted))


def _bent(
    hip: Float[np.ndarray, "f 3"],
    knee: Float[np.ndarray, "f 3"],
    ankle: Float[np.ndarray, "f 3"],
    *,
    towards: Float[np.ndarray, "f 3"],
) -> tuple[Float[np.ndarray, "f 3"], Float[np.ndarray, "f 3"]]:
    """Return knee and ankle of a leg that reaches for a place, by the law of cosines."""
    thigh = np.linalg.norm(knee - hip, axis=-1, keepdims=True)
    shin = np.linalg.norm(ankle - knee, axis=-1, keepdims=True)
    way = towards - hip
    reach = np.linalg.norm(way, axis=-1, keepdims=True)
    along = way / np.maximum(reach, 1e-9)
    reach = np.clip(reach, np.abs(thigh - shin) + 1e-6, STRETCHED * (thigh + shin))
    # The old leg, a little bent at least, tells the plane; as straight as it was it stays.
    before = np.linalg.norm(ankle - hip, axis=-1, keepdims=True)
    reach = np.maximum(reach, np.minimum(before, reach))
    aside = knee - hip - ((knee - hip) * along).sum(-1, keepdims=True) * along
    first = (thigh**2 + reach**2 - shin**2) / (2 * reach)
    out = np.sqrt(np.maximum(thigh**2 - first**2, 0.0))
    return hip + first * along + out * unit(aside), hip + reach * along
