"""Heads whose turn is known, before a camera that sees their faces."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from pose3d_cli.geometry.camera import Camera
from pose3d_cli.geometry.rotations import multiply, quaternion_from_vector, rotate
from pose3d_cli.motion.facing import FACE_M, Facing
from pose3d_cli.motion.settings import MotionSettings
from pose3d_cli.motion.solve import Sighting, solve
from pose3d_cli.sequences import Face, Motion, Person
from pose3d_cli.skeleton import RIG

CAMERA_FROM_WORLD = np.diag([1.0, -1.0, -1.0, 1.0])
UP = np.array([0.0, 1.0, 0.0])
FRAMES = 60
STILL = np.tile([1.0, 0.0, 0.0, 0.0], (FRAMES, 1))


def seen(
    turns_rad: np.ndarray, camera: Camera, *, at_m: np.ndarray, body: np.ndarray = STILL
) -> np.ndarray:
    """Return the keypoints of heads that are turned that much on their bodies."""
    head = multiply(quaternion_from_vector(turns_rad[:, None] * UP), body)
    world = at_m + rotate(head[:, None], FACE_M)
    return camera.project(world @ CAMERA_FROM_WORLD[:3, :3].T)


def twist(
    keypoints_px: np.ndarray,
    camera: Camera,
    *,
    at_m: np.ndarray,
    body: np.ndarray = STILL,
    confidence: float = 0.9,
) -> np.ndarray:
    face = Face(keypoints_px, np.full(keypoints_px.shape[:2], confidence))
    return Facing(face, camera, CAMERA_FROM_WORLD).twist(
        body, np.tile(UP, (FRAMES, 1)), at_m=np.tile(at_m, (FRAMES, 1)), fps=30.0
    )


@pytest.mark.parametrize("turn_deg", [-60, -20, 0, 45])
@pytest.mark.parametrize("x_m", [-1.5, 0.0, 1.5])
def test_a_head_is_turned_as_its_face_is(turn_deg: float, x_m: float, camera: Camera) -> None:
    at_m = np.array([x_m, 1.5, -3.0])
    turns = np.full(FRAMES, np.radians(turn_deg))
    found = np.degrees(twist(seen(turns, camera, at_m=at_m), camera, at_m=at_m))
    # Heads prefer to look ahead, so that turns come out a sixth smaller.
    np.testing.assert_allclose(found, 0.84 * turn_deg, atol=3)


def test_the_back_of_a_head_tells_too(camera: Camera) -> None:
    at_m = np.array([0.0, 1.5, -3.0])
    away = np.tile(quaternion_from_vector(np.pi * UP), (FRAMES, 1))
    turns = np.full(FRAMES, 0.5)
    found = twist(seen(turns, camera, at_m=at_m, body=away), camera, at_m=at_m, body=away)
    np.testing.assert_allclose(found, 0.5, atol=0.1)


def test_a_face_that_was_not_seen_says_nothing(camera: Camera) -> None:
    at_m = np.array([0.0, 1.5, -3.0])
    keypoints = seen(np.full(FRAMES, 1.0), camera, at_m=at_m)
    np.testing.assert_allclose(twist(keypoints, camera, at_m=at_m, confidence=0.2), 0, atol=1e-9)


def test_a_moment_out_of_sight_is_passed_smoothly(camera: Camera) -> None:
    at_m = np.array([0.0, 1.5, -3.0])
    keypoints = seen(np.full(FRAMES, 0.6), camera, at_m=at_m)
    confidence = np.full((FRAMES, 5), 0.9)
    confidence[25:31] = 0.0
    facing = Facing(Face(keypoints, confidence), camera, CAMERA_FROM_WORLD)
    found = facing.twist(STILL, np.tile(UP, (FRAMES, 1)), at_m=np.tile(at_m, (FRAMES, 1)), fps=30.0)
    assert found[25:31].min() > 0.25
    assert np.abs(np.diff(found)).max() < 0.05


def test_noise_is_averaged_and_what_is_far_away_counts_less(camera: Camera) -> None:
    rng = np.random.default_rng(0)
    for distance_m, least in ((2.0, 0.45), (40.0, -0.1)):
        at_m = np.array([0.0, 1.5, -distance_m])
        keypoints = seen(np.full(FRAMES, 0.6), camera, at_m=at_m)
        found = twist(keypoints + 3 * rng.normal(size=keypoints.shape), camera, at_m=at_m)
        assert least < found.mean() < 0.7
        assert np.abs(np.diff(found)).max() < 0.05


def test_the_motion_shows_it_and_no_joint_moves(
    walk: Callable[..., Motion], film: Callable[..., Any], camera: Camera
) -> None:
    filmed = film(walk(heading_rad=0.0), distance_m=4)

    def solved(face: Face | None) -> Person:
        sighting = Sighting(1, replace(filmed.poses_2d, face=face), filmed.poses_3d)
        (person,) = solve([sighting], camera=camera, settings=MotionSettings(pin_feet=False))
        return person

    ahead = solved(None)
    back = ahead.world.camera_from_world
    head = ahead.world.positions_m[:, 9]
    turned = quaternion_from_vector(np.tile(0.6 * UP, (len(head), 1)))
    points = head[:, None] + rotate(turned[:, None], FACE_M)
    keypoints = camera.project(points @ back[:3, :3].T + back[:3, 3])
    aside = solved(Face(keypoints, np.full(keypoints.shape[:2], 0.9)))

    np.testing.assert_allclose(aside.world.positions_m, ahead.world.positions_m, atol=1e-9)
    nose = np.array([0.0, 0.0, 1.0])
    at = RIG.index("Head")
    found = rotate(aside.motion.rotations_wxyz[:, at], nose)
    before = rotate(ahead.motion.rotations_wxyz[:, at], nose)
    turn = np.arctan2(found[:, 0], found[:, 2]) - np.arctan2(before[:, 0], before[:, 2])
    assert 0.35 < np.median(turn) < 0.75


def test_any_number_of_frames_will_do(camera: Camera) -> None:
    at_m = np.array([[0.0, 1.5, -3.0]])
    face = Face(np.full((1, 5, 2), 500.0), np.full((1, 5), 0.9))
    found = Facing(face, camera, CAMERA_FROM_WORLD).twist(
        STILL[:1], UP[None], at_m=at_m, fps=float(Fraction(30))
    )
    assert np.isfinite(found).all()
