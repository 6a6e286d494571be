import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pose3d_cli.detect.letterbox import GREY, Letterbox

SIDES_PX = st.integers(1, 5000)


@given(SIDES_PX, SIDES_PX)
def test_the_input_is_the_smallest_rectangle_of_whole_strides(width: int, height: int) -> None:
    box = Letterbox.around(width, height, longest_px=640)

    assert max(box.inner_px) == 640 == max(box.input_px)
    for inner, outer in zip(box.inner_px, box.input_px, strict=True):
        assert outer % 32 == 0
        assert 0 <= outer - inner < 32


@given(SIDES_PX, SIDES_PX)
def test_corners_of_the_scaled_picture_are_corners_of_the_picture(width: int, height: int) -> None:
    box = Letterbox.around(width, height, longest_px=640)
    corners_px = np.array([box.corner_px, np.add(box.corner_px, box.inner_px)], float)

    np.testing.assert_allclose(box.back(corners_px), [(0, 0), (width, height)], atol=1e-9)


@pytest.mark.parametrize(
    ("size", "expected"),
    [((1920, 1080), (640, 384)), ((1080, 1920), (384, 640)), ((640, 480), (640, 480))],
)
def test_wide_and_tall_pictures_are_not_padded_to_a_square(
    size: tuple[int, int], expected: tuple[int, int]
) -> None:
    assert Letterbox.around(*size, longest_px=640).input_px == expected


def test_what_lies_in_the_picture_is_found_where_it_was() -> None:
    rgb = np.zeros((540, 1000, 3), np.uint8)
    rgb[300:310, 700:710] = 255
    box = Letterbox.around(1000, 540, longest_px=640)

    laid_out = box.laid_out(rgb)

    rows, columns = np.nonzero(laid_out[..., 0] > 127)
    seen = [rows == y for y in np.unique(rows) if laid_out[y].min() < GREY]
    centre = np.array([columns[np.any(seen, axis=0)].mean(), rows[np.any(seen, axis=0)].mean()])
    np.testing.assert_allclose(box.back(centre + 0.5), (705, 305), atol=1.0)


def test_all_around_the_picture_is_grey() -> None:
    box = Letterbox.around(100, 50, longest_px=640)
    laid_out = box.laid_out(np.zeros((50, 100, 3), np.uint8))

    (x, y), (width, height) = box.corner_px, box.inner_px
    assert (laid_out[y : y + height, x : x + width] == 0).all()
    assert laid_out.sum() == (laid_out.shape[0] * laid_out.shape[1] - width * height) * 3 * GREY
