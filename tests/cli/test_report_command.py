import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pose3d_cli.cli.report import in_columns


@pytest.fixture
def result(clip: Path, networks: Callable[..., None], pose3d: Callable[..., Any]) -> Path:
    networks()
    assert pose3d("lift", clip, "-o", "result.json", "-q").exit_code == 0
    return Path("result.json")


def test_a_report_is_sentences_and_a_page(result: Path, pose3d: Callable[..., Any]) -> None:
    done = pose3d("report", result)
    assert done.exit_code == 0, done.output
    assert "Camera pitched" in done.stdout
    assert "m tall" in done.stdout
    assert done.stdout.splitlines()[-1] == "result.report.png"
    assert Path("result.report.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("terminal", [True, False])
def test_sentences_fit_a_terminal_and_are_whole_lines_elsewhere(
    monkeypatch: pytest.MonkeyPatch, *, terminal: bool
) -> None:
    class Out(io.StringIO):
        def isatty(self) -> bool:
            return terminal

    monkeypatch.setattr("sys.stdout", Out())
    monkeypatch.setenv("COLUMNS", "40")
    line = "  - The rig (constant bones, standing feet) is 6.1 mm from the lifter's poses."

    lines = in_columns(line).splitlines()

    assert " ".join(part.strip() for part in lines) == line.strip()
    assert all(len(part) <= (40 if terminal else len(line)) for part in lines)
    assert all(part.startswith("    ") for part in lines[1:])
    assert (len(lines) > 1) is terminal


def test_scripts_get_json_and_a_gate(result: Path, pose3d: Callable[..., Any]) -> None:
    done = pose3d("report", result, "--json", "--no-page")
    summary = json.loads(done.stdout)
    (person,) = summary["people"]
    assert 0 < person["score"] < 1
    assert {"gravity", "scale", "fit"} <= {finding["code"] for finding in person["findings"]}
    assert not Path("result.report.png").exists()
    assert pose3d("report", result, "--no-page", "--fail-below", "0.01").exit_code == 0
    failed = pose3d("report", result, "--no-page", "--fail-below", "0.999")
    assert failed.exit_code == 8
    assert "less than 0.999" in failed.stderr


def test_nothing_is_replaced_without_being_told(result: Path, pose3d: Callable[..., Any]) -> None:
    assert pose3d("report", result).exit_code == 0
    assert pose3d("report", result).exit_code == 6
    assert pose3d("report", result, "-y").exit_code == 0
