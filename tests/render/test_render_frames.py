import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from jaxtyping import Float, UInt8

from pose3d_cli.geometry.camera import Camera
from pose3d_cli.render import LayoutName, Renderer, RenderSettings, render_frames
from pose3d_cli.sequences import Frame, Person

FITTED = RenderSettings(overlay="fitted")


def frames(width: int, height: int, *, count: int = 3) -> Iterator[Frame]:
    noise = np.random.default_rng(0)
    for index in range(count):
        rgb = noise.integers(0, 256, (height, width, 3), np.uint8)
        yield Frame(index, Fraction(1001 * index, 30000), rgb)


@pytest.fixture
def person(make_person: Callable[..., Person], pose_m: Float[np.ndarray, "17 3"]) -> Person:
    return make_person(np.tile(pose_m, (2, 1, 1)))


@pytest.mark.parametrize(
    ("width", "height", "composed"),
    [
        (640, 480, (480, 960)),
        (64, 48, (480, 960)),
        (641, 361, (480, 1278)),
        (270, 480, (480, 540)),
        (2, 2, (480, 750)),
    ],
)
def test_any_clip_becomes_an_even_picture(
    person: Person, width: int, height: int, composed: tuple[int, int]
) -> None:
    camera = Camera.assumed(width, height)
    picture, _ = next(render_frames(frames(width, height), [person], camera=camera))
    assert picture.shape == (*composed, 3)
    assert picture.dtype == np.uint8
    assert picture.flags.c_contiguous


def test_times_and_count_are_those_of_the_frames(person: Person) -> None:
    times = [t for _, t in render_frames(frames(64, 48), [person], camera=Camera.assumed(64, 48))]
    assert times == [Fraction(0), Fraction(1001, 30000), Fraction(2002, 30000)]


def test_frames_are_taken_one_at_a_time(person: Person) -> None:
    taken = []

    def watched() -> Iterator[Frame]:
        for frame in frames(64, 48, count=5):
            taken.append(frame.index)
            yield frame

    pictures = render_frames(watched(), [person], camera=Camera.assumed(64, 48))
    assert taken == []
    for expected in itertools.accumulate([1] * 5):
        next(pictures)
        assert len(taken) == expected


def test_pictures_do_not_change_once_they_are_given_out(person: Person) -> None:
    pictures = render_frames(frames(64, 48), [person], camera=Camera.assumed(64, 48))
    first, _ = next(pictures)
    before = first.copy()
    next(pictures)
    assert (first == before).all()


def test_the_clip_itself_is_not_drawn_on(person: Person) -> None:
    clip = list(frames(640, 480))
    before = [frame.rgb.copy() for frame in clip]
    for _ in render_frames(clip, [person], camera=Camera.assumed(640, 480)):
        pass
    for frame, rgb in zip(clip, before, strict=True):
        assert (frame.rgb == rgb).all()


def test_without_people_the_picture_is_the_frame_beside_an_empty_stage() -> None:
    clip = list(frames(640, 480))
    pictures = [p for p, _ in render_frames(clip, [], camera=Camera.assumed(640, 480))]
    for frame, picture in zip(clip, pictures, strict=True):
        assert (picture[:, :640] == frame.rgb).all()
        assert (picture[:, 640:] == pictures[0][:, 640:]).all()


def test_people_are_drawn_in_their_frames_only(person: Person) -> None:
    clip = list(frames(640, 480))
    camera = Camera.assumed(640, 480)
    pictures = [p for p, _ in render_frames(clip, [person], camera=camera)]
    changed = [
        (picture[:, :640] != frame.rgb).any() for frame, picture in zip(clip, pictures, strict=True)
    ]
    assert changed == [True, True, False]
    assert (pictures[0][:, 640:] != pictures[2][:, 640:]).any()


def test_fitted_joints_are_drawn_where_the_camera_sees_them(
    person: Person, clip_camera: Camera
) -> None:
    clip = list(frames(320, 240, count=1))
    lost = replace(person.poses_2d, keypoints_px=np.zeros((2, 17, 2)))
    seen = next(render_frames(clip, [person], camera=clip_camera))[0]
    fitted = next(
        render_frames(clip, [replace(person, poses_2d=lost)], camera=clip_camera, settings=FITTED)
    )[0]
    assert (seen == fitted).all()


