"""Facts about ``pose3d weights``: data on stdout, talk on stderr, exit codes through exceptions."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pose3d_cli import weights
from pose3d_cli.cli.weights import app
from pose3d_cli.downloads import Progress
from pose3d_cli.errors import WeightsError
from pose3d_cli.weights import WeightsEntry

CONTENT = b"PK weights"


@dataclass
class Server:
    """A source that always has the file."""

    def fetch(self, part: Path, *, on_progress: Progress) -> None:
        part.write_bytes(CONTENT)
        on_progress(len(CONTENT), len(CONTENT))


@pytest.fixture(autouse=True)
def entries(monkeypatch: pytest.MonkeyPatch) -> tuple[WeightsEntry, ...]:
    """Three detectors that a test server has."""
    entries = tuple(
        WeightsEntry(
            name=name,
            role="detector",
            file=f"{name}.pt",
            licence="CC0-1.0",
            sha256=hashlib.sha256(CONTENT).hexdigest(),
            sources=(Server(),),
        )
        for name in ("here", "broken", "absent")
    )
    monkeypatch.setattr(weights, "manifest", lambda: entries)
    return entries


@pytest.fixture
def cache_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache, named by the environment, that holds one good and one damaged file."""
    monkeypatch.setenv("POSE3D_CACHE_DIR", str(tmp_path))
    monkeypatch.delenv("POSE3D_OFFLINE", raising=False)
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / "here.pt").write_bytes(CONTENT)
    (tmp_path / "weights" / "broken.pt").write_bytes(CONTENT[:3])
    return tmp_path


@pytest.mark.usefixtures("cache_dir")
def test_list_shows_the_state_of_each() -> None:
    result = CliRunner().invoke(app, ["list"])

    assert result.exit_code == 0
    rows = [line.strip("│ ").split("│") for line in result.stdout.splitlines() if "CC0-1.0" in line]
    assert [(row[0].strip(), row[-1].strip()) for row in rows] == [
        ("here", "present"),
        ("broken", "damaged"),
        ("absent", "missing"),
    ]


def test_list_as_json_is_one_object(cache_dir: Path) -> None:
    result = CliRunner().invoke(app, ["list", "--json"])

    document = json.loads(result.stdout)
    first = document["weights"][0]
    assert document["ok"] is False
    assert first["path"] == str(cache_dir / "weights" / "here.pt")
    assert first["size_bytes"] == len(CONTENT)
    assert [row["state"] for row in document["weights"]] == ["present", "damaged", "missing"]


def test_pull_prints_the_paths_alone_and_mends_what_is_damaged(cache_dir: Path) -> None:
    result = CliRunner().invoke(app, ["pull", "broken", "absent"])

    assert result.exit_code == 0
    paths = [cache_dir / "weights" / "broken.pt", cache_dir / "weights" / "absent.pt"]
    assert result.stdout == "".join(f"{path}\n" for path in paths)
    assert [path.read_bytes() for path in paths] == [CONTENT, CONTENT]


def test_the_option_wins_over_the_environment(cache_dir: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"

    result = CliRunner().invoke(app, ["pull", "absent", "--cache-dir", str(other)])

    assert result.stdout == f"{other / 'weights' / 'absent.pt'}\n"
    assert not (cache_dir / "weights" / "absent.pt").exists()


@pytest.mark.usefixtures("cache_dir")
@pytest.mark.parametrize(("arguments", "offline"), [(["--offline"], ""), ([], "1")])
def test_offline_with_an_empty_cache_exits_3_and_tells_the_fix(
    arguments: list[str], offline: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POSE3D_OFFLINE", offline)

    result = CliRunner().invoke(app, ["pull", "absent", *arguments])

    assert isinstance(result.exception, WeightsError)
    assert result.exception.exit_code == 3
    assert "pose3d weights pull absent" in str(result.exception.hint)
    assert result.stdout == ""


def test_path_prints_the_path_alone(cache_dir: Path) -> None:
    result = CliRunner().invoke(app, ["path", "here"])

    assert result.exit_code == 0
    assert result.stdout == f"{cache_dir / 'weights' / 'here.pt'}\n"


@pytest.mark.usefixtures("cache_dir")
@pytest.mark.parametrize("name", ["broken", "absent"])
def test_path_of_what_cannot_be_used_prints_nothing(name: str) -> None:
    result = CliRunner().invoke(app, ["path", name])

    assert isinstance(result.exception, WeightsError)
    assert result.stdout == ""


@pytest.mark.usefixtures("cache_dir")
def test_verify_without_names_fails_for_what_is_damaged_and_skips_what_was_never_fetched() -> None:
    result = CliRunner().invoke(app, ["verify"])

    assert isinstance(result.exception, WeightsError)
    assert result.exception.exit_code == 3
    assert str(result.exception) == "missing or damaged: broken"
    assert "absent" not in result.stdout


@pytest.mark.usefixtures("cache_dir")
def test_verify_by_name_counts_missing_weights_too() -> None:
    assert CliRunner().invoke(app, ["verify", "here"]).exit_code == 0

    result = CliRunner().invoke(app, ["verify", "here", "absent", "--json"])

    assert str(result.exception) == "missing or damaged: absent"
    assert [row["state"] for row in json.loads(result.stdout)["weights"]] == ["present", "missing"]


@pytest.mark.usefixtures("cache_dir")
def test_a_file_of_ones_own_has_nothing_to_be_verified_against(tmp_path: Path) -> None:
    (tmp_path / "own.pt").write_bytes(CONTENT)

    result = CliRunner().invoke(app, ["verify", str(tmp_path / "own.pt")])

    assert isinstance(result.exception, WeightsError)
