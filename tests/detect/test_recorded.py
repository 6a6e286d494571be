"""A detector's network recorded on a GPU says what it says unrecorded."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from pose3d_cli.detect.networks.pytorch import TorchNetwork
from pose3d_cli.detect.networks.recorded import MOST_SIZES, Recorded

pytestmark = pytest.mark.gpu


class Doubling(nn.Module):
    """Doubles pictures and counts its calls."""

    calls = 0

    def forward(self, pictures: Tensor) -> Tensor:
        self.calls += 1
        return 2 * pictures


class Unrecordable(Doubling):
    """Needs numbers from the CPU, which a recording cannot wait for."""

    def forward(self, pictures: Tensor) -> Tensor:
        doubled = super().forward(pictures)
        return doubled + torch.zeros(1).to(pictures.device)


def recorded(network: nn.Module) -> Recorded:
    nothing = torch.zeros(())
    return Recorded(network, head=SimpleNamespace(anchors=nothing, strides=nothing))


def pictures_of(*shape: int) -> Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(sum(shape)))


def test_what_is_recorded_is_not_called_again() -> None:
    network = Doubling()
    run = recorded(network)
    for _ in range(5):
        pictures = torch.rand(2, 8, 8, 3)
        torch.testing.assert_close(run(pictures), 2 * pictures)
    assert network.calls == 2  # once to warm up, once to be recorded


def test_what_cannot_be_recorded_runs_as_usual() -> None:
    run = recorded(Unrecordable())
    for _ in range(3):
        pictures = torch.rand(2, 8, 8, 3)
        torch.testing.assert_close(run(pictures), 2 * pictures)


def test_sizes_may_come_in_any_order_and_number() -> None:
    run = recorded(Doubling())
    for width in (*range(1, 2 * MOST_SIZES), *range(1, 4)):
        pictures = pictures_of(1, 8, width, 3)
        torch.testing.assert_close(run(pictures), 2 * pictures)


def test_a_checkpoint_says_the_same_on_a_gpu(weights: Path) -> None:
    on_cpu, on_gpu = (TorchNetwork(weights, device=device) for device in ("cpu", "cuda"))
    rng = np.random.default_rng(0)
    for shape in ((1, 64, 96, 3), (3, 96, 64, 3), (1, 64, 96, 3), (16, 96, 64, 3)):
        pictures = rng.integers(0, 256, shape, np.uint8)
        np.testing.assert_allclose(on_gpu(pictures), on_cpu(pictures), rtol=2e-2, atol=0.5)
