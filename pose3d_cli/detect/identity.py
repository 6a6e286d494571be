"""Who is who once a whole scene is known: undo swaps at crossings, recognise who comes back.

A tracker decides in the moment; when people hide each other it can leave a crossing with the wrong
one. Their looks before and after tell. The same looks tell that somebody who was hidden, or out of
the picture, is there again.
"""

from itertools import combinations, pairwise

import numpy as np
from jaxtyping import Float32
from scipy.optimize import linear_sum_assignment

from pose3d_cli.detect.looks import alikeness
from pose3d_cli.detect.trails import CROWDED, WINDOW_S, Sighting, Trail, overlap

SURE = 0.1
"""How much more alike people must be after a swap than before it, for the swap to be believed."""
ALIKE = 0.85
"""How alike somebody who comes back must be to somebody who left."""
STEP = 1.0
"""How far, in body sizes, somebody may be found again from where they were lost; and …"""
PACE_PER_S = 1.5
"""… how much farther for every second unseen."""
GROWTH = 2.0
"""Factor by which their size may have changed meanwhile."""


def uncrossed(trails: list[Trail]) -> list[Trail]:
    """Return the trails with what follows a crossing exchanged where looks ask for it."""
    trails = list(trails)
    for one, other in combinations(range(len(trails)), 2):
        for frame in _partings(trails[one], trails[other]):
            ends = [_split(trails[i], frame) for i in (one, other)]
            (a, after_a), (b, after_b) = ends
            if _gain_by_swapping(a, after_a, b, after_b) > SURE:
                trails[one], trails[other] = a + after_b, b + after_a
    return trails


def rejoined(trails: list[Trail], *, max_absence_s: float) -> list[Trail]:
    """Return the trails with those put together that are one person who was away for a while."""
    gains = np.array([[_gain_by_joining(a, b, max_absence_s) for b in trails] for a in trails])
    if not gains.size:
        return trails
    leads_to = {
        int(a): int(b)
        for a, b in zip(*linear_sum_assignment(gains, maximize=True), strict=True)
        if gains[a, b] > 0
    }
    starts = [i for i in range(len(trails)) if i not in leads_to.values()]
    return [_chained(trails, start, leads_to) for start in starts]


def looks_between(trail: Trail, start_s: float, stop_s: float) -> Float32[np.ndarray, " c"] | None:
    """Return the average looks over a time; None if nobody could look."""
    looks = [s.looks for s in trail if s.looks is not None and start_s <= s.time_s <= stop_s]
    if not looks:
        return None
    known = np.isfinite(looks)
    summed = np.where(known, looks, 0).sum(axis=0)
    counted = known.sum(axis=0)
    return np.where(counted > 0, summed / np.maximum(counted, 1), np.nan).astype(np.float32)


def _partings(one: Trail, other: Trail) -> list[int]:
    """Return the first frames after each time that two people were over each other."""
    if one[0].scene != other[0].scene:
        return []
    there = {sighting.frame: sighting for sighting in other}
    shared = [(s.frame, overlap(s.box_px, there[s.frame].box_px)) for s in one if s.frame in there]
    return [frame for (_, before), (frame, now) in pairwise(shared) if before >= CROWDED > now]


def _split(trail: Trail, frame: int) -> tuple[Trail, Trail]:
    at = next((i for i, s in enumerate(trail) if s.frame >= frame), len(trail))
    return trail[:at], trail[at:]


def _gain_by_swapping(a: Trail, after_a: Trail, b: Trail, after_b: Trail) -> float:
    """Return how much more alike people are to themselves if they are exchanged here."""
    start_s = after_a[0].time_s
    looks = [
        *(_last_looks(trail) for trail in (a, b)),
        *(looks_between(trail, start_s, start_s + WINDOW_S) for trail in (after_a, after_b)),
    ]
    if any(look is None for look in looks):
        return 0.0
    was_a, was_b, is_a, is_b = looks
    kept = _together(was_a, is_a), _together(was_b, is_b)
    swapped = _together(was_a, is_b), _together(was_b, is_a)
    return (sum(swapped) - sum(kept)) / 2


def _last_looks(trail: Trail) -> Float32[np.ndarray, " c"] | None:
    """Return the average over the last time that nobody was in the way."""
    seen_s = [sighting.time_s for sighting in trail if sighting.looks is not None]
    return looks_between(trail, seen_s[-1] - WINDOW_S, seen_s[-1]) if seen_s else None


def _first_looks(trail: Trail) -> Float32[np.ndarray, " c"] | None:
    seen_s = [sighting.time_s for sighting in trail if sighting.looks is not None]
    return looks_between(trail, seen_s[0], seen_s[0] + WINDOW_S) if seen_s else None


def _together(a: Float32[np.ndarray, " c"] | None, b: Float32[np.ndarray, " c"] | None) -> float:
    alike = alikeness(a, b) if a is not None and b is not None else None
    return 0.0 if alike is None else alike


def _gain_by_joining(leaves: Trail, comes: Trail, max_absence_s: float) -> float:
    """Return how alike two trails are, above ``ALIKE``; 0 where they cannot be one person."""
    last, first = leaves[-1], comes[0]
    absent_s = first.time_s - last.time_s
    if last.scene != first.scene or not 0 < absent_s <= max_absence_s:
        return 0.0
    if not _within_reach(last, first, absent_s):
        return 0.0
    return max(_together(_last_looks(leaves), _first_looks(comes)) - ALIKE, 0.0)


def _within_reach(last: Sighting, first: Sighting, absent_s: float) -> bool:
    size_px = max(last.size_px, first.size_px)
    way_px = float(np.linalg.norm(first.centre_px - last.centre_px))
    return way_px <= (STEP + PACE_PER_S * absent_s) * size_px and size_px <= GROWTH * min(
        last.size_px, first.size_px
    )


def _chained(trails: list[Trail], start: int, leads_to: dict[int, int]) -> Trail:
    chain, at = list(trails[start]), start
    while at in leads_to:
        at = leads_to[at]
        chain += trails[at]
    return chain
