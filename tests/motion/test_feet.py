import numpy as np
import pytest

from pose3d_cli.geometry.rotations import quaternion_from_vector, rotate
from pose3d_cli.motion.feet import foot_on_floor

TOES_M = 0.22 * np.array([0.0, -np.sin(np.radians(15)), np.cos(np.radians(15))])
REST_HEIGHT_M = -float(TOES_M[1])


def toes(*, lean_deg: float, height_m: float) -> np.ndarray:
    """World position of the toes under a shin that leans forwards, the ankle over x = z = 0."""
    shin = quaternion_from_vector(np.radians([[lean_deg, 0.0, 0.0]]))
    ankle = np.array([[0.0, height_m, 0.0]])
    return np.asarray((ankle + rotate(foot_on_floor(shin, ankle, TOES_M), TOES_M))[0])


@pytest.mark.parametrize("lean_deg", [-30, -10, 0, 10, 30])
def test_a_foot_at_rest_height_stands_flat(lean_deg: float) -> None:
    there = toes(lean_deg=lean_deg, height_m=REST_HEIGHT_M)
    np.testing.assert_allclose(there, TOES_M * [1, 0, 1], atol=1e-9)


@pytest.mark.parametrize("lean_deg", [0, 20, 40])
def test_a_lifted_foot_goes_with_the_shin(lean_deg: float) -> None:
    shin = quaternion_from_vector(np.radians([lean_deg, 0.0, 0.0]))
    from_ankle = toes(lean_deg=lean_deg, height_m=0.5) - [0, 0.5, 0]
    np.testing.assert_allclose(from_ankle, rotate(shin, TOES_M), atol=1e-9)


@pytest.mark.parametrize("lean_deg", [20, 45, 60])
def test_toes_push_off_from_the_floor(lean_deg: float) -> None:
    there = toes(lean_deg=lean_deg, height_m=0.16)
    assert there[1] >= -1e-9
    assert there[2] > 0
    assert np.linalg.norm(there - [0, 0.16, 0]) == pytest.approx(0.22)


def test_toes_of_somebody_on_their_back_point_up() -> None:
    assert toes(lean_deg=-90, height_m=REST_HEIGHT_M)[1] > 0.2


def test_the_foot_of_a_kneeling_leg_lies_behind_it() -> None:
    there = toes(lean_deg=90, height_m=REST_HEIGHT_M)
    assert there[1] == pytest.approx(0, abs=1e-9)
    assert there[2] < -0.2


def test_a_foot_comes_down_without_a_jump() -> None:
    heights = np.linspace(-0.02, 0.3, 150)
    path = np.stack([toes(lean_deg=25, height_m=height) for height in heights])
    assert np.linalg.norm(np.diff(path, axis=0), axis=-1).max() < 5 * np.diff(heights).max()


def test_a_foot_without_length_stays_finite() -> None:
    still = np.array([[1.0, 0.0, 0.0, 0.0]])
    assert np.isfinite(foot_on_floor(still, np.zeros((1, 3)), np.zeros(3))).all()
