"""A person's way through a clip as sightings, and how well another sighting would continue it."""

from dataclasses import dataclass, replace
from math import exp

import numpy as np
from jaxtyping import Float, Float32

from pose3d_cli.detect.looks import alikeness, blend
from pose3d_cli.sequences import Detections

COASTING_S = 2.0
"""How long an unseen person keeps going: afterwards their speed has fallen to a third."""
TOLERANCE = 0.15
"""Distance, in body sizes, at which a keypoint's closeness has fallen to 0.6."""
SPREADING_PER_S = 0.5
"""How much of that tolerance is added for every second unseen."""
CROWDED = 0.4
"""Overlap with somebody else from which on colours may be theirs, and are not looked at."""
WINDOW_S = 1.0
"""How much before and after a crossing looks are compared."""
KEPT_EVERY = 10
"""Frames, of looks from when nobody came, went or crossed."""
MEMORY = 0.1
"""Share of a new look in what is remembered of somebody."""
STRANGER = 0.6
"""Alikeness of people in different clothes; one person compared with themselves has over 0.9."""
LOOKS_MATTER = 0.5
"""How much of a similarity in place and pose is lost to a stranger's looks."""


@dataclass(frozen=True, slots=True, eq=False)
class Sighting:
    """One person in one frame."""

    frame: int
    """Counted from the first frame that was looked at."""
    scene: int
    time_s: float
    box_px: Float[np.ndarray, "4"]
    score: float
    keypoints_px: Float[np.ndarray, "j 2"]
    confidence: Float[np.ndarray, " j"]
    looks: Float32[np.ndarray, " c"] | None
    """None where nothing is known: nobody looked, or somebody else is in the way."""
    remembered: Float32[np.ndarray, " c"] | None = None
    """Looks until now, the newest counting most; only the last of a trail knows."""
    known_since_s: float | None = None
    """Since when looks have been known without a break, None if they are not."""

    @property
    def centre_px(self) -> Float[np.ndarray, "2"]:
        """Return the middle of the box."""
        return np.average([self.box_px[:2], self.box_px[2:]], axis=0)

    @property
    def size_px(self) -> float:
        """Return the side of a square as large as the box."""
        width_px, height_px = self.box_px[2:] - self.box_px[:2]
        return float(np.sqrt(max(width_px * height_px, 1.0)))


Trail = list[Sighting]


def sightings(frame: int, scene: int, found: Detections) -> list[Sighting]:
    """Return everybody in a frame."""
    nobody_looked = [None] * len(found.scores)
    people = zip(
        found.boxes_px,
        found.scores.tolist(),
        found.keypoints_px,
        found.confidence,
        nobody_looked if found.looks is None else found.looks,
        strict=True,
    )
    return [Sighting(frame, scene, float(found.time_s), *person) for person in people]


def without_mixed_looks(people: list[Sighting]) -> list[Sighting]:
    """Forget the looks of those who are over each other."""
    return [
        replace(one, looks=None)
        if any(overlap(one.box_px, other.box_px) >= CROWDED for other in people if other is not one)
        else one
        for one in people
    ]


def extend(trail: Trail, sighting: Sighting) -> None:
    """Append a sighting; what was remembered passes on to it, so that it is kept once a person."""
    remembered = trail[-1].remembered if trail else None
    if remembered is None:
        remembered = sighting.looks
    elif sighting.looks is not None:
        remembered = blend(remembered, sighting.looks, share=MEMORY)
    since_s = trail[-1].known_since_s if trail else None
    if sighting.looks is None or since_s is None:
        since_s = None if sighting.looks is None else sighting.time_s
    if trail:
        trail[-1] = replace(trail[-1], remembered=None)
    trail.append(replace(sighting, remembered=remembered, known_since_s=since_s))
    _forget_looks(trail)


