from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest


@pytest.fixture
def lifted(pose3d: Any, clip: Path, networks: Callable[..., None], tmp_path: Path) -> Path:
    networks()
    assert pose3d("lift", clip, "-o", "clip.json").exit_code == 0
    return tmp_path / "clip.json"


def size_of(path: Path) -> tuple[int, int]:
    with av.open(str(path)) as video:
        stream = video.streams.video[0]
        return stream.width, stream.height


def test_a_result_is_drawn_again_in_another_layout(
    pose3d: Any, lifted: Path, tmp_path: Path
) -> None:
    run = pose3d(
        *("render", lifted, "-o", "again.mp4", "--layout", "3d-only", "--video-height", 240),
        *("--theme", "light", "--orbit", 30, "--trail", 0.5),
    )

    assert run.exit_code == 0, run.output
    assert run.stdout == "again.mp4\n"
    assert size_of(tmp_path / "again.mp4") == (320, 240)


def test_a_still_shows_the_clip_beside_the_view(pose3d: Any, lifted: Path, tmp_path: Path) -> None:
    run = pose3d("render", lifted, "-o", "still.png", "-o", "dark.jpg", "--video-height", 240)

    assert run.exit_code == 0, run.output
    still = cv2.imread(str(tmp_path / "still.png"))
    assert still is not None
    assert still.shape == (240, 480, 3)
    assert still[:, 320:].mean() < 90
    other = cv2.imread(str(tmp_path / "dark.jpg"))
    assert np.abs(still.astype(float) - other).mean() < 12


def test_the_video_may_be_elsewhere(pose3d: Any, lifted: Path, clip: Path, tmp_path: Path) -> None:
    moved = clip.rename(tmp_path / "moved.mp4")
    lost = pose3d("render", lifted, "-o", "a.png")
    found = pose3d("render", lifted, "-o", "a.png", "--video", moved)

    assert (lost.exit_code, found.exit_code) == (4, 0)
    assert "clip.mp4" in lost.stderr


@pytest.mark.parametrize(
    ("options", "exit_code", "said"),
    [
        (("-o", "a.bvh"), 2, ".mp4, .png"),
        (("-o", "a.bvh"), 2, "`pose3d export`"),
        (("-o", "clip.mp4", "-y"), 2, "input"),
        (("-o", "here.mp4"), 6, "exists"),
        (("-o", "a.mp4", "-o", "a.mp4"), 2, "twice"),
        (("--layout", "round"), 2, "--layout"),
    ],
)
def test_what_makes_no_sense_is_refused(
    pose3d: Any, lifted: Path, tmp_path: Path, options: tuple[str, ...], exit_code: int, said: str
) -> None:
    (tmp_path / "here.mp4").touch()

    run = pose3d("render", lifted, *options)

    assert run.exit_code == exit_code
    assert said in run.stderr
    assert not (tmp_path / "a.bvh").exists()
