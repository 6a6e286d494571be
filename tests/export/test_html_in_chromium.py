"""The viewer page in a real browser: no errors, no requests, drawn, and in step with the video."""

import json
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pose3d_cli.export.html_page import write_html
from pose3d_cli.sequences import Result
from pose3d_cli.video.reader import probe, read_frames

pytestmark = [pytest.mark.web, pytest.mark.slow]
VIEWER = Path(__file__).parents[2] / "viewer"
SHIPPED = Path(__file__).parents[2] / "pose3d_cli" / "export" / "viewer"
FRAMES = 75
SIZE_PX = (320, 240)
DIGITS = 10
MOST_LAG = 15
"""Frames. 0 or 1 is usual; a busy machine that draws in software may take longer."""


def chromium() -> str:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    pytest.fail("no Chromium: apt-get install chromium")


def numbered(frame: int) -> np.ndarray:
    """A picture whose top row says which frame it is, in squares, the least digit first."""
    width, height = SIZE_PX
    picture = np.full((height, width, 3), 90, np.uint8)
    side = width // DIGITS
    for digit in range(DIGITS):
        picture[:side, digit * side : (digit + 1) * side] = 255 * (frame >> digit & 1)
    return picture


CLIPS: dict[str, dict[str, Any]] = {
    "constant rate": {"ticks": range(FRAMES)},
    "late start, with sound": {"ticks": range(40, 40 + FRAMES), "sound": "aac"},
    "phone": {"ticks": (np.arange(FRAMES) + np.arange(FRAMES) // 4).tolist()},
}


@pytest.fixture(params=CLIPS)
def filmed(
    request: pytest.FixtureRequest, film: Callable[..., Path], results: Callable[..., Result]
) -> Result:
    """A result of a clip whose frames are numbered."""
    pictures = [numbered(frame) for frame in range(FRAMES)]
    options = {"qp": "16"}  # browsers do not play lossless H.264
    path = film(
        "clip.mp4", size_px=SIZE_PX, pictures=pictures, options=options, **CLIPS[request.param]
    )
    clip = probe(path)
    times_s = np.array([float(frame.time_s) for frame in read_frames(clip)])
    assert len(times_s) == FRAMES
    result = results(times_s, people=2, fps=clip.fps)
    smaller = np.divide(SIZE_PX, (result.clip.width_px, result.clip.height_px))
    people = tuple(
        replace(
            person,
            poses_2d=replace(person.poses_2d, keypoints_px=person.poses_2d.keypoints_px * smaller),
        )
        for person in result.people
    )
    return replace(result, clip=clip, people=people)


def driven(page: Path) -> Any:
    """Return what ``drive.mjs`` saw."""
    run = subprocess.run(
        ["node", "test/drive.mjs", chromium(), str(page)],
        cwd=VIEWER,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def check_drawn(look: Any) -> None:
    assert look["colours"]["stage"] > 300
    assert look["colours"]["timeline"] > 5
    assert all(colours > 10 for colours in look["colours"]["plots"])


def test_it_shows_every_frame_beside_its_pose(filmed: Result, tmp_path: Path) -> None:
    write_html(tmp_path / "page.html", filmed)

    seen = driven(tmp_path / "page.html")

    assert seen["seen"]["console"] == []
    assert seen["seen"]["errors"] == []
    page, *others = seen["seen"]["requests"]
    assert page.endswith("/page.html")
    assert all(address.startswith("blob:") for address in others)
    check_drawn(seen["start"])
    assert seen["start"]["colours"]["overlay"] > 10
    assert seen["start"]["joints"] == pytest.approx(
        filmed.people[0].world.positions_m[0, :2].ravel(), abs=1e-3
    )
    lags = np.abs(seen["play"]["lags"])
    assert len(set(seen["play"]["frames"])) >= 3
    assert np.median(lags) <= 1
    assert lags.max() <= MOST_LAG
    stopped = seen["stopped"]
    assert stopped["frame"] == stopped["stageFrame"]


def test_keys_and_scrubbing_go_where_they_say(
    results: Callable[..., Result], tmp_path: Path
) -> None:
    result = results(np.arange(FRAMES) / 30, people=2)
    write_html(tmp_path / "page.html", result)

    seen = driven(tmp_path / "page.html")

    assert seen["seen"]["errors"] == seen["seen"]["console"] == []
    assert len(seen["seen"]["requests"]) == 1
    keys, start = seen["keys"], seen["start"]
    assert "clip.mp4 was not found" in start["note"]
    assert keys["End"]["frame"] == FRAMES - 1
    assert (keys["Home"]["frame"], keys["ArrowRight"]["frame"]) == (0, 1)
    assert keys["ArrowRight"]["frameText"] == f"frame 1 of {FRAMES}"
    left, top, free = (np.array(keys[key]["camera"]) for key in "361")
    assert top[1] > 2 * max(left[1], free[1])
    assert not np.allclose(left, free)
    assert (keys["]"]["rate"], keys["["]["rate"]) == ("1.5", "1")
    assert (start["theme"], keys["t"]["theme"]) == ("dark", "light")
    assert seen["scrubbed"]["frame"] == FRAMES // 2
    assert seen["started"]["playing"]
    assert not seen["stopped"]["playing"]
    played = seen["play"]["frames"]
    assert played == sorted(played)
    assert played[-1] - played[0] > 30
    check_drawn(seen["stopped"])


def test_the_bundle_is_what_its_sources_build(tmp_path: Path) -> None:
    built = tmp_path / "viewer.min.js"
    subprocess.run(["node", "build.mjs", str(built)], cwd=VIEWER, check=True)
    assert built.read_bytes() == (SHIPPED / "viewer.min.js").read_bytes()
