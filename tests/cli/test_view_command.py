import os
import webbrowser
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def result(pose3d: Any, clip: Path, networks: Callable[..., None], tmp_path: Path) -> Path:
    """What `pose3d lift` wrote, beside the clip."""
    networks()
    pose3d("lift", clip, "--out", "run.json")
    return tmp_path / "run.json"


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Addresses that a browser was asked for, on a machine with a screen."""
    addresses: list[str] = []
    monkeypatch.setattr(webbrowser, "open", addresses.append)
    monkeypatch.setenv("DISPLAY", ":0")
    return addresses


def test_the_page_is_written_beside_the_result_and_opened(
    pose3d: Any, result: Path, opened: list[str]
) -> None:
    run = pose3d("view", result)

    page = result.with_suffix(".html")
    assert (run.exit_code, run.stdout) == (0, f"{page}\n")
    assert opened == [page.as_uri()]
    assert "The video is inside this page" in page.read_text(encoding="utf-8")


def test_a_video_elsewhere_can_be_named(
    pose3d: Any, result: Path, clip: Path, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").mkdir()
    moved = clip.rename(tmp_path / "elsewhere" / "renamed.mp4")

    run = pose3d("view", result, "--video", moved, "--no-open", "-o", "page.html")

    assert run.exit_code == 0, run.output
    assert "The video is inside this page" in (tmp_path / "page.html").read_text(encoding="utf-8")
    assert pose3d("view", result, "--video", "nowhere.mp4", "--no-open").exit_code == 4


def test_without_the_video_the_poses_are_shown_alone(pose3d: Any, result: Path, clip: Path) -> None:
    clip.unlink()

    run = pose3d("view", result, "--no-open")

    assert run.exit_code == 0
    assert "the page shows the poses without it" in run.stderr


def test_nothing_is_opened_where_there_is_no_screen(
    pose3d: Any, result: Path, opened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.delenv("DISPLAY")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)

    assert pose3d("view", result).exit_code == 0
    assert opened == []


def test_an_existing_page_is_replaced_only_on_demand(pose3d: Any, result: Path) -> None:
    result.with_suffix(".html").write_text("precious")

    assert pose3d("view", result, "--no-open").exit_code == 6
    assert result.with_suffix(".html").read_text() == "precious"
    assert pose3d("view", result, "--no-open", "-y").exit_code == 0


def test_a_page_that_is_newer_than_its_result_is_just_opened(
    pose3d: Any, result: Path, opened: list[str]
) -> None:
    page = result.with_suffix(".html")
    assert pose3d("view", result).exit_code == 0
    first = page.stat().st_mtime_ns

    again = pose3d("view", result)

    assert (again.exit_code, again.stdout) == (0, f"{page}\n")
    assert page.stat().st_mtime_ns == first
    assert opened == 2 * [page.as_uri()]
    assert pose3d("view", result, "--shrink").exit_code == 6
    os.utime(result, ns=(first + 10**9, first + 10**9))
    assert pose3d("view", result).exit_code == 6


def test_lift_and_export_write_the_same_page(pose3d: Any, clip: Path, result: Path) -> None:
    assert pose3d("lift", clip, "-o", "direct.html").exit_code == 0
    assert pose3d("export", result, "-f", "html").exit_code == 0

    assert result.with_suffix(".html").read_bytes() == (clip.parent / "direct.html").read_bytes()


def test_a_smaller_copy_of_any_video_can_be_put_inside(
    pose3d: Any, result: Path, clip: Path
) -> None:
    assert pose3d("view", result, "--no-open", "--shrink").exit_code == 0

    page = result.with_suffix(".html").read_text(encoding="utf-8")
    assert "A smaller copy of the video is inside" in page
    clip.unlink()
    assert pose3d("view", result, "--no-open", "--shrink", "-y").exit_code == 4
