"""When a foot stands: it is still in the picture, and low.

A foot on the ground does not move in the picture of a camera that does not move, whatever the lifter
makes of the leg. That it also moves in depth without being seen to, only a foot that comes straight
at the camera can do, and such a one is seldom low for long.
"""

from fractions import Fraction

import numpy as np
from jaxtyping import Bool, Float
from scipy.ndimage import distance_transform_edt, gaussian_filter1d, label, maximum

from pose3d_cli.skeleton import H36M17

ANKLES = [H36M17.index("left_ankle"), H36M17.index("right_ankle")]

SMOOTHING_S = 0.07
"""Standard deviation of the window over which speed is measured."""
STILL_M_S, MOVING_M_S = 0.25, 0.4
"""A foot that gets slower than the first stands, until it is faster than the second."""
LOW_M, LIFTED_M = 0.15, 0.3
"""Likewise for its height above the floor."""
SHORTEST_S = 0.1
"""No foot stands for less."""
SURE_S = 0.2
"""A foot surely stands this long after it came to, and before it leaves, or halfway between."""


def foot_contacts(
    picture_speed_m_s: Float[np.ndarray, "f 2"],
    height_m: Float[np.ndarray, "f 2"],
    *,
    seen: Bool[np.ndarray, "f 2"],
    fps: Fraction,
) -> Bool[np.ndarray, "f 2"]:
    """Return whether the left and the right foot stand.

    Args:
        picture_speed_m_s: From ``picture_speed_m_s``.
        height_m: Of the ankles above where they are at rest.
        seen: Where an ankle was really seen; a foot that was not is never said to stand.
        fps: Frames per second.
    """
    stands = np.zeros_like(seen)
    surely = (picture_speed_m_s < STILL_M_S) & (height_m < LOW_M) & seen
    maybe = (picture_speed_m_s < MOVING_M_S) & (height_m < LIFTED_M) & seen
    for foot in range(2):
        runs, count = label(maybe[:, foot])
        for run in range(1, count + 1):
            frames = runs == run
            if surely[frames, foot].any() and frames.sum() >= SHORTEST_S * fps:
                stands[frames, foot] = True
    return stands


def picture_speed_m_s(
    rays: Float[np.ndarray, "f 2 2"], depth_m: Float[np.ndarray, "f 2"], *, fps: Fraction
) -> Float[np.ndarray, "f 2"]:
    """Return how fast feet move across the line of sight: rays at depth 1, feet at these depths."""
    sigma = max(SMOOTHING_S * float(fps), 0.5)
    velocity = gaussian_filter1d(rays, sigma, axis=0, order=1, mode="nearest") * float(fps)
    return np.asarray(np.linalg.norm(velocity, axis=-1) * depth_m)


def sureness(stands: Bool[np.ndarray, "f 2"], *, fps: Fraction) -> Float[np.ndarray, "f 2"]:
    """Return how surely feet stand, 0 to 1: the less the nearer they are to when they do not."""
    sure = np.ones(stands.shape)
    for foot in np.flatnonzero(~stands.all(0)):
        frames = distance_transform_edt(stands[:, foot])
        runs, count = label(stands[:, foot])
        half = np.append(1.0, maximum(frames, runs, np.arange(1, count + 1)))[runs]
        sure[:, foot] = (frames / np.minimum(half, SURE_S * float(fps) + 1)).clip(max=1.0) ** 2
    return sure
