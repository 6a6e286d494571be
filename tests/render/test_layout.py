import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pose3d_cli.render.layout import MAX_HEIGHT_PX, MIN_HEIGHT_PX, Layout

sides = st.integers(16, 4320)
quickly = settings(max_examples=40, deadline=None)  # other work may slow the machine down


@quickly
@given(width=sides, height=sides)
def test_all_sizes_are_even(width: int, height: int) -> None:
    layout = Layout.beside(width, height)
    sizes = (layout.picture_width_px, layout.view_width_px, layout.width_px, layout.height_px)
    assert not any(size % 2 for size in sizes)


@quickly
@given(width=sides, height=sides)
def test_the_picture_keeps_its_aspect(width: int, height: int) -> None:
    layout = Layout.beside(width, height)
    exact = layout.height_px * width / height
    assert abs(layout.picture_width_px - exact) <= 2 + width / height


@quickly
@given(width=sides, height=sides)
def test_the_height_stays_within_bounds(width: int, height: int) -> None:
    layout = Layout.beside(width, height)
    assert MIN_HEIGHT_PX <= layout.height_px <= MAX_HEIGHT_PX
    if MIN_HEIGHT_PX <= height <= MAX_HEIGHT_PX:
        assert abs(layout.height_px - height) <= 1


@pytest.mark.parametrize(
    ("clip", "output"),
    [
        ((1280, 720), (1280, 640, 720)),
        ((1920, 1080), (1920, 960, 1080)),
        ((3840, 2160), (1920, 960, 1080)),
        ((1080, 1920), (608, 608, 1080)),  # portrait: as wide as the picture
        ((640, 480), (640, 320, 480)),
        ((64, 48), (640, 320, 480)),
        ((641, 361), (852, 426, 480)),
    ],
)
def test_known_layouts(clip: tuple[int, int], output: tuple[int, int, int]) -> None:
    layout = Layout.beside(*clip)
    assert (layout.picture_width_px, layout.view_width_px, layout.height_px) == output


def test_a_lower_cap_wins() -> None:
    assert Layout.beside(1280, 720, max_height_px=360).height_px == 360


def test_a_picture_without_size_is_refused() -> None:
    with pytest.raises(ValueError, match="0×48"):
        Layout.beside(0, 48)
