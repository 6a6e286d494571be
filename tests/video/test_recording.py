"""What a stream shows is recorded as it comes, can be read meanwhile, and is kept whatever happens."""

import logging
import time
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import av
import cv2
import numpy as np
import pytest

from pose3d_cli.errors import InputError
from pose3d_cli.sequences import Frame
from pose3d_cli.video import camera_tap, stream_tap
from pose3d_cli.video.growing import part_of
from pose3d_cli.video.live import Camera, Stream
from pose3d_cli.video.reader import probe, read_frames
from pose3d_cli.video.recording import recorded

FRAMES = 60
Film = Callable[..., Path]
Station = Callable[..., Any]


@pytest.fixture
def on_film(film: Film) -> Path:
    """Two seconds with sound and a key frame every 10 pictures, as MPEG-TS."""
    options = {"qp": "0", "g": "10", "x264-params": "bframes=2:repeat-headers=1"}
    return film("original.ts", ticks=range(FRAMES), sound="aac", options=options)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "recording.mkv"


def frames_of(path: Path) -> list[Frame]:
    return list(read_frames(probe(path)))


def same(some: list[Frame], others: list[Frame]) -> bool:
    """Return whether pictures are equal, and times from the first on to the millisecond."""
    return len(some) == len(others) and all(
        np.array_equal(a.rgb, b.rgb)
        and abs((a.time_s - some[0].time_s) - (b.time_s - others[0].time_s)) <= Fraction(1, 1000)
        for a, b in zip(some, others, strict=True)
    )


def test_a_recording_is_what_was_sent_and_can_be_read_while_it_grows(
    on_film: Path, station: Station, target: Path
) -> None:
    url = station(on_film.read_bytes(), portion=2000).url

    with recorded(Stream(url), target) as taken:
        growing = frames_of(target)
        assert not taken.is_running

    assert taken.lost is None
    assert same(growing, frames_of(on_film))
    assert same(frames_of(target), growing)
    assert growing[0].time_s == 0
    assert probe(target).has_audio
    assert probe(target).fps == Fraction(30000, 1001)
    assert not part_of(target).exists()


def test_whoever_comes_late_begins_at_the_next_key_frame(
    on_film: Path, station: Station, target: Path
) -> None:
    whole = on_film.read_bytes()
    late = len(whole) // 4 // 188 * 188  # packets of MPEG-TS
    url = station(whole[late:]).url

    with recorded(Stream(url), target):
        came = frames_of(target)

    assert came[0].time_s == 0
    assert FRAMES - 10 * (FRAMES // 20) <= len(came) < FRAMES
    assert same(came, frames_of(on_film)[-len(came) :])


def test_stopped_it_is_whole_up_to_there(on_film: Path, station: Station, target: Path) -> None:
    url = station(on_film.read_bytes(), portion=500, then="silence").url

    with recorded(Stream(url), target) as taken:
        reading = read_frames(probe(target))
        came = [next(reading) for _ in range(20)]
        taken.stop()
        came += reading

    assert taken.lost is None
    assert 20 < len(came) < FRAMES
    assert same(came, frames_of(on_film)[: len(came)])
    assert same(frames_of(target), came)


def test_it_ends_when_it_is_long_enough(on_film: Path, station: Station, target: Path) -> None:
    url = station(on_film.read_bytes(), then="again").url

    with recorded(Stream(url), target, end_s=Fraction(1, 2)):
        came = frames_of(target)

    assert 14 <= len(came) <= 15 + 2  # B-frames are sent after what is shown later
    assert came[14].time_s < Fraction(1, 2)


@pytest.mark.parametrize("then", ["break", "silence"])
def test_what_came_before_a_stream_was_lost_is_kept(
    on_film: Path,
    station: Station,
    target: Path,
    then: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(stream_tap, "SILENT_S", 1)
    url = station(on_film.read_bytes(), then=then).url

    with caplog.at_level(logging.WARNING), recorded(Stream(url), target) as taken:
        came = frames_of(target)

    assert taken.lost
    assert taken.lost in caplog.text
    assert FRAMES - 5 <= len(came) <= FRAMES  # the last packets wait for more of their kind
    assert same(came, frames_of(on_film)[: len(came)])
    assert taken.length_s > 1.8


def test_a_clock_that_starts_anew_is_carried_on(film: Film, station: Station, target: Path) -> None:
    """A camera restarts: times go back to where they were an hour ago."""
    parts = [
        film(f"{n}.ts", ticks=range(first, first + 30), options={"qp": "0", "g": "10"})
        for n, first in enumerate((90_000, 600))
    ]
    url = station(b"".join(part.read_bytes() for part in parts)).url

    with recorded(Stream(url), target):
        times_s = [frame.time_s for frame in frames_of(target)]

    assert 55 <= len(times_s) <= 60
    assert all(0 < after - before < Fraction(1, 2) for before, after in pairwise(times_s))


def test_pictures_without_times_have_those_of_their_arrival(station: Station, target: Path) -> None:
    rng = np.random.default_rng(0)
    content = b""
    for _ in range(30):
        there, jpeg = cv2.imencode(".jpg", rng.integers(0, 255, (48, 64, 3), np.uint8))
        assert there
        head = f"--x\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
        content += head.encode() + jpeg.tobytes() + b"\r\n"
    url = station(content, portion=4000, kind="multipart/x-mixed-replace; boundary=x").url

    began = time.monotonic()
    with recorded(Stream(url), target):
        times_s = [float(frame.time_s) for frame in frames_of(target)]
    spent_s = time.monotonic() - began

    assert len(times_s) >= 28
    assert times_s[0] == 0
    assert 0.2 < times_s[-1] < spent_s


def refused(url: str, target: Path) -> InputError:
    with pytest.raises(InputError) as caught, recorded(Stream(url), target):
        pass
    assert not target.exists()
    assert not part_of(target).exists()
    return caught.value


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (
            "rtsp://me:secret@127.0.0.1:9/live?key=secret",
            "cannot open rtsp://127.0.0.1:9/live: Conn",
        ),
        ("http://no.such.host.invalid/live", "no machine is called no.such.host.invalid"),
        ("tcp://127.0.0.1:9", "Connection refused"),
    ],
)
def test_nobody_there_is_one_line_without_passwords(url: str, said: str, target: Path) -> None:
    error = refused(url, target)

    assert said in str(error)
    assert error.hint
    assert "secret" not in f"{error}{error.hint}"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"status": 404}, "404"),
        ({"status": 401}, "401"),
        ({"content": b"<html>Log in</html>" * 99, "kind": "text/html"}, "no video"),
        ({"content": b""}, "no video"),
    ],
)
def test_a_server_that_has_no_video_is_one_line(
    answer: dict[str, Any], said: str, station: Station, target: Path
) -> None:
    assert said in str(refused(station(**{"content": b"x"} | answer).url, target))


