import numpy as np
import pytest
from jaxtyping import Float, UInt8

from pose3d_cli.geometry.camera import Camera
from pose3d_cli.render.floor import Floor
from pose3d_cli.render.shot import Shot, choose_shot

SIZE_PX = (320, 360)
STANDING = choose_shot((), width_px=SIZE_PX[0], height_px=SIZE_PX[1])
GLIDING = Shot(
    STANDING.camera,
    STANDING.camera_from_world,
    STANDING.eye_m,
    STANDING.centre_m,
    np.array([[0, 0, 0], [1.0, 0, 0]]),
)


def drawn(
    floor: Floor, shift_m: tuple[float, float, float] = (0, 0, 0)
) -> UInt8[np.ndarray, "h w 3"]:
    rgb = np.empty((SIZE_PX[1], SIZE_PX[0], 3), np.uint8)
    floor.draw(rgb, shift_m=np.array(shift_m, float))
    return rgb


def brightness_at(rgb: UInt8[np.ndarray, "h w 3"], point_m: Float[np.ndarray, "3"]) -> float:
    x, y = np.floor(STANDING.camera.project(STANDING.see(point_m, frame=0))).astype(int)
    return float(rgb[y, x].mean())


@pytest.mark.parametrize("x", [-1.0, 0.0])
@pytest.mark.parametrize("z", [-1.0, 0.0])
def test_lines_run_through_whole_metres(x: float, z: float) -> None:
    rgb = drawn(Floor.seen_in(STANDING))
    beside = brightness_at(rgb, np.array([x + 0.25, 0, z + 0.25]))
    assert brightness_at(rgb, np.array([x, 0, z])) > beside + 25
    assert brightness_at(rgb, np.array([x, 0, z + 0.25])) > beside + 25


def test_half_metres_are_marked_more_faintly() -> None:
    rgb = drawn(Floor.seen_in(STANDING))
    plain, whole, half = (brightness_at(rgb, np.array([x, 0, 0.25])) for x in (0.25, 0.0, 0.5))
    assert plain + 8 < half < whole


def test_the_floor_fades_into_the_distance() -> None:
    rgb = drawn(Floor.seen_in(STANDING)).mean(axis=-1)
    ahead = STANDING.camera_from_world[2] * [1, 0, 1]
    near, far = (
        brightness_at(drawn(Floor.seen_in(STANDING)), ahead * way + [0.2, 0, 0.2]) for way in (0, 9)
    )
    assert near > far + 15
    assert rgb[0].mean() < near


def test_a_camera_that_goes_a_whole_metre_sees_the_same_floor() -> None:
    floor = Floor.seen_in(GLIDING)
    assert np.abs(drawn(floor).astype(int) - drawn(floor, (1, 0, -2))).max() <= 1
    assert np.abs(drawn(floor).astype(int) - drawn(floor, (0.3, 0, 0))).max() > 30


def test_a_gliding_camera_starts_with_the_standing_view() -> None:
    assert (drawn(Floor.seen_in(GLIDING)) == drawn(Floor.seen_in(STANDING))).all()


def test_drawing_leaves_nothing_of_the_previous_picture() -> None:
    floor = Floor.seen_in(STANDING)
    rgb = np.full((SIZE_PX[1], SIZE_PX[0], 3), 255, np.uint8)
    floor.draw(rgb, shift_m=np.zeros(3))
    assert (rgb == drawn(floor)).all()


def test_a_camera_on_the_floor_draws_a_dark_room() -> None:
    low = Shot(
        Camera.assumed(64, 48),
        np.diag([1.0, -1, -1]),
        np.array([0, 0.05, 5]),
        np.zeros(3),
        np.zeros((1, 3)),
    )
    rgb = np.empty((48, 64, 3), np.uint8)
    Floor.seen_in(low).draw(rgb, shift_m=np.zeros(3))
    assert rgb[:20].max() < 80
