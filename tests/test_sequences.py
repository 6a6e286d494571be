"""What values know about themselves."""

from fractions import Fraction

import numpy as np
from jaxtyping import Bool

from pose3d_cli.sequences import Pose2DSequence
from pose3d_cli.skeleton import H36M17


def seen_at(observed: Bool[np.ndarray, "f 17"]) -> Pose2DSequence:
    times_s = np.array([0.0, 0.1, 0.2, 0.3, 0.4, 0.6])
    points_px, sure = np.zeros((6, 17, 2)), observed.astype(float)
    return Pose2DSequence(H36M17, 0, times_s, Fraction(10), points_px, sure, observed)


def test_who_is_lost_is_as_far_from_the_nearest_sighting_as_time_says() -> None:
    observed = np.zeros((6, 17), bool)
    observed[0, 4] = observed[3, 5] = True
    np.testing.assert_allclose(seen_at(observed).lost_s, [0, 0.1, 0.1, 0, 0.1, 0.3], atol=1e-12)


def test_who_was_never_seen_was_never_lost() -> None:
    assert not seen_at(np.zeros((6, 17), bool)).lost_s.any()
