"""How well a lifter does on recorded motion that it never saw, filmed by random cameras.

Beside it stands the least that a lifter must beat: the joints as the picture shows them, without
depth, at the one size for each clip that fits the truth best. Nobody knows that size in use, so
the comparison favours the flat poses.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from pose3d_cli.datasets.bodies import Bodies
from pose3d_cli.datasets.mocap import Corpus
from pose3d_cli.datasets.synthetic import Batch, look_at
from pose3d_cli.datasets.views import Views
from pose3d_cli.errors import InputError
from pose3d_cli.evaluation.metrics import ALL
from pose3d_cli.lift.config import WINDOW_FRAMES
from pose3d_cli.lift.lifter import SHORTEST
from pose3d_cli.lift.normalise import normalise

LiftWindows = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""Rays (w, t, 17, 2) and confidence (w, t, 17) in, root-relative metres (w, t, 17, 3) out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """How the held-out motion is filmed."""

    cameras: int = 4
    """Random cameras that look at each window."""
    noise: float = 1.0
    """Multiplies the errors of the simulated detector; 0 gives exact joints and focal lengths."""
    own_bones: bool = False
    """Keep each recording's proportions instead of drawing some about Human3.6M's."""
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of a corpus."""

    source: str
    start: int
    frames: int


@dataclass(frozen=True, slots=True)
class Score:
    """Mean errors in millimetres, by measure."""

    source: str
    frames: int
    """Of all cameras together."""
    lifter: dict[str, float]
    flat: dict[str, float]


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


def scores(
    windows: Iterable[Window], corpus: Corpus, *, lift: LiftWindows, conditions: Conditions
) -> Iterator[Score]:
    """Yield how well each window was lifted, over all of its cameras."""
    for window in windows:
        batch = filmed(window, corpus, conditions=conditions)
        lifted = lift(batch.rays.numpy(), batch.confidence.numpy())
        yield Score(
            window.source,
            batch.truth_m.shape[0] * batch.truth_m.shape[1],
            lifter=_errors_mm(lifted, batch.truth_m.numpy()),
            flat=_errors_mm(without_depth(batch).numpy(), batch.truth_m.numpy()),
        )


def summarised(scores: Iterable[Score]) -> list[Score]:
    """Return the mean over the frames of each source, and of all under the name ``"all"``."""
    groups: dict[str, list[Score]] = {}
    every = list(scores)
    for score in every:
        groups.setdefault(score.source, []).append(score)
    return [_mean(name, group) for name, group in {**groups, "all": every}.items()]


def filmed(window: Window, corpus: Corpus, *, conditions: Conditions) -> Batch:
    """Return what the cameras see of a window; the same cameras whatever the noise."""
    # PyTorch's generator heeds only the lower 32 bits of a seed.
    seed = (1_000_003 * conditions.seed + window.start) % 2**32
    positions = corpus.positions_m[window.start : window.start + window.frames]
    return look_at(
        positions.expand(conditions.cameras, -1, -1, -1),
        frame_s=torch.full((conditions.cameras,), 1 / corpus.fps),
        views=Views(
            noise=conditions.noise, bodies=Bodies(vary=not conditions.own_bones, recombined=0.0)
        ),
        generator=torch.Generator().manual_seed(seed),
    )


def without_depth(batch: Batch) -> Float[Tensor, "b t 17 3"]:
    """Return the 2D joints, in the network's own view, as poses of the size that fits best."""
    view = normalise(batch.rays, batch.confidence)
    flat = torch.nn.functional.pad(view.inputs[..., :2], (0, 1))
    flat = flat - flat[:, :, :1]
    truth = batch.truth_m @ view.view_from_camera.mT[:, None]
    size = (flat * truth).sum((1, 2, 3)) / flat.square().sum((1, 2, 3))
    return size[:, None, None, None] * flat @ view.view_from_camera[:, None]


def _spread(windows: list[Window], at_most: int | None) -> list[Window]:
    if at_most is None or len(windows) <= at_most:
        return windows
    chosen = np.linspace(0, len(windows) - 1, at_most).round().astype(int)
    return [windows[i] for i in chosen]


def _errors_mm(
    predicted: Float[np.ndarray, "b t 17 3"], truth: Float[np.ndarray, "b t 17 3"]
) -> dict[str, float]:
    clips = list(zip(predicted, truth, strict=True))
    return {
        name: float(np.mean([measure(*clip) for clip in clips])) for name, measure in ALL.items()
    }


def _mean(source: str, scores: list[Score]) -> Score:
    frames = [score.frames for score in scores]
    return Score(
        source,
        sum(frames),
        lifter=_mean_errors([score.lifter for score in scores], frames),
        flat=_mean_errors([score.flat for score in scores], frames),
    )


def _mean_errors(errors: list[dict[str, float]], frames: list[int]) -> dict[str, float]:
    return {
        name: float(np.average([error[name] for error in errors], weights=frames)) for name in ALL
    }
