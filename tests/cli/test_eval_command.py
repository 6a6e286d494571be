import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pose3d_cli.evaluation import suite
from pose3d_cli.lifting.checkpoint import save_checkpoint
from pose3d_cli.lifting.config import SasMambaConfig
from pose3d_cli.lifting.model import SasMamba
from pose3d_cli.lifting.normalise import INPUT_CONVENTION

LIFTER = SasMambaConfig(width=16, depth=1, in_channels=3)


@pytest.fixture
def held_out(tmp_path: Path) -> Path:
    """A folder with one shard of two sources, and a lifter that has learnt nothing."""
    rng = np.random.default_rng(5)
    pose_mm = rng.normal(0, 400, (24, 3)) + rng.normal(0, 5, (30, 24, 3)).cumsum(0)
    delta = np.diff(pose_mm.round(), axis=0, prepend=0)
    delta[12] = pose_mm[12].round()
    np.savez(
        tmp_path / "val.npz",
        delta=delta.astype(np.int16),
        start=np.array([0, 12]),
        length=np.array([12, 18]),
        source=np.array(["CMU", "HDM05"]),
        fps=np.array(30),
    )
    save_checkpoint(
        tmp_path / "tiny.safetensors", SasMamba(LIFTER), about={"input": INPUT_CONVENTION}
    )
    return tmp_path


ARGUMENTS = ("--shards", "val.npz", "--lifter", "tiny.safetensors", "--device", "cpu")


def test_every_source_has_a_row_for_the_lifter_and_one_for_flat_poses(
    pose3d: Any, held_out: Path
) -> None:
    run = pose3d("eval", "--data", held_out, *ARGUMENTS, "--quiet")

    assert run.exit_code == 0, run.output
    assert "realistic/1" in run.stdout
    rows = [
        line.split() for line in run.stdout.splitlines() if " tiny " in line or " flat " in line
    ]
    assert [row[0] for row in rows[:6]] == ["CMU", "CMU", "HDM05", "HDM05", "all", "all"]
    assert [row[2] for row in rows[:6]] == 3 * ["tiny", "flat"]
    assert {row[0] for row in rows[6:]} <= {"pitch", "roll", "seen"}
    assert run.stderr == ""


def test_a_script_gets_the_scores_as_json(pose3d: Any, held_out: Path) -> None:
    options = ("--cameras", "2", "--noise", "0", "--own-bones", "--json")
    run = pose3d("eval", "--data", held_out, *ARGUMENTS, *options)

    document = json.loads(run.stdout)
    assert (document["ok"], document["lifter"]) == (True, "tiny")
    assert [(s["source"], s["frames"]) for s in document["scores"]] == [
        ("CMU", 24),
        ("HDM05", 36),
        ("all", 60),
    ]
    for score in document["scores"]:
        for errors in (score["lifter"], score["flat"]):
            assert {"mpjpe_mm", "n_mpjpe_mm", "p_mpjpe_mm", "mpjve_mm", "trunk_deg"} < set(errors)
            assert all(error > 0 for error in errors.values())
    assert document["conditions"] == "realistic/1 cameras=2 noise=0 own_bones=1"
    assert sum(row["frames"] for row in document["by_pitch"]) == 60
    assert len(document["by_joint_mm"]) == 17
    assert pose3d("eval", "--data", held_out, *ARGUMENTS, *options).stdout == run.stdout


def test_straight_knees_change_the_truth_and_the_name(pose3d: Any, held_out: Path) -> None:
    options = ("--cameras", "1", "--noise", "0", "--json")
    bent, straight = (
        json.loads(pose3d("eval", "--data", held_out, *ARGUMENTS, *options, *more).stdout)
        for more in ((), ("--straight-knees",))
    )

    assert straight["conditions"] == f"{bent['conditions']} straight_knees=1"
    knee = next(name for name in bent["by_joint_mm"] if name == "right_knee")
    assert straight["by_joint_mm"][knee] != bent["by_joint_mm"][knee]


def test_baselines_that_know_other_motion_are_asked_for(pose3d: Any, held_out: Path) -> None:
    run = pose3d("eval", "--data", held_out, *ARGUMENTS, "--reference", "val.npz", "--json", "-q")

    assert run.exit_code == 0, run.output
    assert {"lifter", "flat", "mean_pose", "nearest"} < set(json.loads(run.stdout)["scores"][0])


def test_a_suite_has_a_row_for_each_of_its_conditions(
    pose3d: Any, held_out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(suite, "CHANGES", ({}, {"frames": 9}))
    arguments = ("eval", "--data", held_out, *ARGUMENTS, "--suite", "--cameras", "1", "--quiet")
    run, document = pose3d(*arguments), json.loads(pose3d(*arguments, "--json").stdout)

    assert run.exit_code == 0, run.output
    names = [part["conditions"] for part in document["suite"]]
    assert names == [
        f"{protocol} cameras=1{change}"
        for protocol in ("realistic/1", "unified/1", "marked/1")
        for change in ("", " frames=9")
    ]
    assert all(part["scores"][-1]["frames"] == 30 for part in document["suite"])
    assert all(name in run.stdout for name in names)
    assert run.stdout.count(" flat ") == 3


@pytest.mark.parametrize("option", [("--roll", "5"), ("--noise", "0"), ("--reference", "val.npz")])
def test_a_suite_sets_the_conditions_itself(
    pose3d: Any, held_out: Path, option: tuple[str, str]
) -> None:
    run = pose3d("eval", "--data", held_out, *ARGUMENTS, "--suite", *option)

    assert run.exit_code == 2
    assert "--suite" in run.stderr


def test_a_missing_shard_is_an_input_error(pose3d: Any, held_out: Path) -> None:
    run = pose3d("eval", "--data", held_out, *ARGUMENTS, "--shards", "none.npz")

    assert run.exit_code == 4
    assert "none.npz" in run.stderr


@pytest.mark.parametrize("options", [(), ("--data", ".", "--result", "a.json")])
def test_either_motion_or_a_result_is_measured(pose3d: Any, options: tuple[str, ...]) -> None:
    run = pose3d("eval", *options)

    assert run.exit_code == 2
    assert "--result" in run.stderr


def test_a_result_is_checked_against_itself(pose3d: Any, networks: Any, clip: Path) -> None:
    networks()
    lifted = pose3d("lift", clip, "-o", "out.json")
    assert lifted.exit_code == 0, lifted.output

    table = pose3d("eval", "--result", "out.json")
    document = json.loads(pose3d("eval", "--result", "out.json", "--json").stdout)

    assert table.exit_code == 0, table.output
    assert "none of it proves" in " ".join(table.stdout.split())
    (person,) = document["people"]
    assert person["reprojection_percent"] < 5
    assert person["bones_percent"] < 1
