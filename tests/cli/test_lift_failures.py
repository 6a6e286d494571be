"""What goes wrong on the way is one line, an exit code, and nothing half done."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pose3d_cli import outputs, pipeline
from pose3d_cli.cli.lifting_options import LiftingOptions
from pose3d_cli.geometry.camera import Camera

ROOT = Path(__file__).parents[2]
OUTPUTS = ("--out", "out.mp4", "--out", "out.json", "--out", "out.bvh")


@pytest.fixture(autouse=True)
def _with_networks(networks: Callable[..., None]) -> None:
    networks()


def failure(stdout: str) -> Any:
    (line,) = stdout.splitlines()
    return json.loads(line)


def test_a_script_is_told_what_failed(pose3d: Any, clip: Path) -> None:
    missing = failure(pose3d("lift", clip.with_name("none.mp4"), "--json").stdout)
    assert missing["ok"] is False
    assert "none.mp4 does not exist" in missing["error"]
    assert missing["exit_code"] == 4

    senseless = failure(pose3d("lift", clip, "--smooth", "-1", "--json").stdout)
    assert senseless["exit_code"] == 2


def test_a_part_beyond_the_end_is_not_taken_for_an_empty_room(pose3d: Any, clip: Path) -> None:
    run = pose3d("lift", clip, "-o", "a.json", "--start=50")

    assert run.exit_code == 4
    assert "no picture in the part that was chosen" in run.stderr
    assert "--start" in run.stderr


def test_a_script_is_told_of_an_interrupt(
    pose3d: Any, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(pipeline, "estimate", interrupted)

    assert failure(pose3d("lift", clip, "--json").stdout)["exit_code"] == 130


def test_what_makes_no_sense_is_refused_before_anything_heavy_is_loaded(clip: Path) -> None:
    script = """
