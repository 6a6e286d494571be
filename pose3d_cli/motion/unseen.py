"""Where people may be while nobody sees them."""

import numpy as np
from jaxtyping import Float

EASE_S = 0.3
"""How long after a sighting, and before the next, they may still be as deep as they were seen."""


def out_of_the_floor(
    positions_m: Float[np.ndarray, "f 17 3"], lost_s: Float[np.ndarray, " f"]
) -> Float[np.ndarray, "f 17 3"]:
    """Return the joints with who is lost raised out of the floor (world, metres).

    A guess has somebody stand who really kneels where the picture hides them, and their legs reach
    half a metre into the floor. Frames in which people are seen stay as they are.

    Args:
        positions_m: Joints in the world.
        lost_s: How far in time the nearest frame is in which they are seen.
    """
    sunk_m = np.maximum(0.0, -positions_m[..., 1].min(axis=1))
    raised = positions_m.copy()
    raised[..., 1] += (sunk_m * np.minimum(lost_s / EASE_S, 1.0))[:, None]
    return raised
