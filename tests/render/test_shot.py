from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from jaxtyping import Float

from pose3d_cli.geometry.camera import Camera
from pose3d_cli.render.shot import ELEVATION_DEG, Shot, choose_shot
from pose3d_cli.sequences import Person

SIZE_PX = (320, 360)


def walk_m(
    pose_m: Float[np.ndarray, "17 3"], *, to_m: tuple[float, float, float], frames: int = 60
) -> Float[np.ndarray, "f 17 3"]:
    way_m = np.linspace(0, 1, frames)[:, None, None] * np.array(to_m)
    return np.asarray(pose_m + way_m)


def shot_of(*people: Person) -> Shot:
    return choose_shot(people, width_px=SIZE_PX[0], height_px=SIZE_PX[1])


def pixels(shot: Shot, points_m: Float[np.ndarray, "f j 3"]) -> Float[np.ndarray, "f j 2"]:
    return np.stack(
        [
            shot.camera.project(shot.see(shot.stage(p, frame=frame)))
            for frame, p in enumerate(points_m)
        ]
    )


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    way=st.tuples(*[st.floats(-12, 12)] * 3).map(lambda p: (p[0], abs(p[1]) / 12, p[2])),
    start=st.tuples(st.floats(-20, 20), st.floats(-20, 20)),
)
@example(way=(0.0, 0.0, 1.5), start=(0.0, 3.5))  # into the plane of the camera that filmed them
def test_everybody_is_in_the_picture_all_the_time(
    make_person: Callable[..., Person],
    pose_m: Float[np.ndarray, "17 3"],
    way: tuple[float, float, float],
    start: tuple[float, float],
) -> None:
    there = walk_m(pose_m, to_m=way) + np.array([start[0], 0, start[1]])
    seen = pixels(shot_of(make_person(there)), np.concatenate([there, there * [1, 0, 1]], axis=1))
    assert (seen > 0).all()
    assert (seen < SIZE_PX).all()


def test_two_people_are_both_in_the_picture(
    make_person: Callable[..., Person], pose_m: Float[np.ndarray, "17 3"]
) -> None:
    left, right = (np.tile(pose_m + np.array([x, 0, 0]), (10, 1, 1)) for x in (-2, 1.5))
    shot = shot_of(make_person(left), make_person(right, person_id=2))
    for there in (left, right):
        seen = pixels(shot, there)
        assert ((seen > 0) & (seen < SIZE_PX)).all()


def test_the_camera_stands_still_for_somebody_on_the_spot(
    make_person: Callable[..., Person], pose_m: Float[np.ndarray, "17 3"]
) -> None:
    assert not shot_of(make_person(walk_m(pose_m, to_m=(0.5, 0, 0)))).moves


def test_a_far_walk_is_followed_without_shrinking_the_walker(
    make_person: Callable[..., Person], pose_m: Float[np.ndarray, "17 3"]
) -> None:
    there = walk_m(pose_m, to_m=(12, 0, 0), frames=240)
    seen = pixels(shot_of(make_person(there)), there)
    heights = np.ptp(seen[..., 1], axis=1)
    assert heights.min() > 0.35 * SIZE_PX[1]
    assert heights.max() < 1.2 * heights.min()


def test_the_camera_glides(
    make_person: Callable[..., Person], pose_m: Float[np.ndarray, "17 3"]
) -> None:
    shaken = walk_m(pose_m, to_m=(12, 0, 0), frames=240)
    shaken += np.random.default_rng(0).normal(0, 0.05, (240, 1, 3))
    path = shot_of(make_person(shaken)).pivots_m
    steps = np.linalg.norm(np.diff(path, axis=0), axis=1)
    assert steps.max() < 1.3 * 12 / 240
    assert np.abs(path[:, 1]).max() == 0


def test_the_view_is_upright_from_above_and_from_the_side_of_the_real_camera(
    make_person: Callable[..., Person], pose_m: Float[np.ndarray, "17 3"]
) -> None:
    shot = shot_of(make_person(pose_m[None]))
    right, _, ahead = shot.camera_from_stage
    assert right[1] == pytest.approx(0)
    assert ahead[1] == pytest.approx(-np.sin(np.radians(ELEVATION_DEG)))
    assert ahead[2] < -0.5
    assert right[0] > 0.5
    np.testing.assert_allclose(
        shot.camera_from_stage @ shot.camera_from_stage.T, np.eye(3), atol=1e-12
    )
    assert np.linalg.det(shot.camera_from_stage) == pytest.approx(1)


def known_shot(camera: Camera, *, turns_rad: tuple[float, float] = (0, 0)) -> Shot:
    """Return a camera 1 m up and 5 m in front of a stage that goes 2 m to the right."""
    pivots_m = np.array([[0, 0, 0], [2.0, 0, 0]])
    ahead, eye_m = np.diag([1.0, -1.0, -1.0]), np.array([0, 1.0, 5.0])
    return Shot(camera, ahead, eye_m, np.zeros(3), pivots_m, np.array(turns_rad, float))


