"""Open a video file, or say in one line why that is impossible."""

import contextlib
import os
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import av
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from pose3d_cli.errors import InputError
from pose3d_cli.video.growing import growing_file
from pose3d_cli.video.images import FPS, pictures_in

if TYPE_CHECKING:
    Packet: TypeAlias = av.Packet[Any]
else:
    Packet = av.Packet  # generic in PyAV's stubs only

_PROTOCOL = "file:"
_HINT = "Give a video file such as .mp4, .mov, .mkv or .webm."


@contextlib.contextmanager
def opened(path: Path) -> Iterator[InputContainer]:
    """Yield the opened file, or folder of pictures; it is closed when the block ends.

    A file that is still being recorded is waited for.

    Raises:
        InputError: there is no such file, or nothing in it is known as video or sound.
    """
    growing = growing_file(path)
    if growing is None and not path.exists():
        raise InputError(f"{path} does not exist", hint="Check the path.")
    pictures = pictures_in(path) if path.is_dir() else None
    try:
        if pictures is None:
            container = av.open(growing or local_url(path), mode="r", metadata_errors="replace")
        else:
            container = av.open(
                pictures, mode="r", format=pictures.demuxer, options={"framerate": FPS}
            )
    except OSError as error:
        raise InputError(
            f"cannot read {path}: {error.strerror}", hint="Check who may read it, and the disk."
        ) from error
    except av.FFmpegError as error:
        raise InputError(
            f"{path} is not a video, or it is cut off before its index",
            hint=f"{_HINT} An unfinished recording or download cannot be read.",
        ) from error
    with container:
        yield container


def video_stream(container: InputContainer) -> VideoStream:
    """Return the moving picture of an opened file.

    Raises:
        InputError: there is none, or this FFmpeg has no decoder for it.
    """
    path = path_of(container)
    # FFmpeg's "tty" demuxer draws any .txt file as a terminal screen.
    streams = () if container.format.name == "tty" else container.streams.video
    moving = [s for s in streams if not s.disposition & Disposition.attached_pic]
    if not moving:
        raise InputError(f"{path} has no video in it", hint=_HINT)
    if moving[0].codec_context is None:
        raise InputError(
            f"{path} is encoded in a way that cannot be decoded here",
            hint="Convert it to H.264 first: ffmpeg -i IN -c:v libx264 OUT.mp4",
        )
    return moving[0]


def begins_s(container: InputContainer) -> Fraction:
    """Return when the first picture or sound comes by the file's own clock, where players show 0.

    Camcorders, and streams that were saved, count from anywhere.
    """
    tracks = (*container.streams.video, *container.streams.audio)
    starts_s = [
        track.start_time * track.time_base
        for track in tracks
        if track.start_time is not None and track.time_base is not None
    ]
    if len(starts_s) < len(tracks):
        starts_s.append(Fraction(container.start_time or 0, av.time_base))
    # What comes before 0 is there for decoders to settle.
    return max(Fraction(0), min(starts_s, default=Fraction(0)))


def local_url(path: Path) -> str:
    """Return the path in a form that FFmpeg cannot take for a protocol, as it would ``a:b.mp4``."""
    return f"{_PROTOCOL}{os.fspath(path)}"


def path_of(container: InputContainer) -> str:
    """Return the path that the container was opened with."""
    return container.name.removeprefix(_PROTOCOL)


def readable(packets: Iterator[Packet]) -> Iterator[Packet | None]:
    """Yield packets until the file cannot be read any further, then None, which flushes decoders."""
    try:
        yield from packets
    except av.FFmpegError:
        yield None
