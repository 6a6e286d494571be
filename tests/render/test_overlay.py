from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from jaxtyping import Float, UInt8

from pose3d_cli.geometry.camera import Camera
from pose3d_cli.render.overlay import Overlay
from pose3d_cli.sequences import Person
from pose3d_cli.skeleton import H36M17

HEIGHT_PX, WIDTH_PX = 240, 320


@pytest.fixture
def person(make_person: Callable[..., Person], pose_m: Float[np.ndarray, "17 3"]) -> Person:
    """Three frames of somebody 200 px tall who faces the camera."""
    person = make_person(np.tile(pose_m, (3, 1, 1)))
    keypoints = np.tile(pose_m[:, :2] * [110, -110] + [160, 220], (3, 1, 1))
    return replace(person, poses_2d=replace(person.poses_2d, keypoints_px=keypoints))


def seen_as(person: Person, **changes: Any) -> Person:
    return replace(person, poses_2d=replace(person.poses_2d, **changes))


def drawn(
    *people: Person, frame: int = 1, grey: int = 128, scale: float = 1.0
) -> UInt8[np.ndarray, "h w 3"]:
    panel_px = (round(scale * WIDTH_PX), round(scale * HEIGHT_PX))
    rgb = np.full((panel_px[1], panel_px[0], 3), grey, np.uint8)
    camera = Camera.assumed(WIDTH_PX, HEIGHT_PX)
    Overlay.of(people, camera=camera, panel_px=panel_px).draw(rgb, frame=frame)
    return rgb


def middle_of(person: Person, child: str) -> tuple[int, int]:
    joint = H36M17.index(child)
    x, y = person.poses_2d.keypoints_px[1, [joint, H36M17.parents[joint]]].mean(axis=0)
    return int(y), int(x)


def hue_of(pixel: UInt8[np.ndarray, "3"]) -> str:
    return "blue" if int(pixel[2]) > int(pixel[0]) + 40 else "orange"


@pytest.mark.parametrize("bone", ["knee", "ankle", "elbow", "wrist"])
def test_bones_have_the_colour_of_their_side(person: Person, bone: str) -> None:
    rgb = drawn(person)
    assert hue_of(rgb[middle_of(person, f"left_{bone}")]) == "blue"
    assert hue_of(rgb[middle_of(person, f"right_{bone}")]) == "orange"


@pytest.mark.parametrize("grey", [0, 255])
def test_a_dark_line_goes_round_limbs_on_any_background(person: Person, grey: int) -> None:
    y, x = middle_of(person, "left_knee")
    across = drawn(person, grey=grey)[y, x : x + 12].astype(int)
    assert hue_of(across[0].astype(np.uint8)) == "blue"
    assert across.max(axis=1).min() < 130
    assert (across[-1] == grey).all()


def fitted_px(person: Person) -> Float[np.ndarray, "f 17 2"]:
    back = person.world.camera_from_world
    seen_m = person.world.positions_m @ back[:3, :3].T + back[:3, 3]
    return Camera.assumed(WIDTH_PX, HEIGHT_PX).project(seen_m)


def test_what_was_not_seen_is_faint_and_where_the_motion_has_it(person: Person) -> None:
    wrist = H36M17.index("left_wrist")
    observed, there = person.poses_2d.observed.copy(), person.poses_2d.keypoints_px.copy()
    observed[:, wrist], there[:, wrist] = False, fitted_px(person)[:, wrist]
    seen = seen_as(person, keypoints_px=there)
    at = middle_of(seen, "left_wrist")
    faint, full = (
        np.abs(drawn(who).astype(int)[at] - 128).max()
        for who in (seen_as(person, observed=observed), seen)
    )
    assert 0.2 * full < faint < 0.45 * full


def test_who_is_lost_is_not_drawn_and_has_no_number(
    make_person: Callable[..., Person], pose_m: Float[np.ndarray, "17 3"]
) -> None:
    person = make_person(np.tile(pose_m, (120, 1, 1)))
    observed = person.poses_2d.observed.copy()
    observed[30:90] = False
    lost, other = seen_as(person, observed=observed), make_person(pose_m[None], person_id=2)
    for frame, is_drawn in ((29, True), (35, True), (60, False), (85, True), (90, True)):
        assert (drawn(lost, other, frame=frame) != 128).any() == is_drawn