def test_a_known_point_is_at_a_known_pixel() -> None:
    camera = Camera(200, 100, 300.0, "option")
    shot = known_shot(camera)
    points = np.array([[0, 1.0, 0], [1.0, 2.0, -1.0]])
    first, second = (shot.see(shot.stage(points, frame=frame)) for frame in (0, 1))
    np.testing.assert_allclose(camera.project(first), [[100, 50], [150, 0]], atol=1e-12)
    np.testing.assert_allclose(camera.project(second[:1]), [[-20, 50]])


def test_a_camera_that_has_gone_a_quarter_round_to_its_right_sees_the_persons_left() -> None:
    shot = known_shot(Camera(200, 100, 300.0, "option"), turns_rad=(np.pi / 2, 0))
    left_hand = shot.stage(np.array([[1.0, 0, 0]]), frame=0)
    np.testing.assert_allclose(left_hand, [[0, 0, 1]], atol=1e-12)  # nearest to the camera


def test_after_the_last_pose_the_camera_stays_where_it_is() -> None:
    assert known_shot(Camera.assumed(20, 10)).pivot(7).tolist() == [2, 0, 0]


@pytest.mark.parametrize("way_m", [(0, 0, 0), (2, 0, -1), (14, 0, 3)])
def test_an_orbiting_camera_keeps_everybody_in_view(
    make_person: Callable[..., Person],
    pose_m: Float[np.ndarray, "17 3"],
    way_m: tuple[float, float, float],
) -> None:
    there = walk_m(pose_m, to_m=way_m, frames=200)
    width_px, height_px = SIZE_PX
    shot = choose_shot(
        [make_person(there)], width_px=width_px, height_px=height_px, orbit_rad_s=1.2
    )
    assert shot.moves
    assert np.ptp(shot.turns_rad) > 6.28
    seen = pixels(shot, np.concatenate([there, there * [1, 0, 1]], axis=1))
    assert ((seen > 0) & (seen < SIZE_PX)).all()


def test_people_who_come_late_and_leave_early_keep_the_camera_calm(
    make_person: Callable[..., Person], pose_m: Float[np.ndarray, "17 3"]
) -> None:
    early = make_person(walk_m(pose_m, to_m=(9, 0, 0), frames=90))
    late = make_person(walk_m(pose_m, to_m=(0, 0, 9), frames=90), person_id=2, first_frame=150)
    path = shot_of(early, late).pivots_m
    assert len(path) == 240
    assert np.linalg.norm(np.diff(path, axis=0), axis=1).max() < 0.35


def test_an_empty_clip_has_a_view_too() -> None:
    shot = shot_of()
    seen = shot.camera.project(shot.see(np.array([[0, 0, 0], [0, 1.8, 0]])))
    assert ((seen > 0) & (seen < SIZE_PX)).all()


def test_who_is_lost_does_not_make_others_small(
    make_person: Callable[..., Person], pose_m: Float[np.ndarray, "17 3"]
) -> None:
    there = np.tile(pose_m, (120, 1, 1))
    away = there.copy()
    away[50:70] += [9.0, 0, 0]
    observed = np.ones((120, 17), bool)
    observed[20:100] = False
    person = make_person(away)
    lost = replace(person, poses_2d=replace(person.poses_2d, observed=observed))
    np.testing.assert_allclose(shot_of(lost).eye_m, shot_of(make_person(there)).eye_m)
    assert np.linalg.norm(shot_of(person).eye_m - shot_of(lost).eye_m) > 1


def test_who_moves_about_the_cameras_own_origin_stands_on_the_floor_all_the_same(
    make_person: Callable[..., Person], pose_m: Float[np.ndarray, "17 3"]
) -> None:
    there = walk_m(pose_m - [0.0, pose_m[:, 1].min(), 0.0], to_m=(1.0, 0.0, 0.5))
    below = there - [0.0, 1.4, 3.0]
    shot = shot_of(make_person(below))
    np.testing.assert_allclose(shot.stage(below[0], frame=0)[:, 1], there[0, :, 1], atol=1e-9)
    np.testing.assert_allclose(pixels(shot, below), pixels(shot_of(make_person(there)), there))


def test_who_is_a_little_in_the_floor_does_not_move_it(
    make_person: Callable[..., Person], pose_m: Float[np.ndarray, "17 3"]
) -> None:
    sunk = walk_m(pose_m - [0.0, pose_m[:, 1].min() + 0.1, 0.0], to_m=(1.0, 0.0, 0.5))
    shot = shot_of(make_person(sunk))
    np.testing.assert_array_equal(shot.stage(sunk[0], frame=0)[:, 1], sunk[0, :, 1])
