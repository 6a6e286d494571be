"""`pose3d batch` with real networks: whatever kills it, the next run ends with the same files."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from fractions import Fraction
from itertools import islice
from pathlib import Path

import cv2
import pytest

from pose3d_cli.batch.job import PRIVATE
from pose3d_cli.video.reader import probe, read_frames
from pose3d_cli.video.writer import write_video

pytestmark = [pytest.mark.slow, pytest.mark.weights]

ROOT = Path(__file__).parents[2]
NAMES = ("a", "b", "sub/ä b", "-c")
FRAMES = 4


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a few frames of the sample in each clip, and one file that is no video."""
    script = ROOT / "examples" / "fetch_sample.py"
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    frames = islice(read_frames(probe(ROOT / done.stdout.strip())), FRAMES + len(NAMES))
    small = [cv2.resize(frame.rgb, (480, 270)) for frame in frames]
    folder = tmp_path_factory.mktemp("clips")
    for first, name in enumerate(NAMES):
        path = folder / f"{name}.mp4"
        path.parent.mkdir(exist_ok=True)
        pictures = ((small[first + i], Fraction(i, 30)) for i in range(FRAMES))
        write_video(path, pictures, fps=Fraction(30))
    (folder / "broken.mp4").write_text("This is not a video.")
    return folder


def batch(clips: Path, out: Path, *options: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "pose3d_cli", "batch", str(clips), "--out", str(out)]
    return subprocess.Popen(
        [*command, "--format", "mp4,json", "--device", "cpu", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        start_new_session=True,
    )


def outputs(out: Path) -> dict[str, bytes]:
    return {
        path.relative_to(out).as_posix(): path.read_bytes()
        for path in out.rglob("*")
        if path.is_file() and PRIVATE not in path.parts and path.suffix != ".jsonl"
    }


def wait_for(there: Callable[[], bool], process: "subprocess.Popen[str]") -> None:
    while not there() and process.poll() is None:
        time.sleep(0.01)


def test_killed_twice_and_resumed_by_two_runs_at_once_it_is_as_if_nothing_had_happened(
    clips: Path, tmp_path: Path
) -> None:
    calm, shaken = tmp_path / "calm", tmp_path / "shaken"
    undisturbed = batch(clips, calm, "--json")
    said = undisturbed.communicate()[0]
    assert undisturbed.returncode == 1
    expected = outputs(calm)
    assert set(expected) == {f"{name}.{suffix}" for name in NAMES for suffix in ("mp4", "json")}
    (failed,) = [r for r in map(json.loads, said.splitlines()) if r.get("state") == "failed"]
    assert (failed["name"], failed["error"]["exit_code"]) == ("broken", 4)

    began = time.perf_counter()
    again = batch(clips, calm)
    again.communicate()
    assert again.returncode == 1
    nothing_s = time.perf_counter() - began

    for kill in (os.killpg, os.kill):  # with and without its workers
        process = batch(clips, shaken)
        before = len(outputs(shaken))
        wait_for(lambda before=before: len(outputs(shaken)) > before, process)  # type: ignore[misc]
        kill(process.pid, signal.SIGKILL)
        process.communicate()
        assert outputs(shaken).items() <= expected.items()
    both = [batch(clips, shaken) for _ in range(2)]
    said_by = [process.communicate() for process in both]

    assert [process.returncode for process in both] == [1, 1]
    written = {Path(line) for stdout, _ in said_by for line in stdout.splitlines()}
    assert written
    assert all(path.is_file() and path.is_relative_to(shaken) for path in written)
    assert all("--retry-failed" in stderr for _, stderr in said_by)
    assert outputs(shaken) == expected
    assert not list((shaken / PRIVATE / "unfinished").iterdir())
    assert nothing_s < 10  # it is well under 2 s on a machine that does nothing else


@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_keeps_what_is_done_and_says_so(clips: Path, tmp_path: Path) -> None:
    process = batch(clips, tmp_path)
    wait_for(lambda: len(outputs(tmp_path)) > 1, process)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate()

    assert process.returncode == 130
    assert "Traceback" not in said
    assert all(whole for whole in outputs(tmp_path).values())
