from dataclasses import replace

import numpy as np
import pytest
from jaxtyping import Float, UInt8

from pose3d_cli.geometry.camera import Camera
from pose3d_cli.render.floor import Floor
from pose3d_cli.render.shot import Shot, choose_shot
from pose3d_cli.render.theme import THEMES

SIZE_PX = (320, 360)
STANDING = choose_shot((), width_px=SIZE_PX[0], height_px=SIZE_PX[1])
DARK = THEMES["dark"]


def moved(*, by_m: tuple[float, float] = (0, 0), turned_rad: float = 0.0) -> Shot:
    """Return a shot whose second frame is seen from elsewhere."""
    pivots = STANDING.pivots_m[[0, 0]] + [[0, 0, 0], [by_m[0], 0, by_m[1]]]
    return replace(STANDING, pivots_m=pivots, turns_rad=np.array([0, turned_rad]))


def drawn(floor: Floor, frame: int = 0) -> UInt8[np.ndarray, "h w 3"]:
    rgb = np.empty((SIZE_PX[1], SIZE_PX[0], 3), np.uint8)
    floor.draw(rgb, frame=frame)
    return rgb


def brightness_at(
    rgb: UInt8[np.ndarray, "h w 3"],
    point_m: Float[np.ndarray, "3"],
    *,
    shot: Shot = STANDING,
    frame: int = 0,
) -> float:
    seen = shot.camera.project(shot.see(shot.stage(point_m, frame=frame)))
    x, y = np.floor(seen).astype(int)
    return float(rgb[y, x].mean())


@pytest.mark.parametrize("x", [-1.0, 0.0])
@pytest.mark.parametrize("z", [-1.0, 0.0])
def test_lines_run_through_whole_metres(x: float, z: float) -> None:
    rgb = drawn(Floor.seen_in(STANDING, DARK))
    beside = brightness_at(rgb, np.array([x + 0.25, 0, z + 0.25]))
    assert brightness_at(rgb, np.array([x, 0, z])) > beside + 25
    assert brightness_at(rgb, np.array([x, 0, z + 0.25])) > beside + 25


def test_half_metres_are_marked_more_faintly() -> None:
    rgb = drawn(Floor.seen_in(STANDING, DARK))
    plain, whole, half = (brightness_at(rgb, np.array([x, 0, 0.25])) for x in (0.25, 0.0, 0.5))
    assert plain + 8 < half < whole


def test_the_floor_fades_into_the_distance() -> None:
    rgb = drawn(Floor.seen_in(STANDING, DARK)).mean(axis=-1)
    ahead = STANDING.camera_from_stage[2] * [1, 0, 1]
    near, far = (
        brightness_at(drawn(Floor.seen_in(STANDING, DARK)), ahead * way + [0.2, 0, 0.2])
        for way in (0, 9)
    )
    assert near > far + 15
    assert rgb[0].mean() < near


@pytest.mark.parametrize("turned_rad", [0.0, 0.4, 1.9, -2.5])
def test_lines_stay_with_the_world_when_the_camera_moves(turned_rad: float) -> None:
    shot = moved(by_m=(0.2, -0.1), turned_rad=turned_rad)
    rgb = drawn(Floor.seen_in(shot, DARK), 1)
    for x, z in ((0.0, 0.25), (0.25, 0.0), (0.0, -0.2), (-0.3, 0.0)):
        on = brightness_at(rgb, np.array([x, 0, z]), shot=shot, frame=1)
        off = brightness_at(rgb, np.array([0.25, 0, 0.25]), shot=shot, frame=1)
        assert on > off + 15


def test_a_camera_that_goes_a_whole_metre_sees_the_same_floor() -> None:
    whole, part = (Floor.seen_in(moved(by_m=way), DARK) for way in ((1, -2), (0.3, 0)))
    assert np.abs(drawn(whole).astype(int) - drawn(whole, 1)).max() <= 1
    assert np.abs(drawn(part).astype(int) - drawn(part, 1)).max() > 30


def test_a_camera_that_goes_a_quarter_round_sees_the_same_lines() -> None:
    floor = Floor.seen_in(moved(turned_rad=np.pi / 2), DARK)
    assert np.abs(drawn(floor).astype(int) - drawn(floor, 1)).max() <= 2


def test_a_moving_camera_starts_with_the_standing_view() -> None:
    floor = Floor.seen_in(moved(by_m=(1, 0)), DARK)
    assert (drawn(floor) == drawn(Floor.seen_in(STANDING, DARK))).all()


def test_drawing_leaves_nothing_of_the_previous_picture() -> None:
    floor = Floor.seen_in(STANDING, DARK)
    rgb = np.full((SIZE_PX[1], SIZE_PX[0], 3), 255, np.uint8)
    floor.draw(rgb, frame=0)
    assert (rgb == drawn(floor)).all()


def test_the_light_room_is_light_and_its_lines_are_dark() -> None:
    rgb = drawn(Floor.seen_in(STANDING, THEMES["light"]))
    assert rgb.min() > 110
    beside, line = (brightness_at(rgb, np.array([x, 0, 0.25])) for x in (0.25, 0.0))
    assert line < beside - 25


def test_a_camera_on_the_floor_draws_a_dark_room() -> None:
    still = {"pivots_m": np.zeros((1, 3)), "turns_rad": np.zeros(1)}
    eye_m, ahead = np.array([0, 0.05, 5]), np.diag([1.0, -1, -1])
    low = Shot(Camera.assumed(64, 48), ahead, eye_m, np.zeros(3), **still)
    rgb = np.empty((48, 64, 3), np.uint8)
    Floor.seen_in(low, DARK).draw(rgb, frame=0)
    assert rgb[:20].max() < 80
