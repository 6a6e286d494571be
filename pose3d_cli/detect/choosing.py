"""Which people of a clip are meant: ``largest``, ``longest``, ``most-moving``, 2, ``at=0:03@640,360``, ``all``."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from pose3d_cli.errors import NoPersonError, UsageError
from pose3d_cli.sequences import Track2D

_PLACE = re.compile(r"at=(?:(?:(\d+):)?(\d+):)?(\d+(?:\.\d+)?)@(\d+(?:\.\d+)?),(\d+(?:\.\d+)?)")
_HINT = (
    "Choose from largest, longest, most-moving, all, a number as in `pose3d people`, or who is "
    "at=0:03@640,360 (time and pixels)."
)
NEARBY_S = 0.5
"""How long before or after a time somebody may be seen who is meant by it."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A point of the picture at a time."""

    time_s: float
    x_px: float
    y_px: float


def choose(wanted: str, tracks: Sequence[Track2D]) -> tuple[int, ...]:
    """Return the places in ``tracks`` of the people who are meant.

    Raises:
        UsageError: ``wanted`` is none of the ways to name people.
        NoPersonError: it names somebody who is not there.
    """
    named = parse(wanted)
    everybody = range(len(tracks))
    if named == "all":
        return tuple(everybody)
    if isinstance(named, Spot):
        return (_at(named, tracks),)
    if isinstance(named, int):
        if not 1 <= named <= len(tracks):
            raise NoPersonError(
                f"there is no person {named}: {len(tracks)} found", hint="See `pose3d people`."
            )
        return (named - 1,)
    return (max(everybody, key=lambda i: RANKINGS[named](tracks[i])),)


def parse(wanted: str) -> str | int | Spot:
    """Return a name of a ranking or ``"all"``, a number from 1, or a spot.

    Raises:
        UsageError: it is none of these.
    """
    if wanted == "all" or wanted in RANKINGS:
        return wanted
    if wanted.isascii() and wanted.isdecimal() and len(wanted) < 10:
        return int(wanted)
    if found := _PLACE.fullmatch(wanted):
        hours, minutes, seconds, x_px, y_px = (float(part or 0) for part in found.groups())
        return Spot(3600 * hours + 60 * minutes + seconds, x_px, y_px)
    raise UsageError(f"--person {wanted}: nobody can be named like that", hint=_HINT)


def prominence(track: Track2D) -> float:
    """Return area times confidence, summed over the frames in which the person was seen."""
    areas_px = np.prod(_sides_px(track), axis=-1)
    return float((areas_px * track.confidence[track.seen].mean(axis=1)).sum())


def movement(track: Track2D) -> float:
    """Return how far the keypoints travel, in body sizes; only what was seen from frame to frame."""
    size_px = float(np.median(np.sqrt(np.prod(_sides_px(track), axis=-1))))
    both = track.seen[1:] & track.seen[:-1]
    steps_px = np.linalg.norm(np.diff(track.keypoints_px, axis=0)[both], axis=-1)
    trusted = np.minimum(track.confidence[1:], track.confidence[:-1])[both]
    return float((steps_px * trusted).sum() / track.keypoints_px.shape[1] / max(size_px, 1.0))


def _sides_px(track: Track2D) -> Float[np.ndarray, "seen 2"]:
    boxes_px = track.boxes_px[track.seen]
    return np.asarray(boxes_px[:, 2:] - boxes_px[:, :2])


RANKINGS: Mapping[str, Callable[[Track2D], float]] = {
    "largest": prominence,
    "longest": lambda track: float(track.seen.sum()),
    "most-moving": movement,
}


def _at(spot: Spot, tracks: Sequence[Track2D]) -> int:
    """Return whose box holds the spot, of several the one whose middle is nearest.

    Raises:
        NoPersonError: nobody is there.
    """
    point_px = np.array([spot.x_px, spot.y_px])
    distances_px = {}
    for i, track in enumerate(tracks):
        away_s = np.where(track.seen, np.abs(track.times_s - spot.time_s), np.inf)
        box_px = track.boxes_px[nearest := int(away_s.argmin())]
        inside = (box_px[:2] <= point_px).all() and (point_px <= box_px[2:]).all()
        if away_s[nearest] <= NEARBY_S and inside:
            distances_px[i] = float(np.linalg.norm(box_px.reshape(2, 2).mean(axis=0) - point_px))
    if not distances_px:
        raise NoPersonError(
            f"nobody is at {spot.x_px:g},{spot.y_px:g} at {spot.time_s:g} s",
            hint="See the contact sheet of `pose3d people`.",
        )
    return min(distances_px, key=lambda i: distances_px[i])