def test_the_less_certain_the_fainter(person: Person) -> None:
    strengths = []
    for confidence in (0.0, 0.2, 0.4, 1.0):
        unsure = seen_as(person, confidence=np.full((3, 17), confidence))
        strengths.append(np.abs(drawn(unsure).astype(int) - 128).sum())
    assert strengths == sorted(set(strengths))


@pytest.mark.parametrize("frame", [-1, 3, 50])
def test_nobody_is_drawn_where_nobody_is(person: Person, frame: int) -> None:
    assert (drawn(person, frame=frame) == 128).all()


def test_the_first_frame_may_come_late(person: Person) -> None:
    late = seen_as(person, first_frame=7)
    assert (drawn(late, frame=6) == 128).all()
    assert (drawn(late, frame=8) == drawn(person, frame=1)).all()


def test_joints_outside_of_the_picture_do_no_harm(person: Person) -> None:
    keypoints = person.poses_2d.keypoints_px
    assert (drawn(seen_as(person, keypoints_px=keypoints + 5000)) == 128).all()
    assert (drawn(seen_as(person, keypoints_px=keypoints - [160, 100])) != 128).any()


def test_lines_are_as_thick_as_the_person_is_big(person: Person) -> None:
    once, twice = (np.any(drawn(person, scale=s) != 128, axis=-1).sum() for s in (2.0, 4.0))
    assert twice == pytest.approx(4 * once, rel=0.08)


def test_an_overlay_twice_as_large_looks_the_same(person: Person) -> None:
    small, large = (drawn(person, scale=scale).astype(float) for scale in (2.0, 4.0))
    shrunk = large.reshape(small.shape[0], 2, small.shape[1], 2, 3).mean(axis=(1, 3))
    assert np.abs(shrunk - small).mean() < 1.0


def test_a_shift_by_whole_pixels_shifts_the_drawing(person: Person) -> None:
    shifted = seen_as(person, keypoints_px=person.poses_2d.keypoints_px + np.array([9, -7]))
    rolled = np.roll(drawn(person), (-7, 9), axis=(0, 1)).astype(int)
    assert np.abs(rolled - drawn(shifted)).max() <= 2


def test_the_drawing_is_centred_on_its_joints(person: Person) -> None:
    keypoints = np.full((3, 17, 2), [100.0, 60.0])
    keypoints[:, H36M17.index("head"), 0] += 1e-3
    covered = np.any(drawn(seen_as(person, keypoints_px=keypoints)) != 128, axis=-1)
    rows, columns = np.nonzero(covered)
    assert (rows.mean() + 0.5, columns.mean() + 0.5) == pytest.approx((60, 100), abs=0.1)


def test_the_nearer_limb_is_drawn_over_the_farther(
    make_person: Callable[..., Person], pose_m: Float[np.ndarray, "17 3"]
) -> None:
    left, right = H36M17.index("left_wrist"), H36M17.index("right_wrist")
    for nearer, hue in ((left, "blue"), (right, "orange")):
        crossed = pose_m.copy()
        crossed[left], crossed[right] = [-0.3, 1.2, 0.3], [0.3, 1.2, 0.3]
        crossed[nearer, 2] = 0.9
        person = make_person(np.tile(crossed, (3, 1, 1)))
        x, y = person.poses_2d.keypoints_px[1, [left, right]].mean(axis=0)
        window = drawn(person)[int(y) - 8 : int(y) + 8, int(x) - 8 : int(x) + 8]
        blue = (window[..., 2].astype(int) > window[..., 0].astype(int) + 40).sum()
        orange = (window[..., 0].astype(int) > window[..., 2].astype(int) + 40).sum()
        assert (blue > orange) == (hue == "blue")


def test_people_have_numbers_only_where_there_are_several(person: Person) -> None:
    other = replace(seen_as(person, first_frame=50), id=2)
    x, y = person.poses_2d.keypoints_px[1, H36M17.index("head")]
    above = np.s_[max(int(y) - 34, 0) : int(y) - 18, int(x) - 8 : int(x) + 8]
    assert (drawn(person)[above] == 128).all()
    assert (drawn(person, other)[above] != 128).any()
