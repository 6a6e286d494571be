"""`pose3d reproduce`: tiny sets in the papers' forms through training, evaluation and table."""

import functools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from typer.testing import CliRunner

from pose3d_cli import weights
from pose3d_cli.cli import app
from pose3d_cli.lifting import plugins
from pose3d_cli.lifting.others.lifter import open_motionagformer
from pose3d_cli.lifting.others.motionagformer import MotionAgFormer, MotionAgFormerConfig

CONFIG = """
width = 16
depth = 1
frames = 9
stride = 9
batch = 8
epochs = 1
validation_subjects = ["{held_out}"]
licence = "CC0-1.0"
{more}
"""


def pose3d(*args: str | Path) -> Any:
    return CliRunner().invoke(app, ["reproduce", *map(str, args), "--device", "cpu", "--quiet"])


@pytest.fixture
def config(tmp_path: Path) -> Callable[..., Path]:
    def write(more: str = "", held_out: str = "S5") -> Path:
        path = tmp_path / "run.toml"
        path.write_text(CONFIG.format(more=more, held_out=held_out))
        return path

    return write


def test_a_tiny_human36m_goes_from_training_to_the_papers_table(
    h36m_pickle: Callable[..., Path],
    config: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "120")

    shown = pose3d(config(), "--data", h36m_pickle(), "--out", tmp_path / "run")

    assert shown.exit_code == 0, shown.output
    for word in ("Human3.6M", "Greet", "SitD.", "Avg.", "MPJPE (P1)", "P-MPJPE (P2)", "MPJVE"):
        assert word in shown.stdout


def test_the_table_comes_as_json_and_again_without_training(
    h36m_pickle: Callable[..., Path], config: Callable[..., Path], tmp_path: Path
) -> None:
    wanted = (config(), "--data", h36m_pickle(), "--out", tmp_path / "run", "--json")

    first, again = pose3d(*wanted), pose3d(*wanted, "--limit-minutes", "0")

    assert first.exit_code == 0, first.output
    assert json.loads(first.stdout) == json.loads(again.stdout)
    (table,) = json.loads(first.stdout)["tables"]
    assert [row["measure"] for row in table["rows"]] == [
        "MPJPE (P1)",
        "P-MPJPE (P2)",
        "MPJVE",
        "acceleration",
    ]
    p1, p2 = (row["average"] for row in table["rows"][:2])
    assert 0 < p2 < p1


def test_true_joints_give_both_columns(
    h36m_pickle: Callable[..., Path], config: Callable[..., Path], tmp_path: Path
) -> None:
    shown = pose3d(
        config('two_d = "truth"'), "--data", h36m_pickle(), "--out", tmp_path / "run", "--json"
    )

    assert shown.exit_code == 0, shown.output
    whole, depth_alone = json.loads(shown.stdout)["tables"]
    assert "as published" in depth_alone["input"]
    assert depth_alone["rows"][0]["average"] < whole["rows"][0]["average"]


def test_videopose3ds_files_go_the_same_way(
    videopose3d_files: dict[str, Path], config: Callable[..., Path], tmp_path: Path
) -> None:
    keypoints, positions, cameras = videopose3d_files.values()

    shown = pose3d(
        config("[reference]\nselect_on_test = true"),
        *("--data", keypoints, "--positions", positions, "--cameras", cameras),
        *("--out", tmp_path / "run", "--json"),
    )

    assert shown.exit_code == 0, shown.output
    (table,) = json.loads(shown.stdout)["tables"]
    assert list(table["rows"][0]["by_action"]) == ["Dir."]


def test_mpi_inf_3dhp_is_told_in_pck_and_auc(
    mpi_files: dict[str, Path], config: Callable[..., Path], tmp_path: Path
) -> None:
    train, test = mpi_files.values()

    shown = pose3d(
        config("in_channels = 3\ncentre_frame = true\n[reference]\nselect_on_test = true"),
        *("--data", train, "--test", test, "--out", tmp_path / "run", "--json"),
    )

    assert shown.exit_code == 0, shown.output
    (table,) = json.loads(shown.stdout)["tables"]
    assert [row["measure"] for row in table["rows"]] == ["PCK", "AUC", "MPJPE"]
    assert list(table["rows"][0]["by_action"]) == ["TS1", "TS5"]


def test_half_a_data_set_is_refused_with_what_is_missing(
    videopose3d_files: dict[str, Path], config: Callable[..., Path], tmp_path: Path
) -> None:
    keypoints = videopose3d_files["data_2d_h36m_gt.npz"]

    shown = pose3d(config(), "--data", keypoints, "--out", tmp_path / "run")

    assert shown.exit_code == 2
    assert "--positions" in shown.stderr


def test_weights_of_another_configuration_are_not_measured(
    h36m_pickle: Callable[..., Path], config: Callable[..., Path], tmp_path: Path
) -> None:
    wanted = ("--data", h36m_pickle(), "--out", tmp_path / "run")
    assert pose3d(config(), *wanted).exit_code == 0
    (tmp_path / "run" / "state.safetensors").unlink()

    shown = pose3d(config("in_channels = 3"), *wanted, "--limit-minutes", "0")

    assert shown.exit_code == 3
    assert "this configuration" in shown.stderr


def test_another_lifter_is_measured_by_the_same_protocol(
    h36m_pickle: Callable[..., Path],
    config: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tiny = MotionAgFormerConfig(layers=1, width=16, frames=9, heads=4, representation=8)
    torch.save({"model": MotionAgFormer(tiny).state_dict()}, tmp_path / "tiny.pth.tr")
    opened = functools.partial(open_motionagformer, tiny)
    monkeypatch.setitem(plugins.BUILT_IN, "motionagformer-xs", opened)

    shown = pose3d(
        *(config(), "--data", h36m_pickle(), "--json"),
        *("--lifter", f"motionagformer-xs:{tmp_path / 'tiny.pth.tr'}"),
    )

    assert shown.exit_code == 0, shown.output
    (table,) = json.loads(shown.stdout)["tables"]
    assert table["rows"][0]["average"] > table["rows"][1]["average"] > 0


def test_lifters_that_see_people_otherwise_are_refused(
    h36m_pickle: Callable[..., Path], config: Callable[..., Path]
) -> None:
    ours = weights.shipped("sasmamba-small")

    shown = pose3d(config(), "--data", h36m_pickle(), "--lifter", f"sasmamba:{ours}")

    assert shown.exit_code == 2
    assert "pose3d eval" in shown.stderr


def test_without_a_folder_there_is_nowhere_to_train(
    h36m_pickle: Callable[..., Path], config: Callable[..., Path]
) -> None:
    shown = pose3d(config(), "--data", h36m_pickle())

    assert shown.exit_code == 2
    assert "--out" in shown.stderr
