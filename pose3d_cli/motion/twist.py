"""How a limb is turned about itself, as told by the plane in which its elbow or knee is bent."""

import numpy as np
from jaxtyping import Float

STRAIGHT_DEG, BENT_DEG = 8.0, 30.0
"""Below the first a hinge says nothing about its plane, above the second all there is to say."""
REST_WEIGHT = 0.01
"""Pull towards no twist, against 1 of a bent hinge: it decides for a limb that stays straight."""
MEMORY_S = 0.1
"""How long a twist lasts while the limb is straight."""


def hinge_twist(
    upper: Float[np.ndarray, "f 3"],
    lower: Float[np.ndarray, "f 3"],
    *,
    axis: Float[np.ndarray, "f 3"],
    fps: float,
    knee: bool,
) -> Float[np.ndarray, " f"]:
    """Return the angle about ``upper`` that turns the hinge's ``axis`` to where it was seen.

    Each angle is solved for as a point in the plane, where averages know no jump at π: near its
    measurement by as much as the hinge is bent, near its neighbours, and weakly near zero.

    Args:
        upper: Direction of the upper arm or thigh.
        lower: Direction of the forearm or shin.
        axis: Where the hinge axis points without twist, at right angles to ``upper``.
        fps: Frames per second.
        knee: Knees do not bend the wrong way, so that what looks like it counts less; elbows may
            seem to, with a twisted upper arm, but hardly when they are nearly straight.
    """
    from scipy.linalg import solveh_banded

    normal = np.cross(upper, lower)
    sine, cosine = np.linalg.norm(normal, axis=-1), (upper * lower).sum(-1)
    seen = (normal * axis).sum(-1) + 1j * (normal * np.cross(upper, axis)).sum(-1)
    seen /= np.where(sine > 0, sine, 1.0)
    bend = np.degrees(np.arctan2(sine, cosine))
    share = np.clip((bend - STRAIGHT_DEG) / (BENT_DEG - STRAIGHT_DEG), 0.0, 1.0)
    share = share**2 * (3 - 2 * share)
    backwards = (1 - seen.real) / 2
    weight = share * (1 - backwards * (1.0 if knee else 1 - share))
    stiffness = (MEMORY_S * fps) ** 2
    # The first row stays empty: for two, SciPy takes a routine that fails on single frames.
    system = np.zeros((3, len(upper)))
    system[2] = weight + REST_WEIGHT
    system[2, 1:] += stiffness
    system[2, :-1] += stiffness
    system[1, 1:] = -stiffness
    return np.angle(solveh_banded(system, weight * seen + REST_WEIGHT))
