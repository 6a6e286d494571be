"""How long a network takes and how much memory, on networks whose needs are known."""

import time

import torch
from torch import Tensor, nn

from pose3d_cli.evaluation.speed import measure


class Sleeper(nn.Module):
    """Takes a while, and memory."""

    def forward(self, seconds: Tensor) -> Tensor:
        time.sleep(seconds.item())
        return torch.ones(8 * 2**20).sum()


def test_it_takes_as_long_and_as_much_as_it_does() -> None:
    found = measure(Sleeper(), torch.tensor(0.02), repeats=3)

    assert 0.02 <= found.seconds < 1
    assert found.memory_bytes is None or found.memory_bytes > 30 * 2**20


def test_memory_that_others_left_counts() -> None:
    # What the allocator keeps of what was freed before would be taken again, and nothing seem to grow.
    kept = [torch.ones(2**14) for _ in range(1200)]
    guard = torch.ones(2**14)
    del kept
    found = measure(Sleeper(), torch.tensor(0.0), repeats=1)

    assert found.memory_bytes is None or found.memory_bytes > 30 * 2**20
    assert guard.all()
