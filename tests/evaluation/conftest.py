import numpy as np
import pytest
import torch

from pose3d_cli.datasets.mocap import Corpus


@pytest.fixture
def corpus() -> Corpus:
    """Clips of 300, 20, 40 and 4 frames from two sources, of somebody who wobbles."""
    rng = np.random.default_rng(3)
    length = torch.tensor([300, 20, 40, 4])
    rest_m = rng.normal(0, 0.4, (24, 3)) + [0, 0, 1]
    wobble_m = rng.normal(0, 0.01, (int(length.sum()), 24, 3)).cumsum(0)
    positions_m = torch.from_numpy(rest_m + wobble_m).float()
    return Corpus(positions_m, length.cumsum(0) - length, length, ("A", "A", "B", "B"), 30.0)
