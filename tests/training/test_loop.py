from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest
import torch

from pose3d_cli.errors import InputError, TrainingError, UsageError
from pose3d_cli.lifting.checkpoint import load_checkpoint
from pose3d_cli.training import loop, notes, saving
from pose3d_cli.training.config import Phase, TrainingConfig
from pose3d_cli.training.loop import train
from pose3d_cli.training.state import TrainingState
from pose3d_cli.training.team import Team

ALONE = Team(torch.device("cpu"))
TIMES = {"elapsed_s", "step_ms", "windows_per_s"}


def run(config: TrainingConfig, data: Path, out: Path) -> TrainingState:
    return list(train(config, data=data, out=out, team=ALONE))[-1]


def weights(state: TrainingState) -> dict[str, torch.Tensor]:
    return {name: t.clone() for name, t in state.average.state_dict().items()}


@pytest.mark.parametrize("optimizer", ["muon", "adamw"])
def test_a_run_that_was_stopped_ends_bit_for_bit_like_one_that_was_not(
    config: TrainingConfig, data: Path, monkeypatch: pytest.MonkeyPatch, optimizer: str
) -> None:
    config = replace(config, optimizer=optimizer)
    monkeypatch.setattr(notes, "LOG_EVERY", 2)
    monkeypatch.setattr(notes, "VALIDATE_EVERY", 2)
    whole = run(config, data, data / "whole")
    monkeypatch.setattr(loop, "SAVE_EVERY_S", 0)

    # A save comes before the step after it: the fourth is begun and lost.
    first = train(config, data=data, out=data / "parts", team=ALONE)
    assert [state.step for state in islice(first, 4)] == [1, 2, 3, 4]
    del first
    torch.manual_seed(99)  # a new process would not have the old one's random numbers either
    again = train(config, data=data, out=data / "parts", team=ALONE)
    states = [(state.step, state) for state in again]

    assert [step for step, _ in states] == [4, 5, 6]
    last = states[-1][1]
    for name, tensor in weights(last).items():
        assert torch.equal(tensor, weights(whole)[name]), name
    for mine, its in zip(last.log, whole.log, strict=True):
        assert {k: v for k, v in mine.items() if k not in TIMES} == {
            k: v for k, v in its.items() if k not in TIMES
        }


def test_a_time_limit_stops_a_run_and_saves_it(config: TrainingConfig, data: Path) -> None:
    assert list(train(config, data=data, out=data / "out", team=ALONE, limit_s=0.0)) == []

    assert (data / "out" / saving.STATE).exists()


def test_a_run_that_is_asked_to_stop_finishes_its_step_and_saves_it(
    config: TrainingConfig, data: Path
) -> None:
    answers = iter([False, False, False, True])
    stopped = train(
        config, data=data, out=data / "out", team=ALONE, asked_to_stop=lambda: next(answers)
    )
    steps = [state.step for state in stopped]

    assert steps == [1, 2, 3]
    assert [s.step for s in train(config, data=data, out=data / "out", team=ALONE)] == [4, 5, 6]


def test_a_budget_in_seconds_ends_a_run_and_counts_on_after_a_pause(
    config: TrainingConfig, data: Path
) -> None:
    timed = replace(
        config, budget_s=0.5, phases=(Phase(frames=9, clips=2, share=1.0),), warmup_steps=1
    )
    first = train(timed, data=data, out=data / "out", team=ALONE, limit_s=0.2)
    before = [state.elapsed_s for state in first]
    after = [state.elapsed_s for state in train(timed, data=data, out=data / "out", team=ALONE)]

    assert before
    elapsed_s = before + after
    assert elapsed_s == sorted(elapsed_s)
    assert elapsed_s[-1] >= 0.5
    assert all(s < 0.5 for s in elapsed_s[:-1])
    assert list(train(timed, data=data, out=data / "out", team=ALONE)) == []


def test_what_comes_out_is_a_checkpoint_that_describes_itself(
    config: TrainingConfig, data: Path
) -> None:
    state = run(config, data, data / "out")

    model, header = load_checkpoint(data / "out" / saving.WEIGHTS)

    assert model.config == config.network
    assert (header["licence"], header["steps"]) == ("CC0-1.0", "6")
    for name, tensor in weights(state).items():
        assert torch.equal(model.state_dict()[name], tensor)


@pytest.mark.slow
def test_training_makes_the_error_smaller(
    config: TrainingConfig, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notes, "LOG_EVERY", 5)
    monkeypatch.setattr(notes, "VALIDATE_EVERY", 50)
    longer = replace(
        config,
        phases=(Phase(frames=9, clips=8, steps=200),),
        learning_rate=5e-3,
        warmup_steps=5,
    )

    log = run(longer, data, data / "out").log

    assert [row["step"] for row in log] == list(range(5, 205, 5))
    assert log[-1]["loss"] < 0.7 * log[0]["loss"]
    assert log[-1]["mpjpe_mm"] < log[9]["mpjpe_mm"]
    assert len((data / "out" / saving.LOG).read_text().splitlines()) == 41
    assert (data / "out" / loop.CURVES).read_bytes().startswith(b"\x89PNG")


def test_the_state_of_another_network_is_refused(config: TrainingConfig, data: Path) -> None:
    run(config, data, data / "out")

    with pytest.raises(InputError, match=r"cannot go on from .*state\.json"):
        run(replace(config, width=32), data, data / "out")


def test_a_source_that_is_in_no_shard_is_named(config: TrainingConfig, data: Path) -> None:
    with pytest.raises(UsageError, match="CMU"):
        run(replace(config, mix={"A": 1.0, "CMU": 1.0}), data, data / "out")


def test_broken_weights_never_replace_good_ones(config: TrainingConfig, data: Path) -> None:
    steps = train(replace(config, learning_rate=1e30), data=data, out=data / "out", team=ALONE)

    with pytest.raises(TrainingError, match="not finite"):
        list(steps)

    assert not (data / "out" / saving.WEIGHTS).exists()


def test_only_weights_decay_and_every_parameter_is_trained_once(config: TrainingConfig) -> None:
    state = TrainingState.fresh(config, ALONE)
    names = {id(p): name for name, p in state.model.named_parameters()}
    groups = [group for optimizer in state.optimizers for group in optimizer.param_groups]

    trained = [names[id(p)] for group in groups for p in group["params"]]
    assert sorted(trained) == sorted(names.values())
    still = {names[id(p)] for g in groups if g["weight_decay"] == 0 for p in g["params"]}
    for kind in ("bias", "skip", "log_decay", "embedding", "norm.weight"):
        assert {name for name in trained if name.endswith(kind)} <= still
    assert "head.weight" not in still