def _forget_looks(trail: Trail) -> None:
    """Forget most looks that are farther than a window from where people come, go and cross.

    All looks of ten people for ten minutes would take 300 MB. A few are enough where somebody comes out
    from behind another without having been over them.
    """
    now_s, since_s = trail[-1].time_s, trail[-1].known_since_s
    if since_s is None:
        return
    for i in range(len(trail) - 1, -1, -1):
        one = trail[i]
        if one.looks is None or one.time_s - WINDOW_S <= since_s:
            return
        if one.time_s + WINDOW_S < now_s and one.frame % KEPT_EVERY:
            trail[i] = replace(one, looks=None)


def similarity(trail: Trail, sighting: Sighting) -> float:
    """Return 1 for somebody who is exactly where the trail leads and looks it, 0 for a stranger."""
    near = nearness(trail, sighting)
    remembered = trail[-1].remembered
    if not near or remembered is None or sighting.looks is None:
        return near
    alike = alikeness(remembered, sighting.looks)
    if alike is None:
        return near
    strangeness = min(max((1 - alike) / (1 - STRANGER), 0.0), 1.0)
    return near * (1 - LOOKS_MATTER * strangeness)


def nearness(trail: Trail, sighting: Sighting) -> float:
    """Return 1 for somebody who is exactly where the trail leads, 0 for somebody far away."""
    last = trail[-1]
    unseen_s = sighting.time_s - last.time_s
    coasting_s = COASTING_S * (1 - exp(-unseen_s / COASTING_S))
    shift_px = _velocity_px_s(trail) * coasting_s
    expected = moved(last, shift_px)
    return agreement(expected, sighting, tolerance=TOLERANCE + SPREADING_PER_S * unseen_s)


def agreement(expected: Sighting, sighting: Sighting, *, tolerance: float) -> float:
    """Return 1 for somebody who is exactly where and as they are expected, 0 for somebody far away.

    Args:
        expected: where, and posed how.
        sighting: who was seen.
        tolerance: like ``TOLERANCE``.
    """
    close = closeness(
        sighting.keypoints_px - expected.keypoints_px,
        np.minimum(expected.confidence, sighting.confidence),
        tolerance_px=tolerance * expected.size_px,
    )
    return float(overlap(expected.box_px, sighting.box_px) + close) / 2


def closeness(
    off_px: Float[np.ndarray, "*f j 2"],
    confidence: Float[np.ndarray, "*f j"],
    *,
    tolerance_px: Float[np.ndarray, "*f"] | float,
) -> Float[np.ndarray, "*f"]:
    """Return 1 for a pose without error, 0 for one that is nowhere near, by keypoints' errors."""
    square = np.square(off_px).sum(axis=-1) / np.square(tolerance_px)[..., None]
    weights = confidence + 1e-6
    return np.asarray((weights * np.exp(-0.5 * square)).sum(axis=-1) / weights.sum(axis=-1))


def moved(sighting: Sighting, shift_px: Float[np.ndarray, "2"]) -> Sighting:
    """Return somebody elsewhere."""
    return replace(
        sighting,
        box_px=sighting.box_px + np.tile(shift_px, 2),
        keypoints_px=sighting.keypoints_px + shift_px,
    )


def overlap(a_px: Float[np.ndarray, "4"], b_px: Float[np.ndarray, "4"]) -> float:
    """Return the intersection of two boxes over their union."""
    sides_px = np.minimum(a_px[2:], b_px[2:]) - np.maximum(a_px[:2], b_px[:2])
    shared = np.prod(np.maximum(sides_px, 0))
    union = np.prod(a_px[2:] - a_px[:2]) + np.prod(b_px[2:] - b_px[:2]) - shared
    return float(shared / union) if union > 0 else 0.0


def _velocity_px_s(trail: Trail) -> Float[np.ndarray, "2"]:
    """Return the mean velocity over the last few sightings."""
    first, last = trail[-min(len(trail), 5)], trail[-1]
    if first is last:
        return np.zeros(2)
    return np.asarray((last.centre_px - first.centre_px) / (last.time_s - first.time_s))
