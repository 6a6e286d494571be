"""Where left and right may have been mixed up, or one person taken for another."""

import numpy as np
from jaxtyping import Bool, Float

from pose3d_cli.sequences import Pose2DSequence
from pose3d_cli.skeleton import H36M17

LEGS = ("knee", "ankle")
ARMS = ("elbow", "wrist")
SWITCHED = 0.15
"""How much nearer, in body sizes, two limbs must get to where they were if they are exchanged."""
JUMP = 0.5
"""Body sizes that nobody's middle moves from one frame to the next, but another's does."""
SOON_S = 0.1
"""The time in which that counts: in a second people move further than in a frame."""


def limbs_exchanged(seen: Pose2DSequence) -> Bool[np.ndarray, " f"]:
    """Return the frames in which arms or legs come in as their mirror images would go on."""
    size = _size_px(seen)
    found = np.zeros(len(seen.times_s), bool)
    for limbs in (LEGS, ARMS):
        left, right = ([H36M17.index(f"{side}_{j}") for j in limbs] for side in ("left", "right"))
        points = seen.keypoints_px[:, [left, right]]
        trusted = np.all(seen.observed[:, [*left, *right]], axis=1)
        stays = _moved(points[1:], points[:-1])
        crosses = _moved(points[1:], points[:-1, ::-1])
        found[1:] |= (stays - crosses > SWITCHED * size) & trusted[1:] & trusted[:-1]
    return found


def jumps(seen: Pose2DSequence) -> Bool[np.ndarray, " f"]:
    """Return the frames in which the whole person is suddenly elsewhere."""
    middle = seen.keypoints_px[:, 0]
    there = seen.observed[:, 0]
    moved = np.linalg.norm(np.diff(middle, axis=0), axis=-1)
    soon = np.diff(seen.times_s) <= SOON_S
    found = np.zeros(len(middle), bool)
    found[1:] = (moved > JUMP * _size_px(seen)) & soon & there[1:] & there[:-1]
    return found


def _moved(
    now: Float[np.ndarray, "f 2 k 2"], before: Float[np.ndarray, "f 2 k 2"]
) -> Float[np.ndarray, " f"]:
    return np.asarray(np.linalg.norm(now - before, axis=-1).mean((1, 2)))


def _size_px(seen: Pose2DSequence) -> float:
    """Return the longer side of the person's box, as it is in most frames."""
    return float(np.median(np.ptp(seen.keypoints_px, axis=1).max(-1)))
