"""What several stages' tests share: tiny videos, and somebody who walks in front of a camera.

The videos are made with PyAV alone and the walk with sines alone, so that they check our own code
from outside.
"""

import contextlib
import itertools
import logging
import signal
import threading
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import numpy as np
import pytest
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.stream import VideoStream

from pose3d_cli.geometry.camera import Camera
from pose3d_cli.geometry.remap import h36m_from_coco
from pose3d_cli.sequences import Detections, Frame, Pose2DSequence, Pose3DSequence
from pose3d_cli.skeleton import COCO17, H36M17

if TYPE_CHECKING:
    from pose3d_cli.pipeline import Models


@pytest.fixture(autouse=True)
def _no_log_level_of_another_test() -> Iterator[None]:
    """Every command sets up logging for its process; the next test has none of that."""
    yield
    logging.getLogger("pose3d_cli").setLevel(logging.NOTSET)


NTSC = Fraction(30000, 1001)
LOSSLESS = {"qp": "0"}
"""For x264, which otherwise encodes the same pictures differently once in some 300 times."""


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
        return np.stack(
            [ramp, ramp[::-1], np.full_like(ramp, abs(255 - 10 * index % 510))], axis=-1
        )

    def write(self, path: Path) -> None:
        with av.open(str(path), "w") as output:
            video = output.add_stream(self.codec, rate=NTSC, options=LOSSLESS | self.options)
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
def interruptible() -> Iterator[None]:
    """Ctrl-C interrupts, also where whoever started the tests ignores it, as shells do in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


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


@dataclass(frozen=True)
class _Walker:
    """Somebody who walks towards the left of a camera that is 1 m up and 4.5 m away."""

    camera: Camera
    heading_rad: float = 0.5
    pitch_rad: float = 0.0
    """How far the camera looks down."""
    speed_m_s: float = 1.2
    mirrored: bool = False

    def world_m(self, times_s: np.ndarray) -> np.ndarray:
        """Return COCO's keypoints: y up, the camera ahead at heading 0."""
        sine, cosine = np.sin(self.heading_rad), np.cos(self.heading_rad)
        turn = np.array([[cosine, 0, sine], [0, 1, 0], [-sine, 0, cosine]])
        way_m = [-0.4, 0, 0] + self.speed_m_s * times_s[:, None] * [sine, 0, cosine]
        points_m: np.ndarray = _walking_in_place_m(times_s) @ turn.T + way_m[:, None]
        return points_m[:, list(COCO17.mirror)] * [-1, 1, 1] if self.mirrored else points_m

    def camera_m(self, times_s: np.ndarray) -> np.ndarray:
        """Return the same in the axes of the camera."""
        sine, cosine = np.sin(self.pitch_rad), np.cos(self.pitch_rad)
        tilt = np.array([[1, 0, 0], [0, cosine, -sine], [0, sine, cosine]])
        points_m: np.ndarray = (self.world_m(times_s) - [0, 1, 4.5]) * [1, -1, -1] @ tilt.T
        return points_m


def _walking_in_place_m(times_s: np.ndarray) -> np.ndarray:
    """Return keypoints with bones of constant length: x to the person's left, z ahead."""
    still, phase = np.zeros_like(times_s), 2 * np.pi * 0.9 * times_s

    def at(x: float, y: float, z: float) -> np.ndarray:
        return np.stack([still + x, still + y, still + z], axis=-1)

    def hanging(angle: np.ndarray, *, aside: float = 0.0) -> np.ndarray:
        down, ahead = -np.cos(angle), np.sin(angle)
        outwards = [np.cos(aside) * v for v in (down, ahead)]
        return np.stack([still + np.sin(aside), *outwards], axis=-1)

    joints = {"nose": at(0, 1.64, 0.1)}
    for side, sign in (("left", 1), ("right", -1)):
        swing, bend = sign * np.sin(phase), sign * np.cos(phase)
        joints[f"{side}_eye"] = at(0.03 * sign, 1.68, 0.08)
        joints[f"{side}_ear"] = at(0.07 * sign, 1.66, 0)
        joints[f"{side}_shoulder"] = at(0.17 * sign, 1.42, 0)
        joints[f"{side}_hip"] = at(0.12 * sign, 0.92, 0)
        limbs = (
            (("shoulder", "elbow", "wrist"), (0.28, 0.25), -0.35 * swing, still + 0.5, 0.2),
            (("hip", "knee", "ankle"), (0.44, 0.43), 0.1 + 0.35 * swing, -0.35 - 0.25 * bend, 0.0),
        )
        for (top, middle, end), (upper_m, lower_m), angle, turned, aside in limbs:
            first = upper_m * hanging(angle, aside=sign * aside)
            second = lower_m * hanging(angle + turned, aside=sign * aside)
            joints[f"{side}_{middle}"] = joints[f"{side}_{top}"] + first
            joints[f"{side}_{end}"] = joints[f"{side}_{middle}"] + second
    return np.stack([joints[name] for name in COCO17.joints], axis=1)