def test_a_server_that_says_nothing_is_given_up(
    station: Station, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_tap, "OPENING_S", 1)

    assert "nothing came for" in str(refused(station(b"", then="silence").url, target))


def test_an_older_recording_is_not_lost_to_a_stream_that_is_not_there(target: Path) -> None:
    target.write_bytes(b"precious")
    with pytest.raises(InputError), recorded(Stream("tcp://127.0.0.1:9"), target):
        pass
    assert target.read_bytes() == b"precious"


@pytest.fixture
def camera(film: Film, monkeypatch: pytest.MonkeyPatch) -> Camera:
    """A camera that shows a film, at 200 pictures a second, and is unplugged at its end."""
    path = film("seen.mp4", ticks=range(30), size_px=(65, 48), pix_fmt="yuv444p")

    film_of_it = cv2.VideoCapture(str(path))

    class Slow:
        isOpened = set = lambda *_: True  # noqa: N815 - OpenCV's

        def read(self) -> Any:
            time.sleep(0.005)
            return film_of_it.read()

        def release(self) -> None:
            film_of_it.release()

    monkeypatch.setattr(camera_tap, "_check_device", lambda _: None)
    monkeypatch.setattr(cv2, "VideoCapture", lambda _: Slow())
    return Camera(0)


def test_a_camera_is_recorded_at_the_times_at_which_its_pictures_come(
    camera: Camera, film: Film, target: Path
) -> None:
    with recorded(camera, target) as taken:
        came = frames_of(target)

    assert taken.lost == "no more pictures come"
    assert len(came) == 30
    assert came[0].rgb.shape == (48, 66, 3)  # H.264 has even sides
    times_s = [frame.time_s for frame in came]
    assert times_s[0] == 0
    assert all(Fraction(4, 1000) < b - a for a, b in pairwise(times_s))
    first = frames_of(film("again.mp4", ticks=range(1), size_px=(65, 48), pix_fmt="yuv444p"))[0]
    assert np.abs(came[0].rgb[:, :65].astype(int) - first.rgb).mean() < 4


def test_a_camera_that_is_not_there_or_not_allowed_is_told(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    with (
        pytest.raises(InputError, match=r"no camera 97 \(/dev/video97\)"),
        recorded(Camera(97), target),
    ):
        pass
    monkeypatch.setattr(Path, "exists", lambda _: True)
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(InputError, match="no permission for /dev/video97"):
        camera_tap.CameraTap(Camera(97))


def test_a_disk_that_is_full_ends_the_recording_and_says_so(
    on_film: Path, station: Station, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there: Any = av.open

    def full(file: Any, mode: str = "r", **how: Any) -> Any:
        if mode == "w":
            raise av.error.OSError(28, "No space left on device")
        return there(file, mode, **how)

    monkeypatch.setattr(av, "open", full)
    error = refused(station(on_film.read_bytes()).url, target)

    assert "cannot be written: No space left" in str(error)


def test_a_disk_that_fills_up_ends_the_recording_while_outputs_still_fit(
    on_film: Path, station: Station, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = iter([SimpleNamespace(free=10**9), SimpleNamespace(free=10**8)])
    monkeypatch.setattr("pose3d_cli.video.recording.disk_usage", lambda _: next(looks))
    monkeypatch.setattr("pose3d_cli.video.recording._PACKETS_A_LOOK", 50)

    with recorded(Stream(station(on_film.read_bytes()).url), target) as taken:
        came = frames_of(target)

    assert taken.lost == "the disk is almost full"
    assert 10 < len(came) < 50
    assert same(came, frames_of(on_film)[: len(came)])
