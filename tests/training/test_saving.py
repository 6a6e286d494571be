from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors import safe_open

from pose3d_cli.errors import InputError
from pose3d_cli.training import saving
from pose3d_cli.training.config import TrainingConfig
from pose3d_cli.training.saving import LARGEST_FILE_BYTES, STATE, load, save
from pose3d_cli.training.state import TrainingState
from pose3d_cli.training.team import Team

ALONE = Team(torch.device("cpu"))


@pytest.fixture
def state(config: TrainingConfig) -> TrainingState:
    return TrainingState.fresh(config, ALONE)


def files(out: Path) -> list[Path]:
    return sorted(out.glob("state-*"))


def test_a_large_state_is_divided_among_files_and_comes_back_whole(
    state: TrainingState, config: TrainingConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saving, "LARGEST_FILE_BYTES", 40_000)
    save(state, config, tmp_path, team=ALONE)

    other = TrainingState.fresh(config, ALONE)
    for parameter in other.model.parameters():
        torch.nn.init.zeros_(parameter)
    assert load(other, config, tmp_path, team=ALONE)

    assert len(files(tmp_path)) > 2
    assert all(path.stat().st_size < 45_000 for path in files(tmp_path))
    for name, tensor in state.tensors().items():
        assert torch.equal(other.tensors()[name], tensor)


def test_no_file_of_the_networks_that_we_train_is_too_large() -> None:
    assert LARGEST_FILE_BYTES < 16 * 2**20


def test_the_files_of_an_older_save_go(
    state: TrainingState, config: TrainingConfig, tmp_path: Path
) -> None:
    save(state, config, tmp_path, team=ALONE)
    old = files(tmp_path)
    state.step = 7
    save(state, config, tmp_path, team=ALONE)

    assert not set(old) & set(files(tmp_path))
    assert load(state, config, tmp_path, team=ALONE)


def test_a_save_that_was_cut_off_leaves_the_one_before(
    state: TrainingState, config: TrainingConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(state, config, tmp_path, team=ALONE)
    state.step = 7

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("json.dumps", killed)
    with pytest.raises(KeyboardInterrupt):
        save(state, config, tmp_path, team=ALONE)
    monkeypatch.undo()

    other = TrainingState.fresh(config, ALONE)
    assert load(other, config, tmp_path, team=ALONE)
    assert other.step == 0


@pytest.mark.parametrize("text", ["", "{}", '{"files": ["gone.safetensors"]}', "[]"])
def test_a_damaged_state_is_refused(
    state: TrainingState, config: TrainingConfig, tmp_path: Path, text: str
) -> None:
    (tmp_path / STATE).write_text(text)

    with pytest.raises(InputError, match="cannot go on from"):
        load(state, config, tmp_path, team=ALONE)


def test_a_state_of_another_network_is_refused_in_one_line(
    state: TrainingState, config: TrainingConfig, tmp_path: Path
) -> None:
    save(state, config, tmp_path, team=ALONE)
    wider = replace(config, width=24)

    with pytest.raises(InputError, match=r"^[^\n]+ does not fit [^\n]+ expected [^\n]+$"):
        load(TrainingState.fresh(wider, ALONE), wider, tmp_path, team=ALONE)


def test_what_a_recipe_says_otherwise_than_before_is_told(
    state: TrainingState,
    config: TrainingConfig,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    save(state, config, tmp_path, team=ALONE)

    assert load(state, config, tmp_path, team=ALONE)
    assert not caplog.records
    faster = replace(config, learning_rate=2 * config.learning_rate, mix={"A": 0.5, "B": 0.5})
    assert load(state, faster, tmp_path, team=ALONE)

    assert "another mix, learning_rate;" in caplog.text


def test_a_process_that_was_not_there_before_draws_data_of_its_own(
    state: TrainingState,
    config: TrainingConfig,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    save(state, config, tmp_path, team=ALONE)
    second = Team(torch.device("cpu"), rank=1, size=2)
    other = TrainingState.fresh(config, second)

    assert load(other, config, tmp_path, team=second)

    assert "no random numbers for" in caplog.text
    assert torch.equal(state.tensors()["model.head.weight"], other.tensors()["model.head.weight"])
    assert not torch.equal(state.generator.get_state(), other.generator.get_state())


def test_everything_is_stored_in_full_precision(
    state: TrainingState, config: TrainingConfig, tmp_path: Path
) -> None:
    save(state, config, tmp_path, team=ALONE)

    with safe_open(files(tmp_path)[0], framework="pt") as file:
        kinds = {file.get_tensor(name).dtype for name in file.keys()}  # noqa: SIM118 - no dict
    assert kinds == {torch.float32, torch.uint8}
