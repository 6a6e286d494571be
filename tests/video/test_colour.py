"""Colours come out as each picture's own matrix and range say."""

import av
import numpy as np
import pytest
from av.video.reformatter import ColorRange, Colorspace

from pose3d_cli.video.colour import RgbOf

PALE_GREEN = (150, 100, 110)
"""Y′, Cb, Cr."""
BT709, BT601 = Colorspace.ITU709, Colorspace.ITU601
LIMITED, FULL = ColorRange.MPEG, ColorRange.JPEG


def plain_picture(
    matrix: Colorspace, levels: ColorRange, *, width: int = 64, height: int = 48
) -> av.VideoFrame:
    luma, *chroma = PALE_GREEN
    quarter = np.repeat(np.array(chroma, np.uint8), width * height // 4).reshape(-1, width)
    planes = np.concatenate([np.full((height, width), luma, np.uint8), quarter])
    frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
    frame.colorspace, frame.color_range = matrix, levels
    return frame


@pytest.mark.parametrize(
    ("matrix", "levels", "rgb"),
    [  # ITU-R BT.709 and BT.601, section 3, by hand
        (BT709, LIMITED, (124, 172, 97)),
        (BT601, LIMITED, (127, 182, 100)),
        (BT709, FULL, (122, 164, 98)),
    ],
)
def test_a_picture_has_the_colours_that_its_matrix_says(
    matrix: Colorspace, levels: ColorRange, rgb: tuple[int, int, int]
) -> None:
    converted = RgbOf()(plain_picture(matrix, levels))
    np.testing.assert_allclose(converted[24, 32], rgb, atol=2)


def test_what_came_before_does_not_matter() -> None:
    rgb_of = RgbOf()
    for matrix, levels, width in (
        *((BT709, LIMITED, 64), (BT601, LIMITED, 64), (BT601, FULL, 64)),
        *((BT709, LIMITED, 128), (BT709, FULL, 64), (BT601, LIMITED, 128)),
    ):
        picture = plain_picture(matrix, levels, width=width)
        np.testing.assert_array_equal(rgb_of(picture), RgbOf()(picture))
