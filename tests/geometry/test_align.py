import numpy as np
import pytest

from pose3d_cli.geometry.align import aligned
from pose3d_cli.geometry.rotations import quaternion_from_vector, rotate


@pytest.fixture
def points() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(5, 17, 3))


def moved(points: np.ndarray, *, size: float = 1.0) -> np.ndarray:
    turn = quaternion_from_vector(np.array([1.0, -2.0, 0.5]))
    return np.asarray(size * rotate(turn, points) + np.array([3.0, 2.0, 1.0]))


def test_what_was_turned_shifted_and_scaled_comes_back(points: np.ndarray) -> None:
    np.testing.assert_allclose(aligned(moved(points, size=2.5), to=points), points, atol=1e-12)


def test_without_scale_the_size_stays(points: np.ndarray) -> None:
    np.testing.assert_allclose(aligned(moved(points), to=points, scale=False), points, atol=1e-12)
    larger = aligned(moved(points, size=2.0), to=points, scale=False)
    np.testing.assert_allclose(
        larger - larger.mean(1, keepdims=True),
        2 * (points - points.mean(1, keepdims=True)),
        atol=1e-12,
    )


def test_a_mirror_image_is_not_laid_onto_its_original(points: np.ndarray) -> None:
    mirrored = points * [-1.0, 1.0, 1.0]
    assert np.linalg.norm(aligned(mirrored, to=points) - points, axis=-1).mean() > 0.5


def test_aligning_never_leaves_more_error_than_another_placing(points: np.ndarray) -> None:
    rng = np.random.default_rng(1)
    noisy = points + rng.normal(0, 0.3, points.shape)
    best = np.square(aligned(noisy, to=points) - points).sum((1, 2))
    for _ in range(20):
        nudge = quaternion_from_vector(rng.normal(0, 0.05, 3))
        other = rng.normal(1, 0.05) * rotate(nudge, aligned(noisy, to=points)) + rng.normal(
            0, 0.05, 3
        )
        assert (np.square(other - points).sum((1, 2)) >= best).all()


def test_sets_of_points_do_not_influence_each_other(points: np.ndarray) -> None:
    noisy = points + np.random.default_rng(1).normal(0, 0.3, points.shape)
    alone = np.stack([aligned(a, to=b) for a, b in zip(noisy, points, strict=True)])
    np.testing.assert_allclose(aligned(noisy, to=points), alone, atol=1e-12)


def test_points_in_one_place_stay_finite() -> None:
    once = np.ones((1, 17, 3))
    np.testing.assert_allclose(aligned(once, to=2 * once), 2 * once)
