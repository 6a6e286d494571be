"""Everybody in a clip, in figures that tell them apart, and when each can be seen best."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int

from pose3d_cli.detect.choosing import movement, prominence
from pose3d_cli.sequences import Track2D

VIEWS = 5
"""Moments of each person to show, spread over the time in which they are seen."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of one person before anything is lifted."""

    number: int
    """What `--person` takes."""
    scene: int
    """Counted from 1, between cuts."""
    start_s: float
    stop_s: float
    """Time of the last frame with them."""
    seen_frames: int
    hidden_frames: int
    """Out of sight in between."""
    height_px: float
    """Median of their box."""
    movement: float
    """Way of an average keypoint, in body sizes."""
    prominence: float
    """Share of the most prominent person's, which is 1 for whom `--person largest` takes."""
    views: tuple[int, ...]
    """Frames of the clip in which they are seen well, in order."""
    view_boxes_px: tuple[tuple[float, float, float, float], ...]


def census(tracks: Sequence[Track2D]) -> tuple[Entry, ...]:
    """Return an entry for each track, numbered in their order."""
    most = max((prominence(track) for track in tracks), default=0.0) or 1.0
    return tuple(_entry(number, track, most) for number, track in enumerate(tracks, start=1))


def _entry(number: int, track: Track2D, most: float) -> Entry:
    rows = _best_rows(track)
    boxes_px = track.boxes_px[track.seen]
    return Entry(
        number=number,
        scene=track.scene + 1,
        start_s=float(track.times_s[0]),
        stop_s=float(track.times_s[-1]),
        seen_frames=int(track.seen.sum()),
        hidden_frames=int((~track.seen).sum()),
        height_px=float(np.median(boxes_px[:, 3] - boxes_px[:, 1])),
        movement=movement(track),
        prominence=prominence(track) / most,
        views=tuple((track.first_frame + rows).tolist()),
        view_boxes_px=tuple(tuple(box) for box in track.boxes_px[rows].tolist()),
    )


def _best_rows(track: Track2D) -> Int[np.ndarray, " views"]:
    """Return the most certain frame of each part of the time in which somebody is seen."""
    seen = np.flatnonzero(track.seen)
    certainty = track.confidence.mean(axis=1)
    parts = np.array_split(seen, min(VIEWS, len(seen)))
    return np.array([part[certainty[part].argmax()] for part in parts])
