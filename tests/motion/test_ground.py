from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from pose3d_cli.geometry.rotations import quaternion_from_vector, rotate
from pose3d_cli.motion.ground import ANKLES, LEVEL, world_from_camera
from pose3d_cli.motion.rig import ankle_height_m, h36m_positions
from pose3d_cli.sequences import Motion


def placed(positions_camera_m: np.ndarray, transform: np.ndarray) -> np.ndarray:
    return np.asarray(positions_camera_m @ transform[:3, :3].T + transform[:3, 3])


def tilt_deg(transform: np.ndarray, *, pitch_rad: float) -> float:
    """Angle between the found up and the true one of a camera that looks down by its pitch."""
    up = np.array([0.0, -np.cos(pitch_rad), -np.sin(pitch_rad)])
    return float(np.degrees(np.arccos(np.clip(transform[1, :3] @ up, -1, 1))))


def test_a_walk_under_a_level_camera_comes_out_as_it_was(
    walk: Callable[..., Motion], film: Callable[..., Any]
) -> None:
    for heading_rad in (0.0, 0.7, -2.0):
        motion = walk(heading_rad=heading_rad)
        world = placed(
            (seen := film(motion)).positions_camera_m, world_from_camera(seen.positions_camera_m)
        )
        np.testing.assert_allclose(world, h36m_positions(motion), atol=1e-3)


def test_the_transform_is_rigid_and_keeps_right_and_left(
    walk: Callable[..., Motion], film: Callable[..., Any]
) -> None:
    transform = world_from_camera(film(walk(), pitch_rad=0.3).positions_camera_m)
    np.testing.assert_allclose(transform[:3, :3] @ transform[:3, :3].T, np.eye(3), atol=1e-12)
    assert np.linalg.det(transform[:3, :3]) == pytest.approx(1)
    np.testing.assert_array_equal(transform[3], [0, 0, 0, 1])


def test_the_subject_starts_over_the_origin_on_the_floor(
    walk: Callable[..., Motion], film: Callable[..., Any], lengths_m: np.ndarray
) -> None:
    seen = film(walk(), distance_m=9, pitch_rad=0.1)
    world = placed(seen.positions_camera_m, world_from_camera(seen.positions_camera_m))
    np.testing.assert_allclose(world[0, 0, [0, 2]], 0, atol=1e-12)
    lowest = np.percentile(world[:, ANKLES, 1].min(1), 5)
    assert lowest == pytest.approx(ankle_height_m(lengths_m))


def test_a_jump_leaves_the_floor(walk: Callable[..., Motion], film: Callable[..., Any]) -> None:
    seen = film(walk(jump_m=0.5))
    ankles = placed(seen.positions_camera_m, world_from_camera(seen.positions_camera_m))[
        :, ANKLES, 1
    ]
    assert ankles.min(1).max() - ankles.min() == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("pitch_rad", [-0.35, -0.15, 0.15, 0.35])
def test_steps_towards_the_camera_tell_its_pitch(
    walk: Callable[..., Motion], film: Callable[..., Any], pitch_rad: float
) -> None:
    for heading_rad in (0.0, 0.6, np.pi):
        seen = film(walk(frames=120, heading_rad=heading_rad), pitch_rad=pitch_rad, distance_m=7)
        transform = world_from_camera(seen.positions_camera_m)
        assert tilt_deg(transform, pitch_rad=pitch_rad) < 2


@pytest.mark.parametrize("seed", range(5))
def test_a_level_camera_is_left_level(
    walk: Callable[..., Motion], film: Callable[..., Any], seed: int
) -> None:
    rng = np.random.default_rng(seed)
    motion = walk(heading_rad=rng.uniform(0, 6), speed_m_s=rng.uniform(0, 2))
    noisy = film(motion).positions_camera_m + rng.normal(0, 0.01, (90, 17, 3))
    np.testing.assert_array_equal(world_from_camera(noisy)[:3, :3], LEVEL)


def test_who_stays_in_place_does_not_tilt_the_world(
    walk: Callable[..., Motion], film: Callable[..., Any]
) -> None:
    seen = film(walk(speed_m_s=0.0), pitch_rad=0.3)
    np.testing.assert_array_equal(world_from_camera(seen.positions_camera_m)[:3, :3], LEVEL)


def test_climbing_is_not_taken_for_a_tilted_camera(
    walk: Callable[..., Motion], film: Callable[..., Any]
) -> None:
    positions = film(walk()).positions_camera_m
    positions[..., 1] -= 0.6 * (positions[:, :1, 2] - positions[0, 0, 2])
    np.testing.assert_array_equal(world_from_camera(positions)[:3, :3], LEVEL)


@pytest.mark.parametrize(("pitch_rad", "roll_rad"), [(0.3, 0.0), (-0.2, 0.1), (0.0, -0.4)])
def test_given_angles_are_undone(
    walk: Callable[..., Motion], film: Callable[..., Any], pitch_rad: float, roll_rad: float
) -> None:
    motion = walk(speed_m_s=0.0)
    seen = film(motion, pitch_rad=pitch_rad).positions_camera_m
    rolled = rotate(quaternion_from_vector(np.array([0.0, 0.0, -roll_rad])), seen)
    transform = world_from_camera(rolled, camera_pitch_rad=pitch_rad, camera_roll_rad=roll_rad)
    np.testing.assert_allclose(placed(rolled, transform), h36m_positions(motion), atol=1e-3)


def test_one_given_angle_means_that_the_other_is_zero(
    walk: Callable[..., Motion], film: Callable[..., Any]
) -> None:
    positions = film(walk(), pitch_rad=0.3).positions_camera_m
    np.testing.assert_array_equal(world_from_camera(positions, camera_roll_rad=0.0)[:3, :3], LEVEL)
