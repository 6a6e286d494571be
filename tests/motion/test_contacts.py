from fractions import Fraction

import numpy as np
import pytest

from pose3d_cli.motion.contacts import foot_contacts, picture_speed_m_s, sureness

SEEN = np.ones((60, 2), bool)


@pytest.mark.parametrize("fps", [Fraction(24), Fraction(30), Fraction(60), Fraction(120)])
def test_a_foot_stands_between_two_steps_whatever_the_rate(fps: Fraction) -> None:
    times = np.arange(int(3 * fps)) / float(fps)
    x = np.interp(times, [0, 1, 2, 3], [0, 1, 1, 2])
    rays = np.stack([np.stack([x, x * 0], -1)] * 2, axis=1) / 4
    speed = picture_speed_m_s(rays, np.full((len(times), 2), 4.0), fps=fps)
    assert np.median(speed[times < 0.8]) == pytest.approx(1.0, rel=0.01)
    stands = foot_contacts(speed, np.zeros_like(speed), seen=np.ones(speed.shape, bool), fps=fps)
    edges = times[np.flatnonzero(np.diff(stands[:, 0]))]
    np.testing.assert_allclose(edges, [1.0, 2.0], atol=0.1)


def test_a_foot_in_the_air_does_not_stand_however_still() -> None:
    still, height = np.zeros((60, 2)), np.tile([0.0, 0.5], (60, 1))
    stands = foot_contacts(still, height, seen=SEEN, fps=Fraction(30))
    assert stands[:, 0].all()
    assert not stands[:, 1].any()


def test_what_was_not_seen_does_not_stand() -> None:
    still = np.zeros((60, 2))
    stands = foot_contacts(still, still, seen=SEEN & [True, False], fps=Fraction(30))
    assert stands[:, 0].all()
    assert not stands[:, 1].any()


def test_a_foot_that_hesitates_neither_lands_nor_leaves() -> None:
    speed = np.full((60, 2), 0.3)
    still = np.zeros((60, 2))
    assert not foot_contacts(speed, still, seen=SEEN, fps=Fraction(30)).any()
    speed[30:33] = 0.1
    assert foot_contacts(speed, still, seen=SEEN, fps=Fraction(30)).all()


def test_two_frames_are_no_stand() -> None:
    speed = np.full((60, 2), 2.0)
    speed[20:22] = 0
    assert not foot_contacts(speed, np.zeros((60, 2)), seen=SEEN, fps=Fraction(30)).any()


def test_a_foot_stands_the_more_surely_the_longer_it_has_and_will() -> None:
    stands = np.zeros((60, 2), bool)
    stands[20:50, 0] = True
    sure = sureness(stands, fps=Fraction(30))[:, 0]
    assert (sure[~stands[:, 0]] == 0).all()
    np.testing.assert_allclose(sure[27:43], 1)
    np.testing.assert_allclose(sure[20:50], sure[20:50][::-1])
    assert (np.diff(sure[19:27]) > 0).all()


def test_a_short_step_is_sure_halfway() -> None:
    stands = np.zeros((60, 2), bool)
    stands[20:25, 0] = True
    sure = sureness(stands, fps=Fraction(30))
    np.testing.assert_allclose(sure[19:26, 0], np.square([0, 1 / 3, 2 / 3, 1, 2 / 3, 1 / 3, 0]))
    assert not sure[:, 1].any()


def test_who_stands_all_the_time_surely_does() -> None:
    np.testing.assert_array_equal(sureness(SEEN, fps=Fraction(30)), 1)
