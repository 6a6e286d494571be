from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from pose3d_cli.geometry.camera import Camera
from pose3d_cli.geometry.rotations import quaternion_from_vector, rotate
from pose3d_cli.motion.calibration import DEFAULT_LIFTER, calibration_of
from pose3d_cli.motion.contacts import ANKLES
from pose3d_cli.motion.gravity import LEVEL, gravity_of, world_axes
from pose3d_cli.motion.ground import world_from_camera
from pose3d_cli.motion.placed import Placed
from pose3d_cli.motion.rig import ankle_height_m, h36m_positions
from pose3d_cli.report.findings import SURE, UNSURE
from pose3d_cli.sequences import Gravity, Motion


def standing(seen: Any, camera: Camera, *, positions_m: np.ndarray | None = None) -> Placed:
    joints = seen.positions_camera_m if positions_m is None else positions_m
    return Placed(seen.poses_2d, camera, joints)


def found(person: Placed) -> np.ndarray:
    """Return the transform to the world with the tilt that the person tells."""
    gravity = gravity_of([person], calibration_of(DEFAULT_LIFTER))
    return world_from_camera([person], [person.contacts(world_axes(gravity)[1])], gravity=gravity)


def placed(positions_camera_m: np.ndarray, transform: np.ndarray) -> np.ndarray:
    return np.asarray(positions_camera_m @ transform[:3, :3].T + transform[:3, 3])


def tilt_deg(transform: np.ndarray, *, pitch_rad: float) -> float:
    """Angle between the found up and the true one of a camera that looks down by its pitch."""
    up = np.array([0.0, -np.cos(pitch_rad), -np.sin(pitch_rad)])
    return float(np.degrees(np.arccos(np.clip(transform[1, :3] @ up, -1, 1))))


def told(pitch_rad: float, roll_rad: float = 0.0) -> Gravity:
    return Gravity(pitch_rad=pitch_rad, roll_rad=roll_rad, source="option", confidence=1.0)


def test_a_walk_under_a_level_camera_comes_out_as_it_was(
    walk: Callable[..., Motion], film: Callable[..., Any], camera: Camera
) -> None:
    for heading_rad in (0.0, 0.7, -2.0):
        motion = walk(heading_rad=heading_rad)
        seen = film(motion)
        world = placed(seen.positions_camera_m, found(standing(seen, camera)))
        off = world - h36m_positions(motion)
        np.testing.assert_allclose(off[..., [0, 2]], 0, atol=1e-3)
        assert np.ptp(off[..., 1]) < 1e-3
        assert abs(off[0, 0, 1]) < 0.02


def test_the_transform_is_rigid_and_keeps_right_and_left(
    walk: Callable[..., Motion], film: Callable[..., Any], camera: Camera
) -> None:
    transform = found(standing(film(walk(), pitch_rad=0.3), camera))
    np.testing.assert_allclose(transform[:3, :3] @ transform[:3, :3].T, np.eye(3), atol=1e-12)
    assert np.linalg.det(transform[:3, :3]) == pytest.approx(1)
    np.testing.assert_array_equal(transform[3], [0, 0, 0, 1])


def test_the_subject_starts_over_the_origin_on_the_floor(
    walk: Callable[..., Motion], film: Callable[..., Any], camera: Camera, lengths_m: np.ndarray
) -> None:
    seen = film(walk(speed_m_s=0.0), distance_m=9)
    person = standing(seen, camera)
    still = np.zeros((90, 2), bool)
    transform = world_from_camera([person], [still], gravity=told(0.0))
    world = placed(seen.positions_camera_m, transform)
    np.testing.assert_allclose(world[0, 0, [0, 2]], 0, atol=1e-12)
    lowest = np.percentile(world[:, ANKLES, 1].min(1), 5)
    assert lowest == pytest.approx(ankle_height_m(lengths_m))


