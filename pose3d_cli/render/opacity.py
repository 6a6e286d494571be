"""What is uncertain is faint, and what was only filled in is fainter still."""

import numpy as np
from jaxtyping import Float

from pose3d_cli.render.easing import eased
from pose3d_cli.sequences import Person, Pose2DSequence

FAINTEST = 0.3
"""Opacity of what was not seen."""
CERTAIN = 0.67
"""Detector's confidence from which a joint is opaque."""
BELIEVED = 0.4
"""Chance of being in its place from which a joint in space is opaque."""
SMOOTHING_S = 0.1


def opacity_of(poses: Pose2DSequence) -> Float[np.ndarray, "f j"]:
    """Return how opaque each joint is in the picture: from ``FAINTEST`` to 1, without flicker."""
    certain = np.clip(poses.confidence / CERTAIN, 0, 1)
    return _calm(np.where(poses.observed, certain, 0.0), poses)


def opacity_in_space_of(person: Person) -> Float[np.ndarray, "f j"]:
    """Return how opaque each joint is in 3D: it must have been seen, and be believed."""
    seen = opacity_of(person.poses_2d)
    if person.trust is None:
        return seen
    believed = np.clip(person.trust.confidence / BELIEVED, 0, 1)
    return np.asarray(np.minimum(seen, _calm(believed, person.poses_2d)))


def _calm(share: Float[np.ndarray, "f j"], poses: Pose2DSequence) -> Float[np.ndarray, "f j"]:
    opacity = FAINTEST + (1 - FAINTEST) * share
    return eased(opacity, frames=SMOOTHING_S * float(poses.fps))
