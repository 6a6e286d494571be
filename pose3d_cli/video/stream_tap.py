"""The packets of a network stream, to be written to a file as they come."""

import errno
import socket
import time
from collections.abc import Iterator
from fractions import Fraction

import av
from av.container import InputContainer, OutputContainer
from av.stream import Stream as Track

from pose3d_cli.errors import InputError
from pose3d_cli.video.live import Stream
from pose3d_cli.video.source import Packet

OPENING_S = 15
"""How long a stream may take to begin."""
SILENT_S = 10
"""How long nothing may come before a stream counts as lost."""
BACK_S, ON_S = 1, SILENT_S
"""Times that go back or on by more than this start anew, as after a camera's restart."""
_OPTIONS = {"rtsp_flags": "prefer_tcp", "overrun_nonfatal": "1"}
"""What comes over UDP is often damaged; a full buffer is no reason to give up."""
_TIMELESS = ("mpjpeg",)
"""Formats without times: those of arrival stand in."""
_ARRIVAL_TICK_S = Fraction(1, 90_000)
_SOUND = frozenset({"aac", "mp3", "opus", "vorbis", "ac3", "flac", "pcm_mulaw", "pcm_alaw"})
"""What Matroska holds and cameras send."""


class Lost(Exception):  # noqa: N818 - may be no error of ours
    """What was there comes no more; the text says why."""


class StreamTap:
    """An opened stream."""

    def __init__(self, source: Stream) -> None:
        """Open it.

        Raises:
            InputError: nobody is there, or it holds no video that is known here.
        """
        self._container = _opened(source)
        video = self._container.streams.video
        if not video or video[0].codec_context is None:
            self._container.close()
            raise InputError(f"{source} has no video that is known here", hint="Does VLC play it?")
        self._video = video[0]
        sound = [s for s in self._container.streams.audio if _codec(s) in _SOUND]
        self._tracks: list[Track] = [self._video, *sound[:1]]

    def close(self) -> None:
        """Let go of it."""
        self._container.close()

    def packets(self, output: OutputContainer) -> Iterator[tuple[Fraction, Packet]]:
        """Add tracks to a file; yield their packets with their times, which begin at 0.

        Raises:
            Lost: the stream broke off.
        """
        copies = {t.index: output.add_stream_from_template(t) for t in self._tracks}
        clock = _Clock(timeless=self._container.format.name in _TIMELESS)
        for packet in self._incoming():
            track = packet.stream
            time_s = clock.time_s(packet, opens=track is self._video and packet.is_keyframe)
            if time_s is not None:
                packet.stream = copies[track.index]
                yield time_s, packet

    def _incoming(self) -> Iterator[Packet]:
        try:
            for packet in self._container.demux(self._tracks):
                if packet.size:  # the end comes as an empty one
                    yield packet
        except av.FFmpegError as error:
            raise Lost(_reason(error, waited_s=SILENT_S)) from error


class _Clock:
    """Moves times so that the first key frame is at 0, and keeps them increasing."""

    def __init__(self, *, timeless: bool) -> None:
        self._timeless = timeless
        self._origin_s: Fraction | None = None
        self._last: dict[int, int] = {}
        """The last decoding time of each track, in its own ticks."""

    def time_s(self, packet: Packet, *, opens: bool) -> Fraction | None:
        """Set a packet's times and return when it is shown; None if it is of no use.

        Args:
            packet: the next one of any track.
            opens: whether pictures can be decoded from here on.
        """
        pts, dts = self._as_sent(packet)
        tick_s, track = packet.time_base, packet.stream.index
        if self._origin_s is None:
            if not opens:
                return None
            self._origin_s = pts * tick_s
        last = self._last.get(track)
        if last is not None and not -BACK_S < dts * tick_s - self._origin_s - last * tick_s < ON_S:
            self._origin_s = (dts - last - 1) * tick_s
        shift = round(self._origin_s / tick_s)
        if pts < shift:
            return None
        packet.dts = dts - shift if last is None else max(dts - shift, last + 1)
        packet.pts = max(pts - shift, packet.dts)
        self._last[track] = packet.dts
        return packet.pts * tick_s

    def _as_sent(self, packet: Packet) -> tuple[int, int]:
        """Return when a packet is shown and decoded, by the sender's clock if it has one."""
        if self._timeless:
            packet.time_base = _ARRIVAL_TICK_S
            now = round(Fraction(time.monotonic()) / _ARRIVAL_TICK_S)
            return now, now
        known = [ticks for ticks in (packet.pts, packet.dts) if ticks is not None]
        if not known:
            following = self._following(packet)
            return following, following
        return known[0], known[-1]

    def _following(self, packet: Packet) -> int:
        """Return the time after the last one; RTSP counts from its first picture, and does not say so."""
        if self._origin_s is None:
            return 0
        last = self._last.get(packet.stream.index, 0) + max(1, packet.duration or 0)
        return last + round(self._origin_s / packet.time_base)


def _opened(source: Stream) -> InputContainer:
    if source.host is not None:
        try:
            socket.getaddrinfo(source.host, None)
        except (OSError, UnicodeError) as error:  # FFmpeg says "Input/output error"
            raise InputError(
                f"no machine is called {source.host}", hint="Check the address and the network."
            ) from error
    try:
        return av.open(
            source.url,
            mode="r",
            options=_OPTIONS,
            metadata_errors="replace",
            timeout=(OPENING_S, SILENT_S),
        )
    except av.FFmpegError as error:
        reason = _reason(error, waited_s=OPENING_S)
        raise InputError(f"cannot open {source}: {reason}", hint=_hint(error)) from error


def _reason(error: av.FFmpegError, *, waited_s: int) -> str:
    if isinstance(error, av.error.ExitError):  # PyAV's time-out
        return f"nothing came for {waited_s} s"
    if isinstance(error, av.error.InvalidDataError):
        return "what comes is no video"
    if error.errno == errno.EIO:
        return "the line is broken"
    return error.strerror or str(error)


def _hint(error: av.FFmpegError) -> str:
    if isinstance(error, av.error.ProtocolNotFoundError):
        return "This FFmpeg was built without it; rtsp, http, tcp and udp are always there."
    if isinstance(error, av.error.HTTPUnauthorizedError):
        return "Put name and password before the host: rtsp://NAME:PASSWORD@HOST/PATH"
    return "Does the camera or server run, and does VLC play it?"


def _codec(track: Track) -> str | None:
    context = getattr(track, "codec_context", None)
    return None if context is None else context.codec.canonical_name