import sys
from pose3d_cli.cli import app
sys.modules["torch"] = sys.modules["ultralytics"] = sys.modules["onnxruntime"] = None
app(["lift", *sys.argv[1:]])
"""
    command = [sys.executable, "-c", script, str(clip), "--out", "a.avi"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}

    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)

    assert done.returncode == 2
    assert "a.avi" in done.stderr


def test_a_video_and_none_cannot_both_be_had(pose3d: Any, clip: Path, tmp_path: Path) -> None:
    run = pose3d("lift", clip, *OUTPUTS, "--no-video")

    assert run.exit_code == 2
    assert "Leave one of the two out" in run.stderr
    assert not list(tmp_path.glob("out.*"))


def unreadable(name: str, film: Callable[..., Path], song: Path, folder: Path) -> Path:
    path = folder / "bad.mp4"
    if name == "folder":
        path.mkdir()
    elif name == "text":
        path.write_text("This is not a video.\n" * 100)
    elif name == "empty":
        path.touch()
    elif name == "sound":
        return song
    elif name == "truncated":
        whole = film("whole.mp4").read_bytes()
        path.write_bytes(whole[: len(whole) // 3])  # the index at the end is gone
    return path


@pytest.mark.parametrize("name", ["missing", "folder", "text", "empty", "sound", "truncated"])
def test_what_is_no_video_is_one_clear_line_and_leaves_nothing(
    pose3d: Any, film: Callable[..., Path], song: Path, tmp_path: Path, name: str
) -> None:
    path = unreadable(name, film, song, tmp_path)
    before = sorted(tmp_path.iterdir())

    run = pose3d("lift", path, *OUTPUTS)

    assert run.exit_code == 4
    assert run.stderr.startswith("error: ")
    assert path.name in run.stderr
    assert "Traceback" not in run.stderr
    assert sorted(tmp_path.iterdir()) == before


def test_nobody_in_the_video_is_exit_code_5(
    pose3d: Any, clip: Path, networks: Callable[..., None], tmp_path: Path
) -> None:
    networks(seen_in=())

    run = pose3d("lift", clip, *OUTPUTS)

    assert run.exit_code == 5
    assert "nobody was found" in run.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["clip.mp4"]


def test_an_output_that_exists_is_replaced_only_on_demand(
    pose3d: Any, clip: Path, tmp_path: Path
) -> None:
    target = tmp_path / "out.json"
    target.write_text("precious")

    refused = pose3d("lift", clip, "--out", target)
    assert refused.exit_code == 6
    assert "-y" in refused.stderr
    assert target.read_text() == "precious"

    assert pose3d("lift", clip, "--out", target, "-y").exit_code == 0
    assert target.read_text() != "precious"


@pytest.mark.parametrize("folder", ["missing", "file"])
def test_a_folder_that_takes_no_files_is_told_before_any_work(
    pose3d: Any, clip: Path, tmp_path: Path, folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(pipeline, "estimate", lambda *_, **__: pytest.fail("worked all the same"))

    run = pose3d("lift", clip, "--out", tmp_path / folder / "out.json")

    assert run.exit_code == 6


def test_a_read_only_folder_is_told_before_any_work(
    pose3d: Any, clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.TemporaryFile", refuse)

    run = pose3d("lift", clip, "--out", tmp_path / "out.json")

    assert run.exit_code == 6
    assert "Permission denied" in run.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--out", "out.avi"), ".mp4"),
        (("--out", "a.bvh", "--out", "a.bvh"), "twice"),
        (("--out", "a.bvh", "--out", "./folder/../a.bvh"), "twice"),
        (("--out", "clip.mp4", "-y"), "input"),
        (("--out", "folder/../clip.mp4", "-y"), "input"),
        (("--out", "link.mp4", "-y"), "input"),
        (("--no-such-option",), "No such option"),
        (("--smooth", "-1"), "--smooth"),
        (("--focal", "nan"), "--focal"),
        (("--start", "3", "--end", "2"), "--end 2 is not after --start 3"),
        (("--fps", "fast"), "--fps fast"),
        (("--fast", "--person", "all"), "largest person only"),
        (("--orbit", "nan"), "--orbit"),
        (("--theme", "blue"), "--theme"),
        (("--trail", "-1"), "--trail"),
    ],
)
def test_options_that_make_no_sense_are_exit_code_2(
    pose3d: Any, clip: Path, options: tuple[str, ...], said: str
) -> None:
    before = clip.read_bytes()
    clip.with_name("folder").mkdir()
    clip.with_name("link.mp4").symlink_to(clip)

    run = pose3d("lift", "clip.mp4", *options)

    assert run.exit_code == 2
    assert said in run.stderr
    assert clip.read_bytes() == before


@pytest.mark.parametrize(("error", "exit_code"), [(KeyboardInterrupt, 130), (RuntimeError, 1)])
def test_a_detector_that_stops_half_way_leaves_nothing(
    pose3d: Any,
    clip: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    models: Any,
    walker: Any,
    error: type[BaseException],
    exit_code: int,
) -> None:
    networks = models(replace(walker, camera=Camera.assumed(320, 240)))

    def stopping(frames: Iterator[Any]) -> Iterator[Any]:
        for found in networks.detector.detect(frames):
            if found.index == 7:
                raise error
            yield found

    detector = SimpleNamespace(name="", sha256="", licence="", detect=stopping)
    broken = pipeline.Models(detector, networks.lifter)
    monkeypatch.setattr(LiftingOptions, "load", lambda *_, **__: broken)

    run = pose3d("lift", clip, *OUTPUTS)

    assert run.exit_code == exit_code
    assert [path.name for path in tmp_path.iterdir()] == ["clip.mp4"]


def test_ctrl_c_while_drawing_leaves_no_half_file(
    pose3d: Any, clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(frames: Iterator[Any], *_: Any, **__: Any) -> Iterator[Any]:
        for frame in frames:
            if frame.index == 7:
                raise KeyboardInterrupt
            yield frame.rgb, frame.time_s

    monkeypatch.setattr(outputs, "render_frames", interrupted)

    run = pose3d("lift", clip, "--out", "out.mp4")

    assert run.exit_code == 130
    assert [path.name for path in tmp_path.iterdir()] == ["clip.mp4"]
