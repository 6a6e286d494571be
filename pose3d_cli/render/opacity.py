"""What is uncertain is faint, and what was only filled in is fainter still."""

import numpy as np
from jaxtyping import Float

from pose3d_cli.render.easing import eased
from pose3d_cli.sequences import Pose2DSequence

FAINTEST = 0.3
"""Opacity of what was not seen."""
CERTAIN = 0.67
"""Detector's confidence from which a joint is opaque."""
SMOOTHING_S = 0.1


def opacity_of(poses: Pose2DSequence) -> Float[np.ndarray, "f j"]:
    """Return each joint's opacity, from ``FAINTEST`` to 1, changing too slowly to flicker."""
    certain = np.clip(poses.confidence / CERTAIN, 0, 1)
    opacity = FAINTEST + (1 - FAINTEST) * np.where(poses.observed, certain, 0.0)
    return eased(opacity, frames=SMOOTHING_S * float(poses.fps))