def test_joints_behind_the_lens_do_no_harm(
    make_person: Callable[..., Person],
    pose_m: Float[np.ndarray, "17 3"],
    clip_camera: Camera,
) -> None:
    behind = make_person((pose_m + np.array([0, 0, 7]))[None])
    pictures = render_frames(frames(320, 240), [behind], camera=clip_camera, settings=FITTED)
    assert next(pictures)[0].shape == (480, 960, 3)


def test_the_height_can_be_chosen_for_the_whole_picture(person: Person) -> None:
    pictures = render_frames(
        frames(640, 480),
        [person],
        camera=Camera.assumed(640, 480),
        settings=RenderSettings(height_px=240),
    )
    assert next(pictures)[0].shape == (240, 480, 3)


def composed(person: Person, layout: LayoutName, *, grey: int = 128) -> UInt8[np.ndarray, "h w 3"]:
    clip = [Frame(0, Fraction(0), np.full((480, 640, 3), grey, np.uint8))]
    settings = RenderSettings(layout=layout)
    pictures = render_frames(clip, [person], camera=Camera.assumed(640, 480), settings=settings)
    return next(pictures)[0]


def test_layouts_show_the_same_clip_and_the_same_view(person: Person) -> None:
    side, overlay, inset, alone = (
        composed(person, name) for name in ("side", "overlay", "pip", "3d-only")
    )
    assert (side[:, :640] == overlay).all()
    assert alone.shape == overlay.shape
    changed = (inset != overlay).any(axis=-1)
    rows, columns = np.nonzero(changed)
    assert changed[rows.min() : rows.max(), columns.min() : columns.max()].mean() > 0.99
    assert 0.05 < changed.mean() < 0.2


def test_the_view_alone_does_not_show_the_clip(person: Person) -> None:
    assert (composed(person, "3d-only") == composed(person, "3d-only", grey=7)).all()


def test_an_inset_has_round_corners_with_a_bright_border(person: Person) -> None:
    inset, overlay = composed(person, "pip", grey=0), composed(person, "overlay", grey=0)
    rows, columns = np.nonzero((inset != overlay).any(axis=-1))
    top, left = rows.min(), columns.min()
    assert (inset[top, left] == overlay[top, left]).all()
    assert inset[rows.max() // 2 + top // 2, left].min() > 150


def test_the_light_theme_is_lighter_and_leaves_the_clip_alone(person: Person) -> None:
    clip = [Frame(0, Fraction(0), np.full((480, 640, 3), 128, np.uint8))]
    dark, light = (
        next(
            render_frames(
                clip,
                [person],
                camera=Camera.assumed(640, 480),
                settings=RenderSettings(theme=theme),
            )
        )[0]
        for theme in ("dark", "light")
    )
    assert light[:, 640:].mean() > dark[:, 640:].mean() + 100
    assert (light[:, :640] == dark[:, :640]).all()


def test_an_orbit_starts_with_the_view_from_the_side_and_goes_on(person: Person) -> None:
    clip = list(frames(320, 240, count=2))
    orbit = RenderSettings(layout="3d-only", orbit_rad_s=2.0)
    first, second = (
        picture
        for picture, _ in render_frames(
            clip, [person], camera=Camera.assumed(320, 240), settings=orbit
        )
    )
    assert (first != second).any(axis=-1).mean() > 0.05


def test_threads_compose_the_same_pictures(person: Person) -> None:
    camera = Camera.assumed(320, 240)
    settings = RenderSettings(orbit_rad_s=1.0, trail_s=0.5)
    clip = list(frames(320, 240, count=12))
    renderer = Renderer.of([person], camera=camera, settings=settings)
    one_by_one = [renderer.compose(frame) for frame in clip]
    with ThreadPoolExecutor(4) as pool:
        for expected, picture in zip(one_by_one, pool.map(renderer.compose, clip), strict=True):
            assert (expected == picture).all()
