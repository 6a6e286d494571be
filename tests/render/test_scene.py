from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from jaxtyping import Float, UInt8

from pose3d_cli.render.scene import Scene
from pose3d_cli.render.shot import choose_shot
from pose3d_cli.render.theme import THEMES
from pose3d_cli.sequences import Person
from pose3d_cli.skeleton import COCO17, H36M17

WIDTH_PX, HEIGHT_PX = 320, 360


def drawn(scene: Scene, frame: int = 0) -> UInt8[np.ndarray, "h w 3"]:
    rgb = np.zeros((HEIGHT_PX, WIDTH_PX, 3), np.uint8)
    scene.draw(rgb, frame=frame)
    return rgb


def scene_of(*people: Person) -> Scene:
    return Scene.of(people, width_px=WIDTH_PX, height_px=HEIGHT_PX)


def pixel_of(scene: Scene, point_m: Float[np.ndarray, "3"]) -> tuple[int, int]:
    x, y = scene.shot.camera.project(scene.shot.see(scene.shot.stage(point_m, frame=0)))
    return int(y), int(x)


@pytest.mark.parametrize("joint", ["elbow", "wrist", "knee", "ankle"])
def test_left_is_blue_right_is_orange_and_each_is_on_its_side(
    make_person: Callable[..., Person], pose_m: Float[np.ndarray, "17 3"], joint: str
) -> None:
    scene = scene_of(make_person(pose_m[None]))
    rgb = drawn(scene).astype(int)
    left, right = (
        pixel_of(scene, pose_m[H36M17.index(f"{side}_{joint}")]) for side in ("left", "right")
    )
    assert rgb[left][2] > rgb[left][0] + 40
    assert rgb[right][0] > rgb[right][2] + 40
    assert left[1] > right[1]  # somebody who faces us has their left hand on our right


def test_the_head_is_pale(
    make_person: Callable[..., Person], pose_m: Float[np.ndarray, "17 3"]
) -> None:
    scene = scene_of(make_person(pose_m[None]))
    head = drawn(scene)[pixel_of(scene, pose_m[H36M17.index("head")] - [0, 0.03, 0])].astype(int)
    assert head.min() > 130
    assert np.ptp(head) < 30


def test_whoever_is_nearer_hides_whoever_is_behind(
    make_person: Callable[..., Person], pose_m: Float[np.ndarray, "17 3"]
) -> None:
    back = choose_shot((), width_px=WIDTH_PX, height_px=HEIGHT_PX).camera_from_stage[2]
    behind = make_person((pose_m + 0.8 * back * [1, 0, 1])[None], person_id=2)
    before = make_person(pose_m[None])
    for people in ((before, behind), (behind, before)):
        scene = scene_of(*people)
        chest = pixel_of(scene, pose_m[H36M17.index("spine")] + [0.03, 0.1, 0.09])
        alone = replace(scene, figures=(scene.figures[people.index(before)],))
        assert np.abs(drawn(scene)[chest].astype(int) - drawn(alone)[chest]).max() <= 2


def test_somebody_who_is_not_there_leaves_the_stage_empty(
    make_person: Callable[..., Person], pose_m: Float[np.ndarray, "17 3"]
) -> None:
    scene = scene_of(make_person(np.tile(pose_m, (3, 1, 1)), first_frame=5))
    empty = replace(scene, figures=())
    for frame in (0, 4, 8, 100):
        assert (drawn(scene, frame) == drawn(empty, frame)).all()
    for frame in (5, 7):
        assert (drawn(scene, frame) != drawn(empty, frame)).any()


def test_feet_darken_the_floor_and_a_jump_lightens_it(
    make_person: Callable[..., Person], pose_m: Float[np.ndarray, "17 3"]
) -> None:
    scene = scene_of(make_person(np.stack([pose_m, pose_m + np.array([0, 0.5, 0])])))
    below = pose_m[H36M17.index("left_ankle")] * [1, 0, 1] + [0.02, 0, 0.09]
    at = pixel_of(scene, below)
    empty = drawn(replace(scene, figures=()))[at].mean()
    standing, jumping = (drawn(scene, frame)[at].mean() for frame in (0, 1))
    assert standing < 0.9 * empty
    assert standing < jumping <= empty


def test_a_scene_draws_the_same_frame_the_same_way_again(
    make_person: Callable[..., Person], pose_m: Float[np.ndarray, "17 3"]
) -> None:
    scene = scene_of(make_person(np.stack([pose_m, pose_m + 0.1])))
    first = drawn(scene)
    drawn(scene, 1)
    assert (drawn(scene) == first).all()


def test_people_behind_the_camera_are_not_drawn(
    make_person: Callable[..., Person], pose_m: Float[np.ndarray, "17 3"]
) -> None:
    scene = scene_of(make_person(pose_m[None]))
    gone = make_person((pose_m + 1.5 * scene.shot.eye_m)[None])
    assert (
        drawn(replace(scene, figures=scene_of(gone).figures)) == drawn(replace(scene, figures=()))
    ).all()


def test_another_skeleton_is_refused(
    make_person: Callable[..., Person], pose_m: Float[np.ndarray, "17 3"]
) -> None:
    person = make_person(pose_m[None])
    with pytest.raises(ValueError, match="coco17"):
        scene_of(replace(person, world=replace(person.world, skeleton=COCO17)))


def test_a_panel_twice_as_large_looks_the_same(
    make_person: Callable[..., Person], pose_m: Float[np.ndarray, "17 3"]
) -> None:
    person = make_person(np.tile(pose_m, (40, 1, 1)) + np.linspace(0, 0.5, 40)[:, None, None])
    small = np.empty((360, 320, 3), np.uint8)
    large = np.empty((720, 640, 3), np.uint8)
    for rgb in (small, large):
        size = {"width_px": rgb.shape[1], "height_px": rgb.shape[0]}
        Scene.of([person], **size, trail_s=1.0, theme=THEMES["light"]).draw(rgb, frame=39)
    shrunk = large.reshape(360, 2, 320, 2, 3).mean(axis=(1, 3))
    off = np.abs(shrunk - small).max(axis=-1)
    assert off.mean() < 2
    assert (off > 60).mean() < 0.002
