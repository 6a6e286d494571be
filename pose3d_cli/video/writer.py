"""Write pictures as an H.264 video that plays in a browser, with the sound of its source."""

import contextlib
import heapq
import itertools
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.video.stream import VideoStream
from jaxtyping import UInt8

from pose3d_cli.files import written_whole
from pose3d_cli.sequences import Clip
from pose3d_cli.streams import ahead
from pose3d_cli.video.colour import i420_of, tag_i420
from pose3d_cli.video.drawn import KEY
from pose3d_cli.video.sound import Stretch, carry_sound, sound_start_s
from pose3d_cli.video.source import Packet, begins_s, local_url, opened, video_stream

TimedPicture = tuple[UInt8[np.ndarray, "h w 3"], Fraction]
"""RGB and its presentation time in seconds."""

_TICKS_HZ = 90_000
_MOST_TICKS_HZ = 10_000_000  # an mp4 has 31 bits for the ticks between two pictures


def write_video(  # noqa: PLR0913 - eight things that a caller may choose
    path: Path,
    pictures: Iterable[TimedPicture],
    *,
    fps: Fraction,
    source: Clip | None = None,
    stretch_s: Stretch | None = None,
    crf: int = 20,
    preset: str = "superfast",
    note: str | None = None,
) -> None:
    """Encode pictures as they come; the file appears only when it is complete.

    Times are kept exactly, equally spaced or not, except that the video starts at 0 where the
    source starts: pictures and sound are moved by the same amount.

    Args:
        path: The mp4 file.
        pictures: All of one size, times increasing. Odd sides are padded by one line.
        fps: The nominal rate; the last picture is shown for one interval of it.
        source: Whose sound to carry over, and in whose time base to count. Without one, times are
            counted in 1/90000 s, or finer where ``fps`` needs that.
        stretch_s: What part of the source it is, so that no other sound is carried over and the
            video starts there; None is all of it.
        crf: x264's quality, 1 (best) to 51; 6 less about doubles the size.
        preset: x264's trade of speed against size, from ultrafast to veryslow.
        note: What the file says of itself, such as ``drawn.NOTE``.

    Raises:
        OutputError: the folder is missing, read-only or full.
        InputError: the source cannot be read any more.
        ValueError: there are no pictures, their size changes, or their times do not increase.
    """
    with written_whole(path) as part, contextlib.ExitStack() as stack:
        original = stack.enter_context(opened(source.path)) if source else None
        first, pictures = _first_and_all(pictures)
        before_s = begins_s(original) if original else Fraction(0)
        if stretch_s is not None:
            stretch_s = (stretch_s[0] + before_s, stretch_s[1] + before_s)
        clock = _clock(first[1], fps=fps, original=original, with_all_sound=stretch_s is None)
        # The movie's own timescale is 1/1000 s by default, too coarse for a late first picture.
        options = {"movflags": "+faststart", "movie_timescale": str(clock.tick_s.denominator)}
        url = local_url(part)
        with av.open(url, mode="w", format="mp4", container_options=options) as output:
            if note:
                output.metadata[KEY] = note
            track = output.add_stream(
                "libx264", rate=fps, options={"crf": str(crf), "preset": preset}
            )
            _describe(track, first[0])
            video = _encoded(track, pictures, clock)
            sound: Iterable[Packet] = ()
            if original:
                origin_s = clock.origin_s + before_s
                sound = carry_sound(original, output, origin_s=origin_s, stretch_s=stretch_s)
            for packet in heapq.merge(video, sound, key=_decoding_time_s):
                output.mux(packet)


def _first_and_all(pictures: Iterable[TimedPicture]) -> tuple[TimedPicture, Iterator[TimedPicture]]:
    iterator = iter(pictures)
    first = next(iterator, None)
    if first is None:
        raise ValueError("there are no pictures to write")
    return first, itertools.chain([first], iterator)


@dataclass(frozen=True, slots=True)
class _Clock:
    """Counts the ticks of the output."""

    tick_s: Fraction
    origin_s: Fraction
    """Time in the source at which the output starts."""
    interval: int
    """Ticks that one picture usually lasts."""

    def ticks(self, time_s: Fraction) -> int:
        return round((time_s - self.origin_s) / self.tick_s)


def _clock(
    first_s: Fraction, *, fps: Fraction, original: InputContainer | None, with_all_sound: bool
) -> _Clock:
    ticks_hz, sound_s = math.lcm(fps.numerator, _TICKS_HZ), None
    if original is not None:
        ticks_hz = (video_stream(original).time_base or fps).denominator
        sound_s = sound_start_s(original) if with_all_sound else None
        sound_s = None if sound_s is None else sound_s - begins_s(original)
    tick_s = Fraction(1, ticks_hz if ticks_hz <= _MOST_TICKS_HZ else _TICKS_HZ)
    origin_s = first_s if sound_s is None else min(first_s, sound_s)
    return _Clock(tick_s, origin_s, interval=max(1, round(1 / (fps * tick_s))))


def _describe(track: VideoStream, picture: UInt8[np.ndarray, "h w 3"]) -> None:
    height_px, width_px = picture.shape[:2]
    track.width, track.height = width_px + width_px % 2, height_px + height_px % 2
    track.pix_fmt = "yuv420p"
    tag_i420(track)


def _encoded(
    track: VideoStream, pictures: Iterator[TimedPicture], clock: _Clock
) -> Iterator[Packet]:
    track.codec_context.time_base = clock.tick_s
    previous = -1
    # Colours are converted beside the encoder, which has threads of its own.
    with contextlib.closing(ahead(map(_planar, pictures))) as frames:
        for frame, time_s in frames:
            if (frame.width, frame.height) != (track.width, track.height):
                size = f"{frame.width}×{frame.height}"
                raise ValueError(f"a picture of {size}, but the first was of another size")
            frame.pts, frame.time_base = clock.ticks(time_s), clock.tick_s
            if frame.pts <= previous:
                raise ValueError(
                    f"the picture at {float(time_s)} s does not come after the one before"
                )
            previous, frame.duration = frame.pts, clock.interval
            yield from track.encode(frame)
    yield from track.encode(None)


def _planar(picture: TimedPicture) -> tuple[av.VideoFrame, Fraction]:
    rgb, time_s = picture
    return av.VideoFrame.from_ndarray(i420_of(rgb), format="yuv420p"), time_s


def _decoding_time_s(packet: Packet) -> Fraction:
    return (packet.dts or 0) * packet.time_base
