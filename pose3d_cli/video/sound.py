"""Carry the sound of one file over to another."""

import contextlib
import logging
from collections.abc import Iterator
from fractions import Fraction

import av
from av.audio.codeccontext import AudioCodecContext
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer

from pose3d_cli.video.source import Packet, path_of, readable

logger = logging.getLogger(__name__)

Stretch = tuple[Fraction, Fraction]
"""A part of a file, from one time to another."""

_FITS_MP4 = frozenset({"aac", "mp3", "ac3", "eac3", "alac", "flac", "opus"})
_AAC_RATE_HZ = 48_000
_AAC_BITS_PER_S = 160_000


def sound_start_s(source: InputContainer) -> Fraction | None:
    """Return when sound can first be heard; None if there is none."""
    track = _track(source)
    if track is None or track.time_base is None:
        return None
    # What comes before 0 is there for the decoder to settle.
    return max(0, track.start_time or 0) * track.time_base


def carry_sound(
    source: InputContainer,
    output: OutputContainer,
    *,
    origin_s: Fraction,
    stretch_s: Stretch | None = None,
) -> Iterator[Packet]:
    """Add a track to an mp4 and return its packets in order, read only as they are asked for.

    The first track is copied bit by bit where an mp4 can hold it, and encoded again as AAC where
    not. ``origin_s`` of the source becomes 0; what is heard outside of ``stretch_s`` is left out. Sound
    that cannot be decoded is left out, with a warning.
    """
    track = _track(source)
    if track is None:
        return iter(())
    context: AudioCodecContext | None = track.codec_context  # PyAV's stubs forget the None
    if context is None:
        logger.warning("the sound of %s cannot be decoded and is left out", path_of(source))
        return iter(())
    codec = context.codec.canonical_name
    packets = _packets(source, track, stretch_s)
    if codec in _FITS_MP4:
        return _copied(packets, output.add_stream_from_template(track), origin_s=origin_s)
    logger.info("the sound (%s) is encoded again as AAC, because an mp4 cannot hold it", codec)
    aac = output.add_stream("aac", rate=_AAC_RATE_HZ, layout="stereo", bit_rate=_AAC_BITS_PER_S)
    return _encoded_again(packets, track, aac, origin_s=origin_s)


def _track(source: InputContainer) -> AudioStream | None:
    return next(iter(source.streams.audio), None)


def _packets(
    source: InputContainer, track: AudioStream, stretch_s: Stretch | None
) -> Iterator[Packet | None]:
    if stretch_s is None:
        yield from readable(source.demux(track))
        return
    start_s, end_s = stretch_s
    with contextlib.suppress(av.FFmpegError):  # what cannot be sought in is read from its start
        source.seek(max(0, int(start_s * av.time_base)), backward=True)
    for packet in readable(source.demux(track)):
        if packet is not None and packet.pts is not None:
            time_s = packet.pts * packet.time_base
            if time_s < start_s:
                continue
            if time_s >= end_s:
                break
        yield packet


def _copied(
    packets: Iterator[Packet | None], copy: AudioStream, *, origin_s: Fraction
) -> Iterator[Packet]:
    last = None
    for packet in packets:
        # The muxer refuses times that do not increase; the end of the file comes without a time.
        if packet is None or packet.dts is None or packet.is_corrupt:
            continue
        if last is not None and packet.dts <= last:
            continue
        last = packet.dts
        shift = round(origin_s / packet.time_base)
        packet.dts -= shift
        packet.pts = packet.dts if packet.pts is None else packet.pts - shift
        packet.stream = copy
        yield packet


def _encoded_again(
    packets: Iterator[Packet | None],
    track: AudioStream,
    aac: AudioStream,
    *,
    origin_s: Fraction,
) -> Iterator[Packet]:
    for packet in packets:
        try:
            frames = track.decode(packet)
            encoded = [p for frame in frames for p in aac.encode(_moved(frame, origin_s))]
        except (av.FFmpegError, ValueError):
            continue  # damaged, or of another layout than the rest: a short silence
        yield from encoded
    yield from aac.encode(None)


def _moved(frame: av.AudioFrame, origin_s: Fraction) -> av.AudioFrame:
    if frame.pts is not None and frame.time_base is not None:
        frame.pts -= round(origin_s / frame.time_base)
    return frame
