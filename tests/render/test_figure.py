from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from jaxtyping import Float, UInt8

from pose3d_cli.render.scene import Scene
from pose3d_cli.sequences import Person
from pose3d_cli.skeleton import H36M17

WRIST = H36M17.index("left_wrist")


@pytest.fixture
def waving(make_person: Callable[..., Person], pose_m: Float[np.ndarray, "17 3"]) -> Person:
    """Somebody whose left hand goes up and to the side for two seconds."""
    positions = np.tile(pose_m, (60, 1, 1))
    positions[:, WRIST] += np.linspace([0, -0.4, 0], [0.2, 0.4, 0], 60)
    return make_person(positions)


def scene_of(*people: Person, trail_s: float = 0.0) -> Scene:
    return Scene.of(people, width_px=320, height_px=360, trail_s=trail_s)


def drawn(scene: Scene, frame: int) -> UInt8[np.ndarray, "h w 3"]:
    rgb = np.empty((360, 320, 3), np.uint8)
    scene.draw(rgb, frame=frame)
    return rgb


def changed(person: Person, frame: int, trail_s: float) -> Float[np.ndarray, "h w"]:
    with_trails, without = (
        drawn(scene_of(person, trail_s=seconds), frame).astype(int) for seconds in (trail_s, 0.0)
    )
    return np.asarray(np.abs(with_trails - without).max(axis=-1), float)


def pixel_of(person: Person, scene: Scene, frame: int) -> tuple[int, int]:
    place_m = scene.shot.stage(person.world.positions_m[frame, WRIST], frame=frame)
    x, y = scene.shot.camera.project(scene.shot.see(place_m))
    return int(y), int(x)


def test_a_trail_shows_where_a_hand_has_been_and_fades(waving: Person) -> None:
    scene = scene_of(waving, trail_s=1.5)
    change = changed(waving, 50, 1.5)
    newer, older, never = (pixel_of(waving, scene, frame) for frame in (40, 10, 59))
    assert change[newer] > 2 * change[older] > 0
    assert change[never] == 0


def test_trails_are_as_long_as_was_asked_for(waving: Person) -> None:
    covered = [np.count_nonzero(changed(waving, 55, seconds) > 8) for seconds in (0.0, 0.3, 1.0)]
    assert covered[0] == 0
    assert covered[2] > 2 * covered[1] > 0


def test_the_first_frame_has_no_trail(waving: Person) -> None:
    assert not changed(waving, 0, 1.0).any()


def test_somebody_who_stands_still_has_no_trail_to_speak_of(
    make_person: Callable[..., Person], pose_m: Float[np.ndarray, "17 3"]
) -> None:
    still = make_person(np.tile(pose_m, (60, 1, 1)))
    assert np.count_nonzero(changed(still, 50, 1.0) > 8) < 40


def test_limbs_that_were_not_seen_are_drawn_lighter(waving: Person) -> None:
    observed = waving.poses_2d.observed.copy()
    observed[:, WRIST] = False
    unseen = replace(waving, poses_2d=replace(waving.poses_2d, observed=observed))
    scene, faint = (scene_of(person) for person in (waving, unseen))
    empty = drawn(replace(scene, figures=()), 30).astype(int)
    elbow = waving.world.positions_m[30, H36M17.index("left_elbow")]
    middle_m = (waving.world.positions_m[30, WRIST] + elbow) / 2
    x, y = scene.shot.camera.project(scene.shot.see(scene.shot.stage(middle_m, frame=30)))
    at = (int(y), int(x))
    strong, weak = (np.abs(drawn(s, 30)[at] - empty[at]).max() for s in (scene, faint))
    assert 0.2 * strong < weak < 0.45 * strong


def test_several_people_have_numbers(waving: Person) -> None:
    other = replace(waving, id=2, poses_2d=replace(waving.poses_2d, first_frame=500))
    alone, beside = scene_of(waving), scene_of(waving, other)
    assert alone.figures[0].label is None
    place_m = beside.figures[0].label_m(beside.shot, frame=0)
    x, y = beside.shot.camera.project(place_m)
    silent = replace(beside, figures=(replace(beside.figures[0], label=None),))
    differs = (drawn(beside, 0) != drawn(silent, 0)).any(axis=-1)
    rows, columns = np.nonzero(differs)
    assert (columns.mean(), rows.mean()) == pytest.approx((x, y), abs=1.5)
