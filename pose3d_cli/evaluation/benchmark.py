"""How well a lifter does on recorded motion that it never saw, and the least that it must beat."""

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from pose3d_cli.datasets.mocap import Corpus
from pose3d_cli.evaluation.baselines import Memory, without_depth
from pose3d_cli.evaluation.conditions import Conditions
from pose3d_cli.evaluation.frame_errors import position_errors_mm
from pose3d_cli.evaluation.measures import MEASURES
from pose3d_cli.evaluation.windows import Filmed, Window, filmed, groups_of, pieces

LiftWindows = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""Rays (w, t, 17, 2) and confidence (w, t, 17) in, root-relative metres (w, t, 17, 3) out."""

PITCH_BINS_DEG = (-90.0, -10.0, 10.0, 30.0, 90.0)
ROLL_BINS_DEG = (0.0, 5.0, 15.0, 180.0)
"""Of the roll to either side."""
SEEN_BINS_PERCENT = (0.0, 80.0, 100.01)

Errors = dict[str, float]


@dataclass(frozen=True, slots=True, eq=False)
class Score:
    """What was measured on one window through one camera."""

    source: str
    frames: int
    pitch_deg: float
    roll_deg: float
    seen: float
    """Share of the joints that the detector saw."""
    errors: dict[str, Errors]
    """Mean over the frames, by measure, by whose poses."""
    joints_mm: Float[np.ndarray, "17"]
    """The lifter's mean error of each joint."""


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """The mean over the frames of some scores."""

    name: str
    frames: int
    errors: dict[str, Errors]


def scores(
    windows: list[Window],
    corpus: Corpus,
    *,
    lift: LiftWindows,
    conditions: Conditions,
    memory: Memory | None = None,
) -> Iterator[list[Score]]:
    """Yield how well each group of windows was lifted, through each of its cameras."""
    for group in groups_of(windows):
        shot = filmed(group, corpus, conditions=conditions)
        poses = {
            "lifter": _lifted(shot, lift, frames=conditions.frames),
            "flat": without_depth(shot.batch).numpy(),
        }
        if memory is not None:
            poses["mean pose"] = memory.mean_pose(shot.batch).numpy()
            poses["nearest"] = memory.nearest(shot.batch).numpy()
        yield _scored(shot, poses, frames=conditions.frames)


def by_source(scores: Iterable[Score]) -> list[Row]:
    """Return the mean of each source, and of all under the name ``"all"``."""
    every = list(scores)
    names = dict.fromkeys(score.source for score in every)
    rows = [_mean(name, [s for s in every if s.source == name]) for name in names]
    return [*rows, _mean("all", every)]


def by_pitch(scores: Iterable[Score]) -> list[Row]:
    """Return the mean of cameras that look up, ahead, down, and far down."""
    return _by_bin(list(scores), "pitch", PITCH_BINS_DEG, lambda score: score.pitch_deg)


def by_roll(scores: Iterable[Score]) -> list[Row]:
    """Return the mean of cameras that hardly lean, lean, and lean far."""
    return _by_bin(list(scores), "roll", ROLL_BINS_DEG, lambda score: abs(score.roll_deg))


def by_visibility(scores: Iterable[Score]) -> list[Row]:
    """Return the mean of people who are hidden or cut off, and of those who are to be seen."""
    edges = SEEN_BINS_PERCENT
    return _by_bin(list(scores), "seen", edges, lambda score: 100 * score.seen, unit="%")


def by_joint_mm(scores: Iterable[Score]) -> Float[np.ndarray, "17"]:
    """Return the lifter's mean error of each joint."""
    every = list(scores)
    return np.average(
        [score.joints_mm for score in every], axis=0, weights=[score.frames for score in every]
    )


def _lifted(shot: Filmed, lift: LiftWindows, *, frames: int) -> np.ndarray:
    """Lift the same pictures in pieces of some length, each by itself."""
    rays, confidence = shot.batch.rays.numpy(), shot.batch.confidence.numpy()
    result = np.empty((*confidence.shape, 3), np.float32)
    for piece in pieces(rays.shape[1], length=frames):
        result[:, piece] = lift(rays[:, piece], confidence[:, piece])
    return result


def _scored(shot: Filmed, poses: dict[str, np.ndarray], *, frames: int) -> list[Score]:
    truth = shot.batch.truth_m.numpy()
    ends = list(pieces(truth.shape[1], length=frames))
    scored = []
    for clip, (source, pitch_deg, roll_deg) in enumerate(
        zip(shot.sources, shot.pitch_deg.tolist(), shot.roll_deg.tolist(), strict=True)
    ):
        errors = {who: _errors(p[clip], truth[clip], ends) for who, p in poses.items()}
        joints_mm = position_errors_mm(1e3 * poses["lifter"][clip], 1e3 * truth[clip]).mean(0)
        scored.append(
            Score(
                source=source,
                frames=truth.shape[1],
                pitch_deg=pitch_deg,
                roll_deg=roll_deg,
                seen=float((shot.batch.confidence[clip] > 0).float().mean()),
                errors=errors,
                joints_mm=joints_mm.astype(float),
            )
        )
    return scored


def _errors(predicted: np.ndarray, truth: np.ndarray, ends: list[slice]) -> Errors:
    """Return means over pieces, so that no step from piece to piece counts as speed."""
    weights = [piece.stop - piece.start for piece in ends]
    return {
        name: float(np.average([measure(predicted[p], truth[p]) for p in ends], weights=weights))
        for name, measure in MEASURES.items()
    }


def _by_bin(
    scores: list[Score],
    what: str,
    edges: tuple[float, ...],
    value: Callable[[Score], float],
    *,
    unit: str = "°",
) -> list[Row]:
    rows = []
    for low, high in itertools.pairwise(edges):
        inside = [score for score in scores if low <= value(score) < high]
        if inside:
            rows.append(_mean(f"{what} {low:.0f}…{high:.0f}{unit}", inside))
    return rows


def _mean(name: str, scores: list[Score]) -> Row:
    frames = [score.frames for score in scores]
    means = {
        who: {
            measure: float(np.average([s.errors[who][measure] for s in scores], weights=frames))
            for measure in MEASURES
        }
        for who in scores[0].errors
    }
    return Row(name, sum(frames), means)
