from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import pytest


def timed_pictures(path: Path) -> list[tuple[float | None, bytes]]:
    with av.open(str(path)) as video:
        return [(p.time, p.to_ndarray(format="rgb24").tobytes()) for p in video.decode(video=0)]


@pytest.fixture
def lifted(pose3d: Any, clip: Path, networks: Callable[..., None], tmp_path: Path) -> Path:
    """A result in a folder of its own, as a batch leaves it: the clip is elsewhere."""
    networks()
    (tmp_path / "out").mkdir()
    assert pose3d("lift", clip, "-o", "out/clip.json").exit_code == 0
    return tmp_path / "out" / "clip.json"


@pytest.mark.parametrize("layout", ["side", "overlay"])
@pytest.mark.parametrize(
    "command", [("render", "-o", "a.png"), ("view", "--no-open"), ("export", "-f", "html")]
)
def test_a_video_that_we_drew_is_not_taken_for_the_clip(
    pose3d: Any, lifted: Path, clip: Path, layout: str, command: tuple[str, ...]
) -> None:
    drawn = pose3d(
        *("lift", clip, "-o", lifted.with_name("clip.mp4"), "--layout", layout),
        *("--video-height", 240),
    )
    assert drawn.exit_code == 0, drawn.output

    mistaken = pose3d(command[0], lifted, *command[1:])
    right = pose3d(command[0], lifted, *command[1:], "--video", clip)

    assert (mistaken.exit_code, right.exit_code) == (4, 0), right.output
    assert "clip.mp4" in mistaken.stderr
    assert "--video" in mistaken.stderr


def test_a_video_of_another_shape_is_not_the_clip(
    pose3d: Any, lifted: Path, film: Callable[..., Path]
) -> None:
    narrow = film("narrow.mp4", size_px=(240, 320), ticks=range(30))
    run = pose3d("render", lifted, "-o", "a.png", "--video", narrow)

    assert run.exit_code == 4
    assert "240 × 320" in run.stderr


def test_a_smaller_copy_of_the_clip_will_do(
    pose3d: Any, lifted: Path, film: Callable[..., Path]
) -> None:
    small = film("small.mp4", size_px=(160, 120), ticks=range(30))

    assert pose3d("render", lifted, "-o", "a.png", "--video", small).exit_code == 0


def test_a_drawing_without_the_clip_asks_for_it(pose3d: Any, lifted: Path) -> None:
    run = pose3d("render", lifted, "-o", "a.png")

    assert run.exit_code == 4
    assert "clip.mp4" in run.stderr
    assert "--video" in run.stderr


@pytest.mark.parametrize("name", ["a.png", "a.mp4"])
def test_the_motion_alone_is_drawn_without_the_clip(
    pose3d: Any, lifted: Path, clip: Path, name: str, tmp_path: Path
) -> None:
    alone = pose3d("render", lifted, "-o", name, "--layout", "3d-only", "--video-height", 120)
    with_clip = pose3d(
        *("render", lifted, "-o", f"with-{name}", "--layout", "3d-only", "--video-height", 120),
        *("--video", clip),
    )

    assert (alone.exit_code, with_clip.exit_code) == (0, 0), alone.output
    assert timed_pictures(tmp_path / name) == timed_pictures(tmp_path / f"with-{name}")


@pytest.mark.parametrize("sound", ["aac", None])
def test_the_motion_alone_is_drawn_over_what_a_batch_drew_and_says_that_it_is_silent(
    pose3d: Any, lifted: Path, clip: Path, film: Callable[..., Path], sound: str | None
) -> None:
    film(clip.name, size_px=(320, 240), ticks=range(30), sound=sound)
    drawn, small = lifted.with_name("clip.mp4"), ("--video-height", 120)
    again = pose3d("lift", clip, "-o", lifted, "-o", drawn, *small, "-y")
    assert again.exit_code == 0, again.output

    alone = pose3d("render", lifted, "--layout", "3d-only", *small, "-y")

    assert alone.exit_code == 0, alone.output
    assert ("without sound" in alone.stderr) == (sound is not None)
    with av.open(str(drawn)) as video:
        assert not video.streams.audio
        assert video.streams.video[0].width == 160


def test_the_motion_alone_takes_no_video_that_is_named_and_cannot_be_the_clip(
    pose3d: Any, lifted: Path, film: Callable[..., Path]
) -> None:
    narrow = film("narrow.mp4", size_px=(240, 320), ticks=range(30))
    run = pose3d("render", lifted, "-o", "a.png", "--video", narrow, "--layout", "3d-only")

    assert run.exit_code == 4
    assert "240 × 320" in run.stderr


def test_other_formats_care_for_no_video(pose3d: Any, lifted: Path) -> None:
    lifted.with_name("clip.mp4").write_text("no video at all")

    assert pose3d("export", lifted, "-f", "bvh").exit_code == 0
