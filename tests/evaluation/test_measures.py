import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from pose3d_cli.evaluation.measures import MEASURES, tilt_deg, trunk_axes, trunk_deg

TRUTH = np.random.default_rng(0).normal(0, 0.3, (8, 17, 3))


def turned(axis: np.ndarray, degrees: float) -> np.ndarray:
    """Return the poses turned about an axis of each frame's own: (f, 3)."""
    turn = Rotation.from_rotvec(np.radians(degrees) * axis)
    return np.stack([r.apply(pose) for r, pose in zip(turn, TRUTH, strict=True)])


@pytest.mark.parametrize("degrees", [0.0, 17.0, 90.0])
def test_a_body_that_is_turned_is_off_by_that_angle(degrees: float) -> None:
    about = np.random.default_rng(1).normal(size=(8, 3))
    about /= np.linalg.norm(about, axis=1, keepdims=True)

    assert trunk_deg(turned(about, degrees), TRUTH) == pytest.approx(degrees, abs=1e-4)


def test_turning_about_the_spine_is_no_tilt() -> None:
    spun = turned(trunk_axes(TRUTH)[:, 1], 30.0)

    assert tilt_deg(spun, TRUTH) < 1e-4
    assert trunk_deg(spun, TRUTH) == pytest.approx(30)


def test_leaning_aside_is_a_tilt() -> None:
    leaning = turned(trunk_axes(TRUTH)[:, 2], 20.0)

    assert tilt_deg(leaning, TRUTH) == pytest.approx(20)


def test_size_and_place_do_not_turn_anybody() -> None:
    assert trunk_deg(2 * TRUTH + 1, TRUTH) < 1e-4


def test_the_truth_is_right_by_every_measure() -> None:
    for name, measure in MEASURES.items():
        perfect = {"PCK": 100.0, "AUC": 100 * 30 / 31}.get(name, 0.0)
        assert measure(TRUTH, TRUTH) == pytest.approx(perfect, abs=1e-4)


def test_a_quarter_of_the_joints_beyond_150_mm_is_a_pck_of_three_quarters() -> None:
    off = TRUTH.copy()
    off[::4, :, 0] += 0.2

    assert MEASURES["PCK"](off, TRUTH) == pytest.approx(75)
