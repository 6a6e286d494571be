"""Which frames of a track deserve another look: short holes, and what was seen in passing.

Who is seen for a moment between two holes was hard to see there, too. Somebody upside down is often
found, but their feet taken for a head, so that they seem to leap about. What lies between two such
leaps is as doubtful.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from jaxtyping import Bool

from pose3d_cli.detect.trails import TOLERANCE, closeness
from pose3d_cli.sequences import Detections, Track2D

LONGEST_S = 1.0
"""Whoever is unseen for longer may have been anywhere meanwhile."""
PASSING_S = 0.4
"""Sightings between two holes or leaps that last less are in doubt."""
CHANGING_PER_S = 1.0
"""How much of the tolerance for poses is added for every second that lies between them."""
LEAP = 0.3
"""Closeness of poses in consecutive frames below which nobody moves like that; sprinters have 0.45."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """One person in one frame."""

    frame: int
    """Of the clip."""
    time_s: float
    person: int
    """Place in the list of tracks."""


def doubts(tracks: Sequence[Track2D], people: Sequence[int]) -> list[Doubt]:
    """Return all about some people, in the order of frames."""
    found = [
        Doubt(tracks[person].first_frame + row, float(tracks[person].times_s[row]), person)
        for person in people
        for row in np.flatnonzero(in_doubt(tracks[person])).tolist()
    ]
    return sorted(found, key=lambda doubt: (doubt.frame, doubt.person))


def in_doubt(track: Track2D) -> Bool[np.ndarray, " f"]:
    """Return which frames deserve another look; never the first or the last of the track."""
    doubtful = np.zeros(len(track.seen), bool)
    for before, after in pairwise(np.flatnonzero(track.seen)):
        if track.times_s[after] - track.times_s[before] <= LONGEST_S:
            doubtful[before + 1 : after] = True
    breaks = np.flatnonzero(np.diff(doubtful) | _leaps(track)) + 1
    for start, stop in pairwise(breaks):
        lasts_s = track.times_s[stop] - track.times_s[start]
        if track.seen[start:stop].all() and lasts_s < PASSING_S:
            doubtful[start:stop] = True
    return doubtful


def _leaps(track: Track2D) -> Bool[np.ndarray, " pairs"]:
    """Return between which consecutive frames a person seems to be another."""
    sides_px = (track.boxes_px[:, 2:] - track.boxes_px[:, :2])[:-1]
    tolerance = TOLERANCE + CHANGING_PER_S * np.diff(track.times_s)
    close = closeness(
        np.diff(track.keypoints_px, axis=0),
        np.minimum(track.confidence[1:], track.confidence[:-1]),
        tolerance_px=tolerance * np.sqrt(np.prod(sides_px, axis=1).clip(min=1.0)),
    )
    return np.asarray(track.seen[1:] & track.seen[:-1] & (close < LEAP))


def settled(
    tracks: Sequence[Track2D], doubts: Sequence[Doubt], answers: Iterable[Detections]
) -> tuple[Track2D, ...]:
    """Return the tracks with whoever was found, by doubt, in place of what they had there."""
    mended = list(tracks)
    for doubt, answer in zip(doubts, answers, strict=True):
        if len(answer.scores):
            mended[doubt.person] = _with(mended[doubt.person], doubt.frame, answer)
    return tuple(mended)


def _with(track: Track2D, frame: int, found: Detections) -> Track2D:
    row = np.arange(len(track.seen)) == frame - track.first_frame
    return replace(
        track,
        seen=track.seen | row,
        boxes_px=np.where(row[:, None], found.boxes_px, track.boxes_px),
        keypoints_px=np.where(row[:, None, None], found.keypoints_px, track.keypoints_px),
        confidence=np.where(row[:, None], found.confidence, track.confidence),
    )
