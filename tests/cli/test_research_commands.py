"""`pose3d train` and `pose3d eval`, on a made-up shard."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

CONFIG = """
width = 16
depth = 1
licence = "CC0-1.0"
shards = ["made_up.npz"]
validation_shards = ["made_up.npz"]
learning_rate = 1e-3
warmup_steps = 1
decay_share = 0.5

[mix]
X = 1.0

[[phases]]
frames = 9
clips = 2
steps = 2
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    rng = np.random.default_rng(7)
    pose_mm = rng.normal(0, 400, (1, 24, 3)) + rng.normal(0, 5, (40, 24, 3)).cumsum(0)
    np.savez(
        tmp_path / "made_up.npz",
        delta=np.diff(pose_mm.round(), axis=0, prepend=0).astype(np.int16),
        start=np.array([0, 15]),
        length=np.array([15, 25]),
        source=np.array(["X", "X"]),
        fps=np.array(30),
    )
    (tmp_path / "run.toml").write_text(CONFIG)
    return tmp_path


def test_what_was_trained_can_be_measured(pose3d: Any, data: Path) -> None:
    trained = pose3d("train", data / "run.toml", "--data", data, "--out", data / "run")
    assert trained.exit_code == 0, trained.output
    assert "step 2 of 2" in trained.stderr

    weights = data / "run" / "weights.safetensors"
    measured = pose3d(
        "eval", "--data", data, "--shards", "made_up.npz", "--lifter", weights, "--json"
    )

    assert measured.exit_code == 0, measured.output
    scores = json.loads(measured.stdout)["scores"]
    assert [score["source"] for score in scores] == ["X", "all"]
    assert scores[0]["frames"] == 40 * 4
    for poses in ("lifter", "flat"):
        assert {"mpjpe_mm", "n_mpjpe_mm", "p_mpjpe_mm", "mpjve_mm"} < set(scores[0][poses])
        assert scores[0][poses]["p_mpjpe_mm"] <= scores[0][poses]["mpjpe_mm"]


def test_a_run_that_is_complete_has_nothing_left(pose3d: Any, data: Path) -> None:
    command = ("train", data / "run.toml", "--data", data, "--out", data / "run", "-q")
    pose3d(*command)

    assert "nothing left" in pose3d(*command).stderr


def test_data_that_is_not_there_is_exit_code_4(pose3d: Any, data: Path) -> None:
    run = pose3d("train", data / "run.toml", "--data", data / "none", "--out", data / "run")

    assert run.exit_code == 4
    assert "made_up.npz" in run.stderr
