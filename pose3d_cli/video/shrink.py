"""A small copy of a clip, to put inside of something else."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import cv2
import numpy as np

from pose3d_cli.sequences import Clip, Frame
from pose3d_cli.video.writer import TimedPicture, write_video

HEIGHT_PX = 540
CRF = 27
"""Of x264: a minute takes about 5 MB."""


def write_small(path: Path, frames: Iterable[Frame], *, clip: Clip) -> None:
    """Write an H.264 copy of at most ``HEIGHT_PX`` lines, with the clip's own times and sound.

    Raises:
        OutputError: the file cannot be written.
        InputError: the clip cannot be read any more.
    """
    write_video(
        path, _smaller(frames), fps=clip.played_fps, source=clip, crf=CRF, preset="veryfast"
    )


def _smaller(frames: Iterable[Frame]) -> Iterator[TimedPicture]:
    for frame in frames:
        height, width = frame.rgb.shape[:2]
        scale = min(1.0, HEIGHT_PX / height)
        size = (round(width * scale), round(height * scale))
        picture = cv2.resize(frame.rgb, size, interpolation=cv2.INTER_AREA)
        yield picture.astype(np.uint8, copy=False), frame.time_s
