"""What is uncertain is faint, what was only filled in is fainter still, and who is lost fades away."""

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
FADING_S = (0.3, 0.6)
"""People whom nobody has seen, or will see, for so long begin to fade, and are gone."""


def opacity_of(poses: Pose2DSequence) -> Float[np.ndarray, "f j"]:
    """Return how opaque each joint is in the picture, without flicker.

    From ``FAINTEST`` to 1, or less of people who are lost.
    """
    certain = np.clip(poses.confidence / CERTAIN, 0, 1)
    return _calm(np.where(poses.observed, certain, 0.0), poses)


def presence_of(poses: Pose2DSequence) -> Float[np.ndarray, " f"]:
    """Return 1 for who was, or will be, seen a moment ago, 0 for who is lost."""
    return np.asarray(np.interp(poses.lost_s, FADING_S, (1.0, 0.0)))


def opacity_in_space_of(person: Person) -> Float[np.ndarray, "f j"]:
    """Return how opaque each joint is in 3D: it must have been seen, and be believed."""
    seen = opacity_of(person.poses_2d)
    if person.trust is None:
        return seen
    believed = np.clip(person.trust.confidence / BELIEVED, 0, 1)
    return np.asarray(np.minimum(seen, _calm(believed, person.poses_2d)))


def _calm(share: Float[np.ndarray, "f j"], poses: Pose2DSequence) -> Float[np.ndarray, "f j"]:
    opacity = FAINTEST + (1 - FAINTEST) * share
    calm = eased(opacity, frames=SMOOTHING_S * float(poses.fps))
    return np.asarray(calm * presence_of(poses)[:, None])
