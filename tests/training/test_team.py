"""Two processes that talk over gloo, as ``torchrun`` would start them."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from pose3d_cli.errors import UsageError
from pose3d_cli.training.config import TrainingConfig
from pose3d_cli.training.team import Team, joined

ROOT = Path(__file__).parents[2]

STEP = """
import sys
from dataclasses import fields, replace
from pathlib import Path
import torch
from safetensors.torch import save_file
from pose3d_cli.training.config import read_config
from pose3d_cli.training.source import Source
from pose3d_cli.training.state import TrainingState
from pose3d_cli.training.step import Step
from pose3d_cli.training.team import Team, joined

torch.set_num_threads(1)
folder = Path(sys.argv[1])
config = read_config(folder / "run.toml")
with joined("cpu") as team:
    everything = Source.read(config, folder, Team(team.device))
    state = TrainingState.fresh(config, team)
    step = Step(state, config, team)
    together = torch.Generator().manual_seed(5)
    gradients = {}
    for number in range(2):
        batch = everything.draw(config.phases[0], together)
        mine = {f.name: getattr(batch, f.name).chunk(team.size)[team.rank] for f in fields(batch)}
        step(replace(batch, **mine), rate=1e-3, memory=0.5)
        for name, parameter in state.model.named_parameters():
            gradients[f"gradient.{number}.{name}"] = parameter.grad.clone()
    save_file(state.tensors() | gradients, folder / f"{team.size}-{team.rank}.safetensors")
"""

CONFIG = """
width = 16
depth = 1
licence = "CC0-1.0"
shards = ["train.npz"]
validation_shards = ["train.npz"]
validation_clips = 2
learning_rate = 1e-3
warmup_steps = 1
mix = { A = 1.0 }
phases = [{ frames = 9, clips = 4, steps = 3 }]
"""


def run_together(size: int, *arguments: object) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    processes = [
        subprocess.Popen(
            [sys.executable, *map(str, arguments)],
            cwd=ROOT,
            env=os.environ
            | {"RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": str(size)}
            | {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "OMP_NUM_THREADS": "1"},
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in range(size)
    ]
    for process in processes:
        _, said = process.communicate(timeout=240)
        assert process.returncode == 0, said


@pytest.fixture
def folder(data: Path) -> Path:
    (data / "run.toml").write_text(CONFIG)
    return data


@pytest.mark.slow
def test_two_processes_take_the_steps_that_one_takes_with_all_windows(folder: Path) -> None:
    run_together(1, "-c", STEP, folder)
    run_together(2, "-c", STEP, folder)

    whole, half, other_half = (
        load_file(folder / f"{name}.safetensors") for name in ("1-0", "2-0", "2-1")
    )
    for name, tensor in whole.items():
        assert torch.equal(half[name], other_half[name]), name
        # Optimizers make a whole step of a gradient that is 0 but for rounding, as that of the
        # head's bias is: poses are taken relative to the root.
        if name.startswith("gradient."):
            assert (half[name] - tensor).abs().max() < 1e-5, name
        elif name.startswith("model.") and "head" not in name:
            assert (half[name] - tensor).norm() <= 1e-4 * tensor.norm(), name


@pytest.mark.slow
def test_a_run_of_two_writes_one_state_and_can_be_gone_on_with_alone(folder: Path) -> None:
    where = ("--data", folder, "--out", folder / "out", "--device", "cpu", "-q")
    command = ("-m", "pose3d_cli", "train", folder / "run.toml", *where)
    run_together(2, *command)
    assert (folder / "out" / "weights.safetensors").exists()
    (folder / "run.toml").write_text(CONFIG.replace("steps = 3", "steps = 4"))

    run_together(1, *command)

    assert '"step": 4' in (folder / "out" / "state.json").read_text()


def test_a_team_of_one_agrees_with_itself(alone: Team) -> None:
    values = torch.ones(3)
    alone.average_(values)

    assert values.tolist() == [1, 1, 1]
    assert alone.agreed(1.5, 0.0) == (1.5, 0.0)
    assert [t.tolist() for t in alone.gathered(values)] == [[1, 1, 1]]
    assert alone.leads


def test_windows_that_cannot_be_divided_are_refused() -> None:
    team = Team(torch.device("cpu"), rank=1, size=2)

    assert team.share_of(6) == 3
    with pytest.raises(UsageError, match="3 clips a step cannot be divided among 2"):
        team.share_of(3)


def test_without_torchrun_one_is_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    with joined("cpu") as team:
        assert team == Team(torch.device("cpu"))


def test_more_processes_than_gpus_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCAL_RANK", "3")
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    with pytest.raises(UsageError, match="process 3 has no GPU"), joined("cuda"):
        pass


def test_each_process_draws_its_own_data_for_the_same_weights(config: TrainingConfig) -> None:
    from pose3d_cli.training.state import TrainingState

    one, other = (
        TrainingState.fresh(config, Team(torch.device("cpu"), rank=rank, size=2)) for rank in (0, 1)
    )

    for name, tensor in one.tensors().items():
        assert torch.equal(tensor, other.tensors()[name])
    assert not torch.equal(one.generator.get_state(), other.generator.get_state())
