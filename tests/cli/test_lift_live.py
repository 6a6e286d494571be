"""`pose3d lift` of what happens now: whatever ends it, the outputs are of all that came."""

import json
import os
import signal
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import pytest

from pose3d_cli.cli.lifting_options import LiftingOptions
from pose3d_cli.geometry.camera import Camera
from pose3d_cli.video import stream_tap

pytestmark = pytest.mark.usefixtures("interruptible")
OUT = ("-o", "out.mp4", "-o", "out.json", "-o", "out.bvh")


@pytest.fixture(autouse=True)
def _with_networks(networks: Callable[..., None]) -> None:
    networks()


@pytest.fixture
def content(film: Callable[..., Path]) -> bytes:
    """Two seconds of the walker as MPEG-TS; the file is gone, as it is only on the air."""
    path = film("a.ts", size_px=(320, 240), ticks=range(60), options={"qp": "0", "g": "10"})
    read = path.read_bytes()
    path.unlink()
    return read


def frames_in(folder: Path) -> int:
    """Return how many frames all three outputs have."""
    with av.open(str(folder / "out.mp4")) as video:
        drawn = sum(1 for _ in video.decode(video=0))
    times_s = json.loads((folder / "out.json").read_text())["time_s"]
    bvh = (folder / "out.bvh").read_text()
    assert drawn == len(times_s)
    assert f"Frames: {drawn}" in bvh
    return drawn


def test_a_stream_is_lifted_to_its_end_and_nothing_else_stays(
    pose3d: Any, station: Any, content: bytes, tmp_path: Path
) -> None:
    run = pose3d("lift", station(content).url, *OUT)

    assert run.exit_code == 0, run.output
    assert "Recording http://127.0.0.1" in run.stderr
    assert frames_in(tmp_path) == 60
    assert {path.name for path in tmp_path.iterdir()} == {"out.mp4", "out.json", "out.bvh"}


def test_without_names_files_are_called_after_the_host(
    pose3d: Any, station: Any, content: bytes
) -> None:
    run = pose3d("lift", station(content).url, "--layout", "overlay")

    assert run.stdout.split() == ["127.0.0.1-live_3d.mp4", "127.0.0.1-live_3d.json"]


def press_ctrl_c_when(there: threading.Event) -> None:
    def press() -> None:
        there.wait(20)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=press, daemon=True).start()


@pytest.fixture
def ten_seen(monkeypatch: pytest.MonkeyPatch, models: Any, walker: Any) -> threading.Event:
    """Happens when the detector has seen ten frames."""
    seen = threading.Event()
    quick = models(replace(walker, camera=Camera.assumed(320, 240)))

    class Detector(type(quick.detector)):  # type: ignore[misc]
        def detect(self, frames: Any) -> Any:
            for found in super().detect(frames):
                if found.index == 10:
                    seen.set()
                yield found

    made = replace(quick, detector=Detector(quick.detector.walker))
    monkeypatch.setattr(LiftingOptions, "load", lambda *_, **__: made)
    return seen


def test_ctrl_c_stops_the_recording_and_keeps_what_came(
    pose3d: Any, station: Any, content: bytes, tmp_path: Path, ten_seen: threading.Event
) -> None:
    url = station(content, portion=800, then="silence").url
    press_ctrl_c_when(ten_seen)
    before = signal.getsignal(signal.SIGINT)

    run = pose3d("lift", url, *OUT)

    assert run.exit_code == 0, run.output
    assert 10 < frames_in(tmp_path) < 60
    assert signal.getsignal(signal.SIGINT) == before


def test_a_second_ctrl_c_aborts_and_leaves_nothing(
    pose3d: Any,
    station: Any,
    content: bytes,
    tmp_path: Path,
    ten_seen: threading.Event,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url = station(content, portion=800, then="silence").url
    press_ctrl_c_when(ten_seen)

    def pressed_again(*_: Any, **__: Any) -> None:
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr("pose3d_cli.outputs.write", pressed_again)
    run = pose3d("lift", url, *OUT)

    assert run.exit_code == 130
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_lost_stream_is_exit_code_9_with_all_outputs_of_what_came(
    pose3d: Any, station: Any, content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_tap, "SILENT_S", 1)
    run = pose3d("lift", station(content, then="silence").url, *OUT, "--json")

    assert run.exit_code == 9
    assert "nothing came for 1 s" in run.stderr
    assert frames_in(tmp_path) >= 55
    (line,) = run.stdout.splitlines()
    told = json.loads(line)
    assert (told["ok"], told["exit_code"], len(told["outputs"])) == (False, 9, 3)
    assert "was lost after" in told["error"]


@pytest.mark.slow
def test_a_part_of_a_stream_ends_it(
    pose3d: Any, station: Any, content: bytes, tmp_path: Path
) -> None:
    url = station(content, then="again").url

    run = pose3d("lift", url, *OUT, "--start", "0.4", "--duration", "0.5")

    assert run.exit_code == 0, run.output
    times_s = json.loads((tmp_path / "out.json").read_text())["time_s"]
    assert times_s[0] == pytest.approx(0.4, abs=0.04)
    assert times_s[-1] == pytest.approx(0.9, abs=0.04)


def test_a_named_recording_is_kept_and_can_be_lifted_again(
    pose3d: Any, station: Any, content: bytes, tmp_path: Path
) -> None:
    url = station(content).url

    assert pose3d("lift", url, "-o", "a.json", "--record", "kept.mkv").exit_code == 0
    assert pose3d("lift", "kept.mkv", "-o", "b.json").exit_code == 0
    first, again = (json.loads((tmp_path / f"{n}.json").read_text())["time_s"] for n in "ab")
    assert first == again
    assert pose3d("lift", url, "-o", "c.json", "--record", "kept.mkv").exit_code == 6


@pytest.mark.parametrize(
    ("args", "exit_code", "said"),
    [
        (("tcp://127.0.0.1:9",), 4, "Connection refused"),
        (("ftp://127.0.0.1/a.mp4",), 2, "rtsp://"),
        (("tcp://127.0.0.1:9", "--record", "a.mp4"), 2, "Matroska"),
        (("tcp://127.0.0.1:9", "--keypoints", "a.json"), 2, "--keypoints"),
        (("clip.mp4", "--record", "a.mkv"), 2, "--record is for"),
        (("987",), 4, "camera 987"),
    ],
)
def test_what_cannot_be_is_one_line_and_leaves_nothing(
    pose3d: Any, tmp_path: Path, args: tuple[str, ...], exit_code: int, said: str
) -> None:
    run = pose3d("lift", *args)

    assert run.exit_code == exit_code
    assert said in run.stderr
    assert list(tmp_path.iterdir()) == []
