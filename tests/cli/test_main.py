import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import typer
from rich.text import Text

from pose3d_cli import __version__
from pose3d_cli.cli import app

HEAVY = ("torch", "cv2", "av", "numpy", "scipy", "ultralytics", "numba", "matplotlib")


def commands() -> dict[str, Any]:
    """Every command, by all of its words."""
    group: Any = typer.main.get_command(app)
    found = {"pose3d": group, **group.commands}
    for name, command in group.commands.items():
        for below, sub in getattr(command, "commands", {}).items():
            found[f"{name} {below}"] = sub
    return found


@pytest.mark.parametrize(("words", "command"), commands().items())
def test_help_says_everything_that_was_written(words: str, command: Any) -> None:
    """What stands in brackets is a style to the help's formatter, and vanishes."""
    texts = [command.help, *(getattr(p, "help", None) for p in command.params)]

    for text in filter(None, texts):
        shown = Text.from_markup(text).plain
        assert shown == text.replace("\\[", "["), words


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from typer.testing import CliRunner\n"
        "from pose3d_cli.cli import app\n"
        "assert CliRunner().invoke(app, ['--help']).exit_code == 0\n"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def cpu_s(*command: str) -> float:
    """Return the least that a process took of three, so that other work does not count."""

    def once() -> float:
        before = os.times()
        subprocess.run([sys.executable, *command], capture_output=True, check=True)
        after = os.times()
        return sum(after[2:4]) - sum(before[2:4])

    return min(once() for _ in range(3))


def test_help_costs_little_more_than_that_of_an_empty_program() -> None:
    empty = "import typer; typer.run(lambda: None)"

    assert cpu_s("-m", "pose3d_cli", "--help") <= 4 * cpu_s("-c", empty, "--help")


@pytest.mark.parametrize("command", commands().values(), ids=commands())
def test_every_command_and_every_option_is_explained(command: Any) -> None:
    assert command.help
    for parameter in command.params:
        assert getattr(parameter, "help", None), parameter.name


def test_the_version_is_told(pose3d: Any) -> None:
    assert pose3d("--version").stdout == f"pose3d {__version__}\n"


def test_the_schema_is_a_valid_one(pose3d: Any) -> None:
    printed = json.loads(pose3d("schema").stdout)

    jsonschema.Draft202012Validator.check_schema(printed)


def test_debug_shows_where_an_error_comes_from(pose3d: Any) -> None:
    run = pose3d("--debug", "lift", "none.mp4")

    assert run.exit_code == 4
    assert "Traceback" in run.stderr
    assert "Traceback" not in pose3d("lift", "none.mp4").stderr


def test_a_reader_that_has_seen_enough_is_no_failure() -> None:
    # Short enough to stay in the buffer, which Python writes out once more when it ends.
    command = [sys.executable, "-m", "pose3d_cli", "weights", "list", "--json"]
    buffered = {k: v for k, v in os.environ.items() if k != "PYTHONUNBUFFERED"}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=buffered
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        said = process.stderr.read()

    assert process.returncode == 0
    assert said == b""


def test_doctor_tells_versions_and_weights(pose3d: Any, tmp_path: Path) -> None:
    facts = json.loads(pose3d("doctor", "--json", "--cache-dir", tmp_path).stdout)["facts"]

    assert facts["pose3d"] == __version__
    assert facts["yolo11n-pose"].startswith("missing")
    for name in ("torch", "video", "opencv", "device"):
        assert not facts[name].startswith("missing")


def test_doctor_fails_if_something_that_is_needed_is_broken(
    pose3d: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "av", None)

    run = pose3d("doctor", "--cache-dir", tmp_path)

    assert run.exit_code == 1
    assert "video" in run.stderr
