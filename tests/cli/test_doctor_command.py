import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pose3d_cli import weights
from pose3d_cli.weights import WeightsEntry

LIFTER = "some-lifter"


@pytest.fixture
def doctor(pose3d: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Return a function that runs `pose3d doctor` where one lifter ships and nothing is cached."""
    entries = (
        WeightsEntry(name=LIFTER, role="lifter", file="lifter.safetensors", licence="CC0-1.0"),
        *(entry for entry in weights.manifest() if entry.name == "yolo11n-pose"),
    )
    monkeypatch.setattr(weights, "manifest", lambda: entries)
    monkeypatch.setattr(weights, "SHIPPED_FOLDERS", (tmp_path,))
    (tmp_path / "lifter.safetensors").touch()
    return lambda *args: pose3d("doctor", "--cache-dir", tmp_path / "cache", *args)


def test_a_whole_installation_is_fine_before_anything_was_downloaded(
    doctor: Callable[..., Any],
) -> None:
    run = doctor()

    assert run.exit_code == 0, run.output
    rows = dict(line.split(maxsplit=1) for line in run.stdout.splitlines())
    assert rows[LIFTER] == "present (CC0-1.0)"
    assert rows["yolo11n-pose"].startswith("missing")


def test_what_should_have_shipped_and_is_missing_is_exit_code_1(
    doctor: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "lifter.safetensors").unlink()

    run = doctor("--json")

    assert run.exit_code == 1
    assert json.loads(run.stdout)["ok"] is False
    assert f"broken: {LIFTER}" in run.stderr


def test_a_build_that_cannot_write_video_is_exit_code_1(
    doctor: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("av.codecs_available", {"aac"})

    run = doctor()

    assert run.exit_code == 1
    assert "cannot write libx264" in run.stdout
