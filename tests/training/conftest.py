from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from pose3d_cli.training.config import Phase, TrainingConfig
from pose3d_cli.training.team import Team


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder with two shards of somebody who wobbles: sources A and B."""
    rng = np.random.default_rng(7)
    rest = rng.normal(0, 400, (1, 24, 3)) + np.array([0, 0, 1000])
    for name, source in (("train.npz", "A"), ("val.npz", "B")):
        pose_mm = (rest + rng.normal(0, 5, (40, 24, 3)).cumsum(0)).round()
        delta = np.diff(pose_mm, axis=0, prepend=0).astype(np.int16)
        np.savez(
            tmp_path / name,
            delta=delta,
            start=np.array([0]),
            length=np.array([40]),
            source=np.array([source]),
            fps=np.array(30),
        )
    return tmp_path


@pytest.fixture
def config() -> TrainingConfig:
    """A run of six steps with a tiny network."""
    return TrainingConfig(
        width=16,
        depth=1,
        drop_path=0.2,
        licence="CC0-1.0",
        shards=("train.npz",),
        validation_shards=("train.npz",),
        mix={"A": 1.0},
        phases=(Phase(frames=9, clips=3, steps=4), Phase(frames=12, clips=2, steps=2)),
        learning_rate=1e-3,
        warmup_steps=2,
        decay_share=1 / 3,
    )


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Sums in the same order every time."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def alone() -> Team:
    """A team of one, on the CPU."""
    return Team(torch.device("cpu"))