@dataclass(frozen=True)
class _FakeDetector:
    """Finds the walker where they are, in the frames in which they are to be seen."""

    walker: _Walker
    seen_in: Container[int] = range(1_000_000)
    slower: int = 1
    """How many times slower than life the film plays."""
    name: str = "fake-detector"
    sha256: str = "0" * 64
    licence: str = "CC0-1.0"

    def detect(self, frames: Iterable[Frame]) -> Iterator[Detections]:
        for frame in frames:
            assert frame.rgb.shape == (self.walker.camera.height_px, self.walker.camera.width_px, 3)
            joints_m = self.walker.camera_m(np.array([float(frame.time_s / self.slower)]))
            keypoints_px = self.walker.camera.project(joints_m)[: frame.index in self.seen_in]
            low, high = keypoints_px.min(axis=1), keypoints_px.max(axis=1)
            people = len(keypoints_px)
            yield Detections(
                index=frame.index,
                time_s=frame.time_s,
                boxes_px=np.hstack([low, high]),
                scores=np.full(people, 0.9),
                keypoints_px=keypoints_px,
                confidence=np.full((people, len(COCO17)), 0.95),
            )


@dataclass(frozen=True)
class _OracleLifter:
    """Knows the walker's poses."""

    walker: _Walker
    name: str = "oracle"
    sha256: str = "f" * 64
    licence: str = "CC0-1.0"

    def lift(self, poses: Pose2DSequence, *, camera: Camera) -> Pose3DSequence:
        assert camera == self.walker.camera
        joints_m = h36m_from_coco(self.walker.camera_m(poses.times_s))
        return Pose3DSequence(H36M17, poses.times_s, poses.fps, joints_m - joints_m[:, :1])


@pytest.fixture(scope="session")
def walker() -> _Walker:
    """Somebody who walks; ``replace`` it to change how."""
    return _Walker(Camera(320, 240, 300.0, "option"))


@pytest.fixture(scope="session")
def models() -> Callable[..., "Models"]:
    """Return a function that makes networks which know a walker: ``models(walker, seen_in=…)``."""
    from pose3d_cli.pipeline import Models

    def knowing(walker: _Walker, **how: Any) -> Models:
        return Models(_FakeDetector(walker, **how), _OracleLifter(walker))

    return knowing


@dataclass
class _Station:
    """Sends bytes to whoever calls, a little every 20 ms, as a live stream comes."""

    content: bytes
    portion: int = 4096
    kind: str = "video/mp2t"
    status: int = 200
    then: str = "end"
    """What follows on the content: ``end``, ``again``, ``silence``, or a ``break`` of the line."""
    url: str = ""
    callers: int = 0

    def answer(self, request: BaseHTTPRequestHandler, closing: threading.Event) -> None:
        self.callers += 1
        request.send_response(self.status)
        request.send_header("Content-Type", self.kind)
        if self.then == "break":
            request.send_header("Content-Length", str(2 * len(self.content)))
        else:
            request.send_header("Transfer-Encoding", "chunked")
        request.end_headers()
        with contextlib.suppress(ConnectionError):
            self._send(request, closing)
        request.close_connection = True

    def _send(self, request: BaseHTTPRequestHandler, closing: threading.Event) -> None:
        for _ in itertools.count() if self.then == "again" else range(1):
            for start in range(0, len(self.content), self.portion):
                part = self.content[start : start + self.portion]
                chunk = b"%x\r\n%b\r\n" % (len(part), part)
                request.wfile.write(part if self.then == "break" else chunk)
                if closing.wait(0.02):
                    return
        if self.then == "silence":
            closing.wait()
        elif self.then == "end":
            request.wfile.write(b"0\r\n\r\n")


@pytest.fixture
def station(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., _Station]]:
    """Return a function that puts bytes on the air: ``station(content, then="again").url``."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    closing = threading.Event()
    with contextlib.ExitStack() as stack:

        def on_air(content: bytes, **how: Any) -> _Station:
            made = _Station(content, **how)

            class Handler(BaseHTTPRequestHandler):
                protocol_version = "HTTP/1.1"

                def log_message(self, *_: Any) -> None:
                    pass

                def do_GET(self) -> None:
                    made.answer(self, closing)

            server = stack.enter_context(ThreadingHTTPServer(("127.0.0.1", 0), Handler))
            thread = threading.Thread(target=server.serve_forever, args=(0.01,))
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.shutdown)
            made.url = f"http://127.0.0.1:{server.server_port}/live"
            return made

        yield on_air
        closing.set()
