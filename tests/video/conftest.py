"""Tiny videos of every kind, made with PyAV alone so that they check our own code from outside."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.stream import VideoStream

NTSC = Fraction(30000, 1001)


@dataclass(frozen=True)
class _Film:
    """What to put into a file."""

    size_px: tuple[int, int] = (64, 48)
    """Width, height."""
    ticks: Sequence[int] = range(5)
    tick_s: Fraction = 1 / NTSC
    pictures: Sequence[np.ndarray] | None = None
    codec: str = "libx264"
    pix_fmt: str = "yuv420p"
    rotation_deg: int = 0
    """Clockwise turn that a player is asked for."""
    mirrored: bool = False
    sound: str | None = None
    """Codec of one second of sound: silence, then from the middle on a 440 Hz tone."""
    sound_delay_s: Fraction = Fraction(0)
    matrix: str = "ITU601"
    tags: dict[str, int] = field(default_factory=dict)
    """Colour matrix and range as the header names them."""
    options: dict[str, str] = field(default_factory=dict)
    """For the encoder."""

    def picture(self, index: int) -> np.ndarray:
        if self.pictures is not None:
            return self.pictures[index]
        width, height = self.size_px
        ramp = np.linspace(0, 200, width * height, dtype=np.uint8).reshape(height, width)
        return np.stack([ramp, ramp[::-1], np.full_like(ramp, 10 * index % 256)], axis=-1)

    def write(self, path: Path) -> None:
        with av.open(str(path), "w") as output:
            video = output.add_stream(self.codec, rate=NTSC, options=self.options)
            assert isinstance(video, VideoStream)
            video.width, video.height = self.size_px
            video.pix_fmt = self.pix_fmt
            video.codec_context.time_base = self.tick_s
            for name, value in self.tags.items():
                setattr(video.codec_context, name, value)
            if self.rotation_deg or self.mirrored:
                video.set_display_rotation(-self.rotation_deg, hflip=self.mirrored)
            sound = list(self._sound(output)) if self.sound else []
            output.mux([*self._video(video), *sound])

    def _video(self, stream: VideoStream) -> Iterator[Any]:
        for index, tick in enumerate(self.ticks):
            frame = av.VideoFrame.from_ndarray(self.picture(index), format="rgb24")
            frame = frame.reformat(
                format=self.pix_fmt,
                dst_colorspace=self.matrix,
                dst_color_range=self.tags.get("color_range"),
            )
            frame.pts, frame.time_base = tick, self.tick_s
            yield from stream.encode(frame)
        yield from stream.encode(None)

    def _sound(self, output: OutputContainer) -> Iterator[Any]:
        rate_hz = 48_000
        stream = output.add_stream(self.sound or "aac", rate=rate_hz)
        assert isinstance(stream, AudioStream)
        wave = np.sin(2 * np.pi * 440 * np.arange(rate_hz) / rate_hz)
        wave[: rate_hz // 2] = 0
        for start in range(0, rate_hz, 960):
            samples = np.tile(np.float32(0.5 * wave[start : start + 960]), (2, 1))
            frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout="stereo")
            frame.sample_rate, frame.time_base = rate_hz, Fraction(1, rate_hz)
            frame.pts = start + round(self.sound_delay_s * rate_hz)
            yield from stream.encode(frame)
        yield from stream.encode(None)


@pytest.fixture
def film(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a tiny video: ``film("a.mp4", rotation_deg=90)``."""

    def make(name: str = "clip.mp4", **what: Any) -> Path:
        path = tmp_path / name
        _Film(**what).write(path)
        return path

    return make


@pytest.fixture
def song(tmp_path: Path) -> Path:
    """A file with sound alone."""
    path = tmp_path / "song.m4a"
    with av.open(str(path), "w") as output:
        output.mux(list(_Film(sound="aac")._sound(output)))
    return path
