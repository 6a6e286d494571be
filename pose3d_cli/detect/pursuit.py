"""What is known of one person who is followed, and where to look for them next."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from jaxtyping import Bool, Float, Int

from pose3d_cli.detect.trails import SPREADING_PER_S, TOLERANCE, closeness
from pose3d_cli.sequences import Detections, Frame

logger = logging.getLogger(__name__)

WHOLE_EVERY_S = Fraction(1)
MARGIN = 0.25
"""Of a person's height, on each side of where they are expected."""
CERTAIN_SCORE = 0.4
SAME = 0.4
"""Similarity below which somebody is not who was there before."""
AMBIGUOUS = 0.5
"""Similarity to the best, of the second best, from which on they could be mistaken."""
WAITED_FOR_S = Fraction(1)
"""How long the whole picture is searched for somebody who is lost, before another is followed."""

Region = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels of the picture."""


@dataclass(frozen=True, slots=True, eq=False)
class _Target:
    """Whoever is followed."""

    time_s: Fraction
    box_px: Float[np.ndarray, "4"]
    keypoints_px: Float[np.ndarray, "j 2"]
    velocity_px_s: Float[np.ndarray, "2"]

    @property
    def size_px(self) -> float:
        width_px, height_px = self.box_px[2:] - self.box_px[:2]
        return float(np.sqrt(max(width_px * height_px, 1.0)))

    def at(self, time_s: Fraction) -> "_Target":
        """Return where they are expected."""
        shift_px = self.velocity_px_s * float(time_s - self.time_s)
        return _Target(
            time_s,
            self.box_px + np.tile(shift_px, 2),
            self.keypoints_px + shift_px,
            self.velocity_px_s,
        )

    def moved_to(self, found: Detections, person: int) -> "_Target":
        """Return them where they were found."""
        box_px, seconds = found.boxes_px[person], float(found.time_s - self.time_s)
        shift_px = (box_px - self.box_px).reshape(2, 2).mean(axis=0)
        velocity_px_s = 0.5 * self.velocity_px_s + 0.5 * shift_px / max(seconds, 1e-3)
        return _Target(found.time_s, box_px, found.keypoints_px[person], velocity_px_s)


@dataclass(frozen=True, slots=True, eq=False)
class Pursuit:
    """What is known of whoever is followed after a frame."""

    target: _Target | None = None
    is_sure: bool = False
    """Whether they were seen in that frame, and nobody could be mistaken for them."""
    whole_s: Fraction = Fraction(0)
    """When the whole picture was last looked at."""

    def after_whole(self, everybody: Detections) -> "Pursuit":
        """Return what is known after a look at everybody."""
        target, now_s = _target(everybody, before=self.target), everybody.time_s
        is_seen = target is not None and target.time_s == now_s
        is_sure = target is not None and is_seen and _surely(target, everybody) is not None
        return Pursuit(target, is_sure, whole_s=now_s)

    def after_close(self, found: Detections) -> "tuple[Pursuit, Detections] | None":
        """Return what is known after a close look, and whom it showed; None if there is a doubt."""
        person = _surely(self.target, found) if self.target and self.is_sure else None
        if self.target is None or person is None:
            return None
        followed = Pursuit(self.target.moved_to(found, person), is_sure=True, whole_s=self.whole_s)
        return followed, _only(found, np.arange(len(found.scores)) == person)

    def regions(self, frames: Sequence[Frame]) -> Iterator[Region | None]:
        """Yield where to look in each of the next frames, None for everywhere."""
        whole_s = self.whole_s
        for frame in frames:
            region = None
            if self.target and self.is_sure and frame.time_s - whole_s < WHOLE_EVERY_S:
                region = _region(self.target.at(frame.time_s).box_px, *frame.rgb.shape[1::-1])
            if region is None:
                whole_s = frame.time_s
            yield region


def _region(box_px: Float[np.ndarray, "4"], width_px: int, height_px: int) -> Region | None:
    """Return what to look at: around a box, as far as the picture goes."""
    margin_px = MARGIN * (box_px[2:] - box_px[:2]).max()
    low = np.maximum(box_px[:2] - margin_px, 0).astype(int)
    high = np.minimum(box_px[2:] + margin_px, (width_px, height_px)).astype(int)
    if (high - low).min() < 32:
        return None
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])


def _similarities(last: _Target, found: Detections) -> Float[np.ndarray, " p"]:
    """Return 1 for somebody exactly where they are expected, 0 for somebody far away."""
    expected = last.at(found.time_s)
    tolerance = TOLERANCE + SPREADING_PER_S * float(found.time_s - last.time_s)
    return closeness(
        found.keypoints_px - expected.keypoints_px,
        found.confidence,
        tolerance_px=tolerance * expected.size_px,
    )


def _surely(last: _Target, found: Detections) -> int | None:
    """Return who of those found is the one expected, None if there is a doubt."""
    similarities = _similarities(last, found)
    order: Int[np.ndarray, " p"] = np.argsort(-similarities)
    if not len(order) or similarities[order[0]] < SAME or found.scores[order[0]] < CERTAIN_SCORE:
        return None
    if len(order) > 1 and similarities[order[1]] > AMBIGUOUS * similarities[order[0]]:
        return None
    return int(order[0])


def _target(found: Detections, *, before: _Target | None) -> _Target | None:
    """Return whom to follow after a look at everybody.

    That is whoever it was before; if they are gone for too long, whoever is most prominent.
    """
    if not len(found.scores):
        return before
    if before is not None:
        similarities = _similarities(before, found)
        if similarities.max() >= SAME:
            return before.moved_to(found, int(similarities.argmax()))
        if found.time_s - before.time_s < WAITED_FOR_S:
            return before
        logger.info("lost the person; from %.2f s on somebody else is followed", found.time_s)
    areas = np.prod(found.boxes_px[:, 2:] - found.boxes_px[:, :2], axis=1)
    most = int((areas * found.scores).argmax())
    return _Target(found.time_s, found.boxes_px[most], found.keypoints_px[most], np.zeros(2))


def _only(found: Detections, who: Bool[np.ndarray, " p"]) -> Detections:
    return Detections(
        index=found.index,
        time_s=found.time_s,
        boxes_px=found.boxes_px[who],
        scores=found.scores[who],
        keypoints_px=found.keypoints_px[who],
        confidence=found.confidence[who],
    )
