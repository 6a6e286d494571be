from collections.abc import Callable

import numpy as np
import pytest
import torch

from pose3d_cli.datasets.labelled import LabelledSet, Recording
from pose3d_cli.datasets.mocap import Corpus
from pose3d_cli.skeleton import H36M17

Film = Callable[..., Recording]


@pytest.fixture
def recorded() -> Film:
    """Return a function that makes a recording whose units are the picture's."""

    def make(frames: int = 20, *, action: str = "Walking", seed: int = 0) -> Recording:
        rng = np.random.default_rng(seed)
        target = rng.normal(0, 0.2, (frames, 17, 3)).astype(np.float32)
        seen = np.concatenate([target[..., :2], np.ones((frames, 17, 1), np.float32)], axis=-1)
        seen[..., :2] += rng.normal(0, 0.02, (frames, 17, 2)).astype(np.float32)
        mm_per_unit = np.full(frames, 1500.0)
        return Recording(
            name=f"{action} {seed}",
            subject="S9",
            action=action,
            seen=seen,
            target=target,
            mm_per_unit=mm_per_unit,
            truth_mm=target * mm_per_unit[:, None, None],
            valid=np.ones(frames, bool),
        )

    return make


@pytest.fixture
def labelled(recorded: Film) -> LabelledSet:
    """Two recordings of different actions, one of them shorter than a clip."""
    return LabelledSet(
        name="made up",
        root=0,
        mirror=H36M17.mirror,
        picture_units=True,
        train=(),
        test=(recorded(23), recorded(6, action="Eating", seed=1)),
    )


@pytest.fixture
def corpus() -> Callable[..., Corpus]:
    """Return a function that makes clips of these lengths, of one pose that sways, of sources A, B, C…"""

    def make(*lengths: int) -> Corpus:
        generator = torch.Generator().manual_seed(0)
        length = torch.tensor(lengths)
        rest = torch.randn(1, 24, 3, generator=generator) * 0.4
        sway = 0.01 * torch.randn(sum(lengths), 24, 3, generator=generator).cumsum(0)
        names = tuple("ABCDEFG"[: len(lengths)])
        return Corpus(rest + sway, length.cumsum(0) - length, length, names, 30.0)

    return make