def test_the_floor_is_where_feet_stand_not_where_noise_is_lowest(
    walk: Callable[..., Motion], film: Callable[..., Any], camera: Camera, lengths_m: np.ndarray
) -> None:
    seen = film(walk(speed_m_s=0.0))
    joints = np.tile(seen.positions_camera_m[:1], (90, 1, 1))
    joints[10:20, ANKLES[0], 1] += 0.1
    stands = np.ones((90, 2), bool) & [False, True]
    person = standing(seen, camera, positions_m=joints)
    world = placed(joints, world_from_camera([person], [stands], gravity=told(0.0)))
    height_m = world[0, ANKLES[1], 1]
    assert height_m == pytest.approx(ankle_height_m(lengths_m), abs=1e-6)


def test_a_jump_leaves_the_floor(
    walk: Callable[..., Motion], film: Callable[..., Any], camera: Camera
) -> None:
    seen = film(walk(jump_m=0.5))
    ankles = placed(seen.positions_camera_m, found(standing(seen, camera)))[:, ANKLES, 1]
    assert ankles.min(1).max() - ankles.min() == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("pitch_rad", [-0.35, -0.15, 0.15, 0.35])
def test_a_walk_tells_the_pitch_of_the_camera(
    walk: Callable[..., Motion], film: Callable[..., Any], camera: Camera, pitch_rad: float
) -> None:
    for heading_rad in (0.0, 0.6, np.pi):
        seen = film(walk(frames=120, heading_rad=heading_rad), pitch_rad=pitch_rad, distance_m=7)
        assert tilt_deg(found(standing(seen, camera)), pitch_rad=pitch_rad) < 6


def test_who_stays_in_place_tells_it_too(
    walk: Callable[..., Motion], film: Callable[..., Any], camera: Camera
) -> None:
    seen = film(walk(speed_m_s=0.0), pitch_rad=0.3)
    gravity = gravity_of([standing(seen, camera)], calibration_of(DEFAULT_LIFTER))
    assert "body" in gravity.source
    assert gravity.pitch_rad == pytest.approx(0.3, abs=0.12)
    assert gravity.roll_rad == pytest.approx(0.0, abs=0.03)


