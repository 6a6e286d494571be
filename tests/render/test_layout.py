import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pose3d_cli.render.layout import MAX_HEIGHT_PX, MAX_WIDTH_PX, MIN_HEIGHT_PX, Layout, Panel
from pose3d_cli.render.settings import LayoutName

NAMES: tuple[LayoutName, ...] = ("side", "overlay", "pip", "3d-only")
CORNERS = [(0, 0), (1, 0), (0, 1), (1, 1)]
sides = st.integers(16, 4320)
names = st.sampled_from(NAMES)
quickly = settings(max_examples=40, deadline=None)  # other work may slow the machine down


def panels(layout: Layout) -> list[Panel]:
    return [panel for panel in (layout.picture, layout.view) if panel]


@quickly
@given(width=sides, height=sides, name=names)
def test_all_sizes_are_even(width: int, height: int, name: LayoutName) -> None:
    layout = Layout.named(name, (width, height))
    sizes = [layout.width_px, layout.height_px]
    for panel in panels(layout):
        sizes += [panel.left_px, panel.top_px, panel.width_px, panel.height_px]
    assert not any(size % 2 for size in sizes)


@quickly
@given(width=sides, height=sides, name=st.sampled_from(["side", "overlay", "pip"]))
def test_the_picture_keeps_its_aspect(width: int, height: int, name: LayoutName) -> None:
    layout = Layout.named(name, (width, height))
    assert layout.picture is not None
    exact = layout.height_px * width / height
    assert abs(layout.picture.width_px - exact) <= 2 + width / height


@quickly
@given(width=sides, height=sides, name=st.sampled_from(["overlay", "pip", "3d-only"]))
def test_the_height_stays_within_bounds(width: int, height: int, name: LayoutName) -> None:
    layout = Layout.named(name, (width, height))
    assert MIN_HEIGHT_PX <= layout.height_px <= MAX_HEIGHT_PX
    if MIN_HEIGHT_PX <= height <= MAX_HEIGHT_PX:
        assert abs(layout.height_px - height) <= 1


@quickly
@given(width=sides, height=sides)
def test_side_by_side_is_as_high_as_it_may_be_and_no_wider_than_players_take(
    width: int, height: int
) -> None:
    layout = Layout.named("side", (width, height))
    assert MIN_HEIGHT_PX <= layout.height_px <= MAX_HEIGHT_PX
    if layout.height_px > MIN_HEIGHT_PX:
        assert layout.width_px <= MAX_WIDTH_PX + 2  # both panels may have been rounded up
        as_wide = layout.width_px > MAX_WIDTH_PX - 8
        assert as_wide or abs(layout.height_px - min(height, MAX_HEIGHT_PX)) <= 1


@quickly
@given(
    aspect=st.floats(0.4, 2.5),
    height=st.integers(240, 2160),
    name=names,
    corner=st.sampled_from(CORNERS),
)
def test_panels_lie_inside_and_leave_nothing_black(
    aspect: float, height: int, name: LayoutName, corner: tuple[int, int]
) -> None:
    clip_px = (round(aspect * height), height)
    layout = Layout.named(name, clip_px, height_px=height, corner=corner)
    covered = np.zeros((layout.height_px, layout.width_px, 3), np.uint8)
    for panel in panels(layout):
        part = panel.of(covered)
        assert part.shape == (panel.height_px, panel.width_px, 3)
        part[:] += 1
    assert covered.min() == 1
    assert (covered.max() == 2) == (name == "pip")


@pytest.mark.parametrize(
    ("clip", "output"),
    [
        ((1280, 720), (1280, 640, 720)),
        ((1920, 1080), (1280, 640, 720)),
        ((3840, 2160), (1280, 640, 720)),
        ((1440, 1080), (1280, 640, 960)),
        ((1080, 1080), (1080, 608, 1080)),
        ((3440, 1440), (1352, 566, 566)),
        ((1080, 1920), (608, 608, 1080)),  # portrait: as wide as the picture
        ((640, 480), (640, 320, 480)),
        ((64, 48), (640, 320, 480)),
        ((641, 361), (852, 426, 480)),
    ],
)
def test_known_sizes_side_by_side(clip: tuple[int, int], output: tuple[int, int, int]) -> None:
    layout = Layout.named("side", clip)
    picture, view = panels(layout)
    assert (picture.width_px, view.width_px, layout.height_px) == output
    assert view.left_px == picture.width_px


@pytest.mark.parametrize("corner", CORNERS)
@pytest.mark.parametrize("clip", [(1920, 1080), (1080, 1920), (1000, 1000)])
def test_an_inset_is_near_its_corner_and_small(
    clip: tuple[int, int], corner: tuple[int, int]
) -> None:
    layout = Layout.named("pip", clip, corner=corner)
    view = layout.view
    assert view is not None
    assert 0.05 < view.width_px * view.height_px / layout.width_px / layout.height_px < 0.2
    gaps = [
        (view.left_px, layout.width_px - view.left_px - view.width_px)[corner[0]],
        (view.top_px, layout.height_px - view.top_px - view.height_px)[corner[1]],
    ]
    assert gaps[0] == gaps[1] > 0


def test_the_height_can_be_chosen() -> None:
    assert Layout.named("side", (1280, 720), height_px=360).height_px == 360
    assert Layout.named("overlay", (1280, 720), height_px=2160).width_px == 3840


def test_a_picture_without_size_is_refused() -> None:
    with pytest.raises(ValueError, match="0×48"):
        Layout.named("side", (0, 48))
