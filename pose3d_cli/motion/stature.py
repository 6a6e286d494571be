"""How tall somebody is, by their bones.

Ankles are at 3.9 % and shoulders at 81.8 % of a standing person's height (Drillis and Contini 1966,
in Winter, Biomechanics and Motor Control of Human Movement, figure 4.1).
"""

import numpy as np
from jaxtyping import Float

from pose3d_cli.skeleton import H36M17

ANKLE, SHOULDER = 0.039, 0.818
BETWEEN = [H36M17.index(name) for name in ("left_ankle", "left_knee", "spine", "thorax")]
"""The bones that stand on top of each other from ankles to shoulders, by the joint at their end."""


def stature_m(lengths_m: Float[np.ndarray, "17"]) -> float:
    """Return the standing height of somebody with bones of these lengths (``bone_lengths_m``)."""
    return float(lengths_m[BETWEEN].sum() / (SHOULDER - ANKLE))
