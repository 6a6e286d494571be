from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest
import torch

from pose3d_cli.errors import InputError, UsageError
from pose3d_cli.lift.checkpoint import load_checkpoint
from pose3d_cli.training import loop
from pose3d_cli.training.config import Phase, TrainingConfig
from pose3d_cli.training.loop import train
from pose3d_cli.training.state import TrainingState


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Sums in the same order every time."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def run(config: TrainingConfig, data: Path, out: Path) -> TrainingState:
    return list(train(config, data=data, out=out))[-1]


def weights(state: TrainingState) -> dict[str, torch.Tensor]:
    return {name: t.clone() for name, t in state.average.state_dict().items()}


def test_a_run_that_was_stopped_ends_bit_for_bit_like_one_that_was_not(
    config: TrainingConfig, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = weights(run(config, data, data / "whole"))
    monkeypatch.setattr(loop, "SAVE_EVERY_S", 0)

    first = train(config, data=data, out=data / "parts")
    assert [state.step for state in islice(first, 3)] == [1, 2, 3]
    del first
    torch.manual_seed(99)  # a new process would not have the old one's random numbers either
    last = run(config, data, data / "parts")

    assert last.step == 6
    for name, tensor in weights(last).items():
        assert torch.equal(tensor, whole[name]), name


def test_a_time_limit_stops_a_run_and_saves_it(config: TrainingConfig, data: Path) -> None:
    assert list(train(config, data=data, out=data / "out", limit_s=0.0)) == []

    assert (data / "out" / loop.STATE).exists()


def test_what_comes_out_is_a_checkpoint_that_describes_itself(
    config: TrainingConfig, data: Path
) -> None:
    state = run(config, data, data / "out")

    model, header = load_checkpoint(data / "out" / loop.WEIGHTS)

    assert model.config == config.network
    assert (header["licence"], header["steps"]) == ("CC0-1.0", "6")
    for name, tensor in weights(state).items():
        assert torch.equal(model.state_dict()[name], tensor)


def test_training_makes_the_error_smaller(
    config: TrainingConfig, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "LOG_EVERY", 5)
    monkeypatch.setattr(loop, "VALIDATE_EVERY", 30)
    longer = replace(
        config,
        phases=(Phase(frames=9, clips=8, steps=60),),
        learning_rate=5e-3,
        warmup_steps=5,
        decay_steps=20,
    )

    log = run(longer, data, data / "out").log

    assert [row["step"] for row in log] == list(range(5, 65, 5))
    assert log[-1]["loss"] < 0.7 * log[0]["loss"]
    assert log[-1]["mpjpe_mm"] < log[5]["mpjpe_mm"]
    assert len((data / "out" / loop.LOG).read_text().splitlines()) == 13


def test_the_state_of_another_network_is_refused(config: TrainingConfig, data: Path) -> None:
    run(config, data, data / "out")

    with pytest.raises(InputError, match=r"cannot go on from .*state\.safetensors"):
        run(replace(config, width=32), data, data / "out")


def test_a_source_that_is_in_no_shard_is_named(config: TrainingConfig, data: Path) -> None:
    with pytest.raises(UsageError, match="CMU"):
        run(replace(config, mix={"A": 1.0, "CMU": 1.0}), data, data / "out")


def test_only_weights_decay_and_every_parameter_is_trained_once(config: TrainingConfig) -> None:
    state = TrainingState.fresh(config)
    names = {id(p): name for name, p in state.model.named_parameters()}
    groups = [group for optimizer in state.optimizers for group in optimizer.param_groups]

    trained = [names[id(p)] for group in groups for p in group["params"]]
    assert sorted(trained) == sorted(names.values())
    still = {names[id(p)] for g in groups if g["weight_decay"] == 0 for p in g["params"]}
    for kind in ("bias", "skip", "log_decay", "embedding", "norm.weight"):
        assert {name for name in trained if name.endswith(kind)} <= still
    assert "head.weight" not in still
