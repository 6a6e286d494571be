"""Camcorders film odd and even lines at different times; what is read was filmed at one."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from pose3d_cli.video.reader import probe, read_frames

Film = Callable[..., Path]
STEP_PX = 6
FRAMES = 8
INTERLACED = {"x264-params": "tff=1", "qp": "0"}
"""Of pictures that tell nothing FFmpeg takes the lower lines to be first."""


def wall(left_px: int) -> np.ndarray:
    """White from some column on."""
    picture = np.zeros((96, 128, 3), np.uint8)
    picture[:, left_px:] = 255
    return picture


def interlaced(frame: int) -> np.ndarray:
    picture = wall((2 * frame + 1) * STEP_PX)
    picture[1::2] = wall(2 * frame * STEP_PX)[1::2]
    return picture


def test_combs_are_gone_and_the_first_lines_tell_when(film: Film) -> None:
    pictures = [interlaced(frame) for frame in range(FRAMES)]
    path = film(size_px=(128, 96), pictures=pictures, ticks=range(FRAMES), options=INTERLACED)

    frames = list(read_frames(probe(path)))

    assert [frame.time_s for frame in frames] == [n / probe(path).fps for n in range(FRAMES)]
    for number, frame in enumerate(frames):
        filmed = wall(2 * number * STEP_PX)
        torn = np.abs(pictures[number][8:-8].astype(float) - filmed[8:-8]).mean()
        off = np.abs(frame.rgb[8:-8].astype(float) - filmed[8:-8]).mean()
        assert off < 0.35 * torn, (number, off, torn)


def test_a_single_interlaced_picture_is_a_clip(film: Film) -> None:
    path = film(size_px=(128, 96), pictures=[interlaced(3)], ticks=[0], options=INTERLACED)
    assert len(list(read_frames(probe(path)))) == 1


def test_other_videos_are_not_touched(film: Film) -> None:
    pictures = [interlaced(frame) for frame in range(FRAMES)]
    path = film(size_px=(128, 96), pictures=pictures, ticks=range(FRAMES), options={"qp": "0"})
    for frame, picture in zip(read_frames(probe(path)), pictures, strict=True):
        np.testing.assert_allclose(frame.rgb.mean(axis=1), picture.mean(axis=1), atol=2)
