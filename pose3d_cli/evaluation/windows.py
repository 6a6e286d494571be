"""The stretches of a corpus on which a lifter is measured, and what cameras see of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import torch
from jaxtyping import Float

from pose3d_cli.datasets.mocap import Corpus
from pose3d_cli.datasets.synthetic import Batch, look_at
from pose3d_cli.errors import InputError
from pose3d_cli.evaluation.conditions import Conditions
from pose3d_cli.lifting.config import WINDOW_FRAMES
from pose3d_cli.lifting.lifter import SHORTEST

TOGETHER = 12
"""Windows that are filmed at once. Part of the conditions: other numbers draw other cameras."""


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of a corpus."""

    source: str
    start: int
    frames: int


@dataclass(frozen=True, slots=True, eq=False)
class Filmed:
    """Windows of equal length and what cameras saw of them, camera by camera."""

    windows: tuple[Window, ...]
    batch: Batch

    @property
    def sources(self) -> list[str]:
        """Where each clip of the batch is from."""
        cameras = len(self.batch.rays) // len(self.windows)
        return [window.source for window in self.windows for _ in range(cameras)]

    @property
    def pitch_deg(self) -> Float[np.ndarray, " b"]:
        """How far each camera looks down, on average."""
        up = self.batch.camera_from_world[..., 2]
        return -up[..., 2].clamp(-1, 1).asin().rad2deg().mean(1).numpy()

    @property
    def roll_deg(self) -> Float[np.ndarray, " b"]:
        """How far each camera leans to the right, on average."""
        up = self.batch.camera_from_world[..., 2].mean(1)
        return -torch.atan2(up[:, 0], -up[:, 1]).rad2deg().numpy()


def windows_of(corpus: Corpus, *, at_most: int | None = None) -> list[Window]:
    """Return windows that cover all clips, or that many of each source, evenly spread.

    Clips that fit into a window are one window of their own length; shorter ones than any lifter
    was trained with are left out.

    Raises:
        InputError: all are shorter.
    """
    by_source: dict[str, list[Window]] = {source: [] for source in corpus.source}
    clips = zip(corpus.source, corpus.start.tolist(), corpus.length.tolist(), strict=True)
    for source, first, length in clips:
        frames = min(length, WINDOW_FRAMES)
        if frames < SHORTEST:
            continue
        starts = np.linspace(0, length - frames, -(-length // frames)).round().astype(int)
        by_source[source] += [Window(source, first + int(start), frames) for start in starts]
    if not any(by_source.values()):
        raise InputError(f"expected clips of at least {SHORTEST} frames, and there are none")
    return [window for windows in by_source.values() for window in _spread(windows, at_most)]


def groups_of(windows: list[Window]) -> list[tuple[Window, ...]]:
    """Return windows of equal length together, a few at a time."""
    groups: list[tuple[Window, ...]] = []
    for _, alike in groupby(sorted(windows, key=lambda w: w.frames), key=lambda w: w.frames):
        same = tuple(alike)
        groups += [same[i : i + TOGETHER] for i in range(0, len(same), TOGETHER)]
    return groups


def filmed(windows: tuple[Window, ...], corpus: Corpus, *, conditions: Conditions) -> Filmed:
    """Return what the cameras see of some windows; the same cameras whatever the noise.

    Drawn on the CPU, because every device draws other numbers.
    """
    # PyTorch's generator heeds only the lower 32 bits of a seed.
    seed = (1_000_003 * conditions.seed + windows[0].start) % 2**32
    positions = torch.stack([corpus.positions_m[w.start : w.start + w.frames] for w in windows])
    batch = look_at(
        positions.repeat_interleave(conditions.cameras, dim=0),
        frame_s=torch.full((len(windows) * conditions.cameras,), 1 / corpus.fps),
        views=conditions.views,
        generator=torch.Generator().manual_seed(seed),
    )
    return Filmed(windows, batch)


def pieces(frames: int, *, length: int) -> Iterator[slice]:
    """Yield stretches of at most ``length`` frames; the last one reaches back over its neighbour."""
    for start in range(0, frames, length):
        first = max(0, min(start, frames - length))
        yield slice(first, min(first + length, frames))


def _spread(windows: list[Window], at_most: int | None) -> list[Window]:
    if at_most is None or len(windows) <= at_most:
        return windows
    chosen = np.linspace(0, len(windows) - 1, at_most).round().astype(int)
    return [windows[i] for i in chosen]
