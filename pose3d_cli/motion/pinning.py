"""Let standing feet stand, and nobody sink into the floor, at the least cost to the rest of the body.

How far an ankle should move is solved for over the whole clip: as little as may be, as smoothly as a
rod bends, so that it slides no more than standing feet do, is as high as at rest, and never
below the floor. Nothing is switched on or off: a foot counts the more the more surely it stands.
Then the body is fitted to where its ankles should be, all joints alike, since a knee that alone makes
up for an ankle jumps when the leg is nearly straight.
"""

from fractions import Fraction

import numpy as np
from jaxtyping import Bool, Float

from pose3d_cli.motion.bones import bone_lengths_m, fit_bones
from pose3d_cli.motion.contacts import ANKLES, sureness
from pose3d_cli.motion.rig import ankle_height_m
from pose3d_cli.motion.smoothing import curvature_bands
from pose3d_cli.skeleton import H36M17

KNEES = [H36M17.index("left_knee"), H36M17.index("right_knee")]
OFF_M, LASTING_S = 0.015, 0.26
"""How far ankles are off, and for how long (standard deviation, correlation)."""
STILL_M_S = 0.05
"""How fast the ankle of a standing foot seems to move."""
SLIDING_M_S = 0.5
"""One that is this fast all the same counts half."""
LEVEL_M = 0.025
"""How much too high or low one seems to be."""
STEP_M = 0.08
"""One that is this far from its height at rest stands on something else, and counts half."""
SUNK_M = 0.005
"""How far below the floor one seems to be."""
DEEPEST_M = 0.15
"""One that is deeper is not on this floor."""
ROUNDS = 5
FITS = 2
"""The first fit lets ankles come near to where they should be, the next makes up for the rest."""


def pin_feet(
    positions_m: Float[np.ndarray, "f 17 3"], stands: Bool[np.ndarray, "f 2"], *, fps: Fraction
) -> Float[np.ndarray, "f 17 3"]:
    """Return the joints with standing feet still, and bones as long as before (world, metres)."""
    if len(positions_m) < 3:
        return positions_m
    lengths = bone_lengths_m(positions_m)
    sure = sureness(stands, fps=fps)
    wanted = np.zeros((len(positions_m), 2, 3))
    for foot, ankle in enumerate(ANKLES):
        wanted[:, foot] = positions_m[:, ankle] + _correction(
            positions_m[:, ankle], sure[:, foot], rest_m=ankle_height_m(lengths), fps=float(fps)
        )
    target, pinned = positions_m.copy(), positions_m
    for _ in range(FITS):
        missing = wanted - pinned[:, ANKLES]
        target[:, ANKLES] += missing
        target[:, KNEES] += missing / 2
        pinned = fit_bones(target, lengths)
    return pinned


def _correction(
    ankle_m: Float[np.ndarray, "f 3"], sure: Float[np.ndarray, " f"], *, rest_m: float, fps: float
) -> Float[np.ndarray, "f 3"]:
    """Return how far an ankle should move: the most likely shifts, the odd frame excepted."""
    information = 1 / (OFF_M**2 * max(1.0, 2 * LASTING_S * fps))
    bands = information * (LASTING_S * fps) ** 4 / 4 * curvature_bands(len(ankle_m))
    bands[2] += information
    together = np.minimum(sure[1:], sure[:-1])
    shift = np.zeros_like(ankle_m)
    for _ in range(ROUNDS):
        moved = ankle_m + shift
        speed_m_s = np.linalg.norm(np.diff(moved, axis=0), axis=-1) * fps
        still = together * (fps / STILL_M_S) ** 2 / (1 + np.square(speed_m_s / SLIDING_M_S))
        height = moved[:, 1]
        level = sure / LEVEL_M**2 / (1 + np.square((height - rest_m) / STEP_M))
        sunk = ((height < 0) & (height > -DEEPEST_M)) / SUNK_M**2
        push = level * (rest_m - ankle_m[:, 1]) - sunk * ankle_m[:, 1]
        nowhere = np.zeros_like(push)
        for axis, (held, pull) in enumerate(((0, nowhere), (level + sunk, push), (0, nowhere))):
            shift[:, axis] = _solved(bands, still, ankle_m[:, axis], held=held, pull=pull)
    return shift


def _solved(
    bands: Float[np.ndarray, "3 f"],
    still: Float[np.ndarray, " s"],
    path_m: Float[np.ndarray, " f"],
    *,
    held: Float[np.ndarray, " f"] | int,
    pull: Float[np.ndarray, " f"],
) -> Float[np.ndarray, " f"]:
    """Return the shifts along one axis; ``still`` is the price of each step of the shifted path."""
    from scipy.linalg import solveh_banded

    system, step = bands.copy(), still * np.diff(path_m)
    system[2] += held
    system[2, 1:] += still
    system[2, :-1] += still
    system[1, 1:] -= still
    pull = pull + np.append(step, 0.0) - np.append(0.0, step)
    return np.asarray(solveh_banded(system, pull))
