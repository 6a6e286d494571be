"""A run may go on from weights that are there."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from pose3d_cli.errors import UsageError, WeightsError
from pose3d_cli.lifting.checkpoint import save_checkpoint
from pose3d_cli.training.config import TrainingConfig
from pose3d_cli.training.state import TrainingState
from pose3d_cli.training.team import Team

ALONE = Team(torch.device("cpu"))


def test_a_run_starts_with_the_weights_that_it_names(
    config: TrainingConfig, tmp_path: Path
) -> None:
    trained = TrainingState.fresh(replace(config, seed=5), ALONE).model
    for parameter in trained.parameters():
        torch.nn.init.normal_(parameter)
    save_checkpoint(tmp_path / "w.safetensors", trained, about={})

    state = TrainingState.fresh(replace(config, start=str(tmp_path / "w.safetensors")), ALONE)

    for name, tensor in trained.state_dict().items():
        assert torch.equal(state.model.state_dict()[name], tensor)
        assert torch.equal(state.average.state_dict()[name], tensor)


def test_weights_of_another_size_are_refused(config: TrainingConfig, tmp_path: Path) -> None:
    wider = TrainingState.fresh(replace(config, width=32), ALONE).model
    save_checkpoint(tmp_path / "w.safetensors", wider, about={})

    with pytest.raises(WeightsError, match="does not fit"):
        TrainingState.fresh(replace(config, start=str(tmp_path / "w.safetensors")), ALONE)


def test_no_weights_to_start_from_is_an_error(config: TrainingConfig) -> None:
    with pytest.raises(WeightsError, match="no such weights"):
        TrainingState.fresh(replace(config, start="nowhere.safetensors"), ALONE)


def test_what_was_shared_alike_stays_so(config: TrainingConfig, tmp_path: Path) -> None:
    trained = TrainingState.fresh(config, ALONE).model
    save_checkpoint(tmp_path / "w.safetensors", trained, about={"licence": "CC-BY-SA-4.0"})
    further = replace(config, start=str(tmp_path / "w.safetensors"))

    with pytest.raises(UsageError, match="shared alike"):
        TrainingState.fresh(further, ALONE)
    TrainingState.fresh(replace(further, licence="CC-BY-SA-4.0"), ALONE)