@pytest.mark.parametrize("seed", range(5))
def test_a_level_camera_is_left_nearly_level(
    walk: Callable[..., Motion], film: Callable[..., Any], camera: Camera, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    seen = film(walk(heading_rad=rng.uniform(0, 6), speed_m_s=rng.uniform(0, 2)))
    noisy = seen.positions_camera_m + rng.normal(0, 0.01, (90, 17, 3))
    assert tilt_deg(found(standing(seen, camera, positions_m=noisy)), pitch_rad=0.0) < 4


@pytest.mark.parametrize("roll_deg", [25, -25])
def test_a_phone_that_leans_is_believed_to(
    walk: Callable[..., Motion], film: Callable[..., Any], camera: Camera, roll_deg: float
) -> None:
    seen = film(walk(heading_rad=0.7))
    roll_rad = np.radians(roll_deg)
    turn = quaternion_from_vector(np.array([0.0, 0.0, -roll_rad]))
    rolled = rotate(turn, seen.positions_camera_m)
    marked = replace(seen.poses_2d, keypoints_px=camera.project(rolled))
    gravity = gravity_of([Placed(marked, camera, rolled)], calibration_of(DEFAULT_LIFTER))
    assert np.degrees(gravity.roll_rad) == pytest.approx(roll_deg, abs=6)


def test_climbing_is_not_taken_for_a_tilted_camera(
    walk: Callable[..., Motion], film: Callable[..., Any], camera: Camera
) -> None:
    seen = film(walk())
    joints = seen.positions_camera_m.copy()
    joints[..., 1] -= 0.6 * (joints[:, :1, 2] - joints[0, 0, 2])
    assert tilt_deg(found(standing(seen, camera, positions_m=joints)), pitch_rad=0.0) < 12


def test_who_lies_says_little_and_that_is_said(
    walk: Callable[..., Motion], film: Callable[..., Any], camera: Camera
) -> None:
    seen = film(walk(speed_m_s=0.0))
    over = quaternion_from_vector(np.array([0.0, 0.0, np.pi / 2]))
    middle = seen.positions_camera_m.mean((0, 1))
    lying = rotate(over, seen.positions_camera_m - middle) + middle
    doubtful = gravity_of(
        [standing(seen, camera, positions_m=lying)], calibration_of(DEFAULT_LIFTER)
    )
    upright = gravity_of([standing(seen, camera)], calibration_of(DEFAULT_LIFTER))
    assert doubtful.confidence < UNSURE
    assert upright.confidence > SURE
    assert abs(doubtful.roll_rad) < 0.1


@pytest.mark.parametrize(("pitch_rad", "roll_rad"), [(0.3, 0.0), (-0.2, 0.1), (0.0, -0.4)])
def test_given_angles_are_undone(
    walk: Callable[..., Motion],
    film: Callable[..., Any],
    camera: Camera,
    pitch_rad: float,
    roll_rad: float,
) -> None:
    motion = walk(speed_m_s=0.0)
    seen = film(motion, pitch_rad=pitch_rad)
    rolled = rotate(
        quaternion_from_vector(np.array([0.0, 0.0, -roll_rad])), seen.positions_camera_m
    )
    person = standing(seen, camera, positions_m=rolled)
    transform = world_from_camera(
        [person], [np.zeros((90, 2), bool)], gravity=told(pitch_rad, roll_rad)
    )
    np.testing.assert_allclose(placed(rolled, transform), h36m_positions(motion), atol=1e-3)


def test_a_level_camera_has_the_worlds_axes() -> None:
    np.testing.assert_allclose(world_axes(told(0.0)), LEVEL, atol=1e-12)


def test_feet_stand_on_a_wall_and_on_the_floor_below_it(
    walk: Callable[..., Motion], film: Callable[..., Any], camera: Camera, lengths_m: np.ndarray
) -> None:
    still = walk(frames=180, speed_m_s=0.0)
    joints = np.tile(h36m_positions(still)[:1], (180, 1, 1))
    joints[..., 1] += ankle_height_m(lengths_m) - joints[..., ANKLES, 1].min()
    joints[:80, :, 1] += 2.0
    in_camera = (joints - [0.0, 1.0, 0.0]) * [1.0, -1.0, -1.0] + [0.0, 0.0, 9.0]
    seen = replace(film(still).poses_2d, keypoints_px=camera.project(in_camera))
    person = Placed(seen, camera, in_camera)
    stands = person.contacts(np.array([0.0, -1.0, 0.0]))
    assert stands[5:70].any(1).all()
    assert stands[95:].any(1).all()
    world = placed(in_camera, world_from_camera([person], [stands], gravity=told(0.0)))
    # One foot of this pose is lifted a little and held still: it stands for all we know.
    assert world[-1, ANKLES, 1].min() == pytest.approx(ankle_height_m(lengths_m), abs=0.12)


def test_guesses_of_who_is_hidden_do_not_dig_the_floor(
    walk: Callable[..., Motion], film: Callable[..., Any], camera: Camera, lengths_m: np.ndarray
) -> None:
    seen = film(walk(speed_m_s=0.0))
    joints = seen.positions_camera_m.copy()
    joints[30:60, :, 1] += 1.0  # y is down
    observed = np.ones((90, 17), bool)
    observed[30:60] = False
    person = Placed(replace(seen.poses_2d, observed=observed), camera, joints)
    nowhere = np.zeros((90, 2), bool)
    world = placed(joints, world_from_camera([person], [nowhere], gravity=told(0.0)))
    lowest_m = np.percentile(world[observed.any(1)][:, ANKLES, 1].min(1), 5)
    assert lowest_m == pytest.approx(ankle_height_m(lengths_m), abs=1e-6)


def test_a_few_ankles_that_are_seen_by_mistake_do_not_make_the_floor(
    walk: Callable[..., Motion], film: Callable[..., Any], camera: Camera, lengths_m: np.ndarray
) -> None:
    seen = film(walk(speed_m_s=0.0))
    joints = seen.positions_camera_m.copy()
    joints[40:43, :, 1] += 1.0
    observed = np.ones((90, 17), bool)
    observed[:, ANKLES] = False
    observed[40:43] = True
    person = Placed(replace(seen.poses_2d, observed=observed), camera, joints)
    nowhere = np.zeros((90, 2), bool)
    world = placed(joints, world_from_camera([person], [nowhere], gravity=told(0.0)))
    lowest_m = np.percentile(world[:, ANKLES, 1].min(1), 5)
    assert lowest_m == pytest.approx(ankle_height_m(lengths_m), abs=1e-6)
