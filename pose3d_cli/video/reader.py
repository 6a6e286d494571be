"""Read a video: what is known of it beforehand, then its pictures one by one."""

import contextlib
import logging
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from av.container import InputContainer
from av.video.stream import VideoStream
from jaxtyping import UInt8

from pose3d_cli.errors import InputError
from pose3d_cli.filming import AS_FILED, Filming
from pose3d_cli.sequences import Clip, Frame
from pose3d_cli.video.colour import RgbOf
from pose3d_cli.video.interlacing import deinterlaced
from pose3d_cli.video.orientation import Orientation
from pose3d_cli.video.selection import EVERYTHING, Selection
from pose3d_cli.video.source import begins_s, opened, path_of, readable, video_stream

logger = logging.getLogger(__name__)

_USUAL_FPS = tuple(
    Fraction(whole) * slower
    for whole in (24, 25, 30, 48, 50, 60, 100, 120, 240)
    for slower in (1, Fraction(1000, 1001))
)
_BLUR = 0.01
_MAX_FPS = 1000  # what FFmpeg reports for containers that count milliseconds and name no rate
_SQUARE_ENOUGH = 0.01
_SEEK_MARGIN_S = 2


def probe(path: Path, filming: Filming = AS_FILED) -> Clip:
    """Read the headers and the first picture of a video.

    Args:
        path: The file, or folder of pictures.
        filming: What it does not tell itself.

    Raises:
        InputError: the file is missing, is not a video, or not one picture can be decoded.
    """
    with opened(path) as container:
        stream = video_stream(container)
        first = next(_decoded(container, stream))
        orientation = Orientation.of(first).amended(filming)
        sides_px = (_square_pixel_width(first, stream), first.height)
        width_px, height_px = reversed(sides_px) if orientation.transposed else sides_px
        fps = _average_fps(container, stream)
        return Clip(
            path=path,
            width_px=width_px,
            height_px=height_px,
            fps=fps * filming.slow_motion,
            rotation_deg=orientation.rotation_deg,
            has_audio=bool(container.streams.audio),
            claimed_frames=stream.frames or round(_duration_s(container, stream) * fps),
            filming=filming,
        )


def read_frames(
    clip: Clip, *, selection: Selection = EVERYTHING, first: int = 0
) -> Iterator[Frame]:
    """Stream the upright pictures of a clip, not interlaced, all of one size; holds one at a time.

    Times count from where the file begins (``begins_s``) and always increase: where the file gives none, a picture comes one
    nominal interval after the one before, and where it repeats one or goes back, half an interval.
    Of a damaged or cut-off file everything that can be decoded is given, then a warning is logged.
    The file is closed when the iterator is.

    Args:
        clip: What :func:`probe` returned.
        selection: Which pictures; frames are counted from the first of them.
        first: Leave out the frames before this one, which saves most of the time that they take.

    Raises:
        InputError: the file cannot be opened, or not one picture can be decoded.
    """
    with opened(clip.path) as container:
        stream = video_stream(container)
        stream.thread_type = "AUTO"  # PyAV's default, SLICE, is half as fast
        _seek(container, stream, start_s=selection.start_s)
        orientation, rgb_of = None, RgbOf()
        timed = selection.chosen(_timed(container, stream, fps=clip.played_fps))
        for index, (time_s, picture) in enumerate(timed):
            # Only once: a picture whose side data was looked at is part of a reference cycle, and
            # hundreds of megabytes of them would wait for the garbage collector.
            orientation = orientation or Orientation.of(picture).amended(clip.filming)
            if index >= first:
                upright = orientation.upright(rgb_of(picture))
                rgb = _fitted(upright, width_px=clip.width_px, height_px=clip.height_px)
                yield Frame(index=index, time_s=time_s, rgb=rgb)


def _seek(container: InputContainer, stream: VideoStream, *, start_s: Fraction | None) -> None:
    """Go to a place from which everything from ``start_s`` on can be decoded."""
    if start_s is None or start_s <= _SEEK_MARGIN_S or stream.time_base is None:
        return
    # Early enough that no picture we want comes before the key frame that it needs.
    ticks = int((start_s - _SEEK_MARGIN_S + begins_s(container)) / stream.time_base)
    with contextlib.suppress(av.FFmpegError):  # what cannot be sought in is read from its start
        container.seek(ticks, stream=stream, backward=True)


def _timed(
    container: InputContainer, stream: VideoStream, *, fps: Fraction
) -> Iterator[tuple[Fraction, av.VideoFrame]]:
    tick_s = stream.time_base or 1 / fps
    interval = max(1, round(1 / (fps * tick_s)))
    ticks, origin_s = None, begins_s(container)
    for picture in deinterlaced(_decoded(container, stream)):
        ticks = _next_ticks(picture.pts, previous=ticks, interval=interval)
        yield ticks * tick_s - origin_s, picture


def _decoded(container: InputContainer, stream: VideoStream) -> Iterator[av.VideoFrame]:
    decoded = damaged = 0
    for packet in readable(container.demux(stream)):
        damaged += packet is None or packet.is_corrupt
        try:
            pictures = stream.decode(packet)
        except av.FFmpegError:
            damaged += 1
            continue
        decoded += len(pictures)
        yield from pictures
    if not decoded:
        raise InputError(
            f"not one picture of {path_of(container)} can be decoded",
            hint="It is damaged, or encoded in a way that is unknown here; does it play elsewhere?",
        )
    if damaged:
        logger.warning(
            "%s is damaged or cut off: %d pictures could be read", path_of(container), decoded
        )


def _next_ticks(pts: int | None, *, previous: int | None, interval: int) -> int:
    if previous is None:
        return pts or 0
    if pts is None:
        return previous + interval
    return pts if pts > previous else previous + max(1, interval // 2)


def _fitted(
    picture: UInt8[np.ndarray, "h w 3"], *, width_px: int, height_px: int
) -> UInt8[np.ndarray, "h2 w2 3"]:
    """Scale what is not of the clip's size: oblong pixels, or a size that changes on the way."""
    if picture.shape[:2] == (height_px, width_px):
        return picture
    return np.asarray(cv2.resize(picture, (width_px, height_px)), np.uint8)


def _square_pixel_width(frame: av.VideoFrame, stream: VideoStream) -> int:
    aspect = stream.sample_aspect_ratio or Fraction(1)
    return frame.width if abs(aspect - 1) < _SQUARE_ENOUGH else round(frame.width * aspect)


def _duration_s(container: InputContainer, stream: VideoStream) -> Fraction:
    """Return what the header says, 0 if nothing."""
    if stream.duration and stream.time_base:
        return stream.duration * stream.time_base
    return Fraction(container.duration or 0, av.time_base)


def _average_fps(container: InputContainer, stream: VideoStream) -> Fraction:
    fps = stream.average_rate or stream.base_rate
    if not fps or not 0 < fps < _MAX_FPS:
        logger.warning("%s names no frame rate: 30 per second assumed", path_of(container))
        return Fraction(30)
    # Rounded times and a last picture that lasts longer blur the average of a constant rate.
    nearest, duration_s = (
        min(_USUAL_FPS, key=lambda usual: abs(usual - fps)),
        _duration_s(container, stream),
    )
    if abs(nearest - fps) * duration_s < 1 and abs(nearest / fps - 1) < _BLUR:
        return nearest
    # Nor is the last picture of an unusual constant rate always shown for as long as the others.
    constant = stream.base_rate
    return constant if constant and abs(constant - fps) * duration_s <= 1 else fps
