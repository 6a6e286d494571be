from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from pose3d_cli.datasets.mocap import POINTS, Corpus

REST_M = {
    0: (0, 0, 1.0), 1: (-0.13, 0, 1.0), 2: (-0.13, 0, 0.55), 3: (-0.13, 0, 0.1),
    4: (0.13, 0, 1.0), 5: (0.13, 0, 0.55), 6: (0.13, 0, 0.1), 7: (0, 0, 1.23), 8: (0, 0, 1.48),
    9: (0, -0.08, 1.58), 10: (0, 0, 1.7), 11: (0.15, 0, 1.45), 12: (0.43, 0, 1.45),
    13: (0.68, 0, 1.45), 14: (-0.15, 0, 1.45), 15: (-0.43, 0, 1.45), 16: (-0.68, 0, 1.45),
    17: (0, -0.1, 1.58), 18: (0.03, -0.08, 1.62), 19: (-0.03, -0.08, 1.62),
    20: (0.07, 0, 1.6), 21: (-0.07, 0, 1.6), 22: (0.13, -0.15, 0.03), 23: (-0.13, -0.15, 0.03),
}  # fmt: skip
"""A T-pose: z up, facing −y, so that the left hand is at +x."""


@pytest.fixture
def t_pose() -> torch.Tensor:
    """Two clips of four frames in which somebody stands: (2, 4, 24, 3)."""
    return torch.tensor([REST_M[i] for i in range(POINTS)]).expand(2, 4, -1, -1).clone()


@pytest.fixture
def corpus() -> Corpus:
    """Three clips, of 30, 5 and 60 frames, that sway."""
    generator = torch.Generator().manual_seed(0)
    length = torch.tensor([30, 5, 60])
    rest = torch.tensor([REST_M[i] for i in range(POINTS)])
    sway = 0.02 * torch.randn(int(length.sum()), POINTS, 3, generator=generator).cumsum(0)
    return Corpus(rest + 0.1 * sway, length.cumsum(0) - length, length, ("A", "A", "B"), 30.0)


@pytest.fixture
def shard(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a shard: ``shard("a.npz", fps=60)``."""

    def write(name: str = "shard.npz", **changed: Any) -> Path:
        rng = np.random.default_rng(1)
        values = {
            "delta": rng.integers(-300, 300, (12, 26, 3)).astype(np.int16),
            "start": np.array([0, 5]),
            "length": np.array([5, 7]),
            "source": np.array(["CMU", "HDM05"]),
            "fps": np.array(30),
        }
        path = tmp_path / name
        np.savez(path, **(values | changed))
        return path

    return write
