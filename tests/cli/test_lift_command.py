"""What `pose3d lift` writes and says."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import jsonschema
import pytest

from pose3d_cli.cli.lifting_options import LiftingOptions
from pose3d_cli.export.json_file import schema
from pose3d_cli.geometry.camera import Camera

OUTPUTS = ("--out", "out.mp4", "--out", "out.json", "--out", "out.bvh")


@pytest.fixture(autouse=True)
def _with_networks(networks: Callable[..., None]) -> None:
    networks()


def test_a_video_becomes_a_video_json_and_bvh(pose3d: Any, clip: Path, tmp_path: Path) -> None:
    run = pose3d("lift", clip, *OUTPUTS)

    assert run.exit_code == 0, run.output
    assert run.stdout.splitlines() == ["out.mp4", "out.json", "out.bvh"]
    with av.open(str(tmp_path / "out.mp4")) as video:
        assert sum(1 for _ in video.decode(video=0)) == 30
    jsonschema.validate(json.loads((tmp_path / "out.json").read_text()), schema())
    assert (tmp_path / "out.bvh").read_text().startswith("HIERARCHY")


@pytest.mark.parametrize(
    ("layout", "size"),
    [("side", (480, 240)), ("overlay", (320, 240)), ("pip", (320, 240)), ("3d-only", (320, 240))],
)
def test_the_picture_has_the_layout_and_the_height_that_were_asked_for(
    pose3d: Any, clip: Path, tmp_path: Path, layout: str, size: tuple[int, int]
) -> None:
    run = pose3d("lift", clip, "-o", "out.mp4", "--layout", layout, "--video-height", 240)

    assert run.exit_code == 0, run.output
    with av.open(str(tmp_path / "out.mp4")) as video:
        stream = video.streams.video[0]
        assert (stream.width, stream.height) == size


def test_progress_and_times_are_told_on_stderr(pose3d: Any, clip: Path) -> None:
    run = pose3d("lift", clip, "--out", "out.mp4")

    for words in ("Finding people: 30", "Drawing video: 30", "Lifted 30 frames", "Solving motion"):
        assert words in run.stderr
        assert words not in run.stdout


def test_quiet_says_nothing_but_the_files(pose3d: Any, clip: Path) -> None:
    run = pose3d("lift", clip, "--out", "out.bvh", "--quiet")

    assert (run.stdout, run.stderr) == ("out.bvh\n", "")


def test_a_script_gets_one_json_object(pose3d: Any, clip: Path) -> None:
    run = pose3d("lift", clip, "--out", "out.bvh", "--json")

    summary = json.loads(run.stdout)
    assert summary["ok"] is True
    assert summary["outputs"] == ["out.bvh"]
    assert summary["frames"] == 30
    assert summary["people"] == [{"id": 1, "frames": 30}]
    assert "Finding people" in summary["timings_s"]


def test_a_part_of_a_clip_is_lifted(pose3d: Any, clip: Path, tmp_path: Path) -> None:
    run = pose3d("lift", clip, "-o", "a.json", "-o", "a.mp4", "--start=0.5", "--end=0.8")

    assert run.exit_code == 0, run.output
    times_s = json.loads((tmp_path / "a.json").read_text())["time_s"]
    assert times_s == pytest.approx([n * 1001 / 30000 for n in range(15, 24)], abs=1e-6)
    with av.open(str(tmp_path / "a.mp4")) as video:
        assert sum(1 for _ in video.decode(video=0)) == 9


def test_what_was_detected_is_not_detected_again_unless_it_must_be(
    pose3d: Any, clip: Path, networks: Callable[..., None]
) -> None:
    assert pose3d("lift", clip, "-o", "a.json").exit_code == 0
    networks(seen_in=())  # nobody, if it were asked

    assert pose3d("lift", clip, "-o", "b.bvh").exit_code == 0
    assert pose3d("lift", clip, "-o", "c.bvh", "--no-cache").exit_code == 5


def test_without_out_video_and_json_appear_here(pose3d: Any, clip: Path) -> None:
    assert pose3d("lift", clip).stdout.splitlines() == ["clip_3d.mp4", "clip_3d.json"]


def test_no_video_leaves_the_video_away(pose3d: Any, clip: Path, tmp_path: Path) -> None:
    assert pose3d("lift", clip, "--no-video").stdout.splitlines() == ["clip_3d.json"]
    assert not (tmp_path / "clip_3d.mp4").exists()


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        ("odd", {"size_px": (321, 241), "pix_fmt": "yuv444p"}),
        ("variable", {"ticks": [0, 1, 2, 5, 6, 9, 10, 11, 15, 16]}),
        ("one frame", {"ticks": range(1)}),
        ("three frames", {"ticks": range(3)}),
        ("turned", {"size_px": (240, 320), "rotation_deg": 90}),
    ],
)
def test_unusual_videos_work(
    pose3d: Any,
    film: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
    models: Any,
    walker: Any,
    tmp_path: Path,
    kind: str,
    what: dict[str, Any],
) -> None:
    size = (321, 241) if kind == "odd" else (320, 240)
    seen_by = replace(walker, camera=Camera(*size, 300.0, "option"))
    monkeypatch.setattr(LiftingOptions, "load", lambda *_, **__: models(seen_by))
    path = film("odd one.mp4", **({"size_px": (320, 240)} | what))

    run = pose3d("lift", path, *OUTPUTS, "--focal", "300")

    assert run.exit_code == 0, run.output
    document = json.loads((tmp_path / "out.json").read_text())
    assert len(document["time_s"]) == len(what.get("ticks", range(5)))
