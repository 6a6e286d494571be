"""On a GPU, drawing is recorded once and played again: the numbers must not tell."""

from dataclasses import fields
from pathlib import Path

import pytest
import torch
from torch import Tensor

from pose3d_cli.datasets.synthetic import Batch
from pose3d_cli.training.config import TrainingConfig
from pose3d_cli.training.source import Source
from pose3d_cli.training.team import Team


def tensors(batch: Batch) -> list[Tensor]:
    return [getattr(batch, field.name).clone() for field in fields(batch)]


@pytest.mark.gpu
def test_recorded_draws_are_those_without_a_recording(data: Path, config: TrainingConfig) -> None:
    source = Source.read(config, data, Team(torch.device("cuda", 0)))
    recorded, plain = (torch.Generator("cuda").manual_seed(3) for _ in range(2))
    for phase in (*config.phases, *config.phases, config.phases[0]):
        again = tensors(source.draw(phase, recorded))
        for a, b in zip(again, tensors(source._drawn(phase, plain)), strict=True):
            torch.testing.assert_close(a, b, rtol=0, atol=0)
    assert torch.equal(recorded.get_state(), plain.get_state())


@pytest.mark.gpu
def test_draws_go_on_from_a_saved_generator(data: Path, config: TrainingConfig) -> None:
    source = Source.read(config, data, Team(torch.device("cuda", 0)))
    generator = torch.Generator("cuda").manual_seed(3)
    source.draw(config.phases[0], generator)
    saved = generator.get_state()
    expected = tensors(source.draw(config.phases[0], generator))
    generator.set_state(saved)
    for a, b in zip(tensors(source.draw(config.phases[0], generator)), expected, strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=0)
