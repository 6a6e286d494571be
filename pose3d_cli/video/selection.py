"""Which pictures of a video are looked at: a stretch of it, at its own rate or a lower one."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import floor
from typing import Protocol, TypeVar, runtime_checkable

from pose3d_cli.sequences import Clip

Picture = TypeVar("Picture")
Timed = tuple[Fraction, Picture]
"""A presentation time, and whatever is shown then."""

_SAME_S = Fraction(1, 10_000)
"""Times in documents are rounded to less than this, and no two pictures are as close."""


@runtime_checkable
class Selection(Protocol):
    """Chooses pictures as they come, in the order of their times."""

    @property
    def start_s(self) -> Fraction | None:
        """No earlier picture is chosen; None if the first may be."""
        ...

    def chosen(self, pictures: Iterable[Timed[Picture]]) -> Iterator[Timed[Picture]]:
        """Yield those that are chosen; ends with the last of them."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Everything from one time to another, by the file's own times."""

    start_s: Fraction | None = None
    end_s: Fraction | None = None
    """The first picture at or after it is no longer chosen."""
    fps: Fraction | None = None
    """Leave out pictures until no more than so many are left in a second of the file."""

    def chosen(self, pictures: Iterable[Timed[Picture]]) -> Iterator[Timed[Picture]]:
        """Yield those that are chosen; ends with the last of them."""
        origin_s, last = None, -1
        for time_s, picture in pictures:
            if self.end_s is not None and time_s >= self.end_s:
                return
            if self.start_s is not None and time_s < self.start_s:
                continue
            if self.fps is not None:
                origin_s = time_s if origin_s is None else origin_s
                place = floor((time_s - origin_s) * self.fps)
                if place == last:
                    continue
                last = place
            yield time_s, picture

    def of(self, clip: Clip) -> Clip:
        """Return what is known of a clip beforehand, if only this stretch of it is looked at."""
        played_fps = clip.played_fps if self.fps is None else min(self.fps, clip.played_fps)
        duration_s = clip.claimed_frames / clip.played_fps
        end_s = duration_s if self.end_s is None else min(self.end_s, duration_s)
        frames = max(0, round((end_s - (self.start_s or 0)) * played_fps))
        return replace(clip, fps=played_fps * clip.filming.slow_motion, claimed_frames=frames)


EVERYTHING = Stretch()


@dataclass(frozen=True, slots=True)
class AtTimes:
    """The pictures that were chosen before: those at given times, which increase."""

    times_s: Sequence[float]

    @property
    def start_s(self) -> Fraction:
        """No earlier picture is chosen."""
        return Fraction(self.times_s[0]) - _SAME_S

    def chosen(self, pictures: Iterable[Timed[Picture]]) -> Iterator[Timed[Picture]]:
        """Yield those that are chosen; ends with the last of them."""
        last_s = Fraction(self.times_s[-1]) + _SAME_S
        for time_s, picture in pictures:
            if time_s > last_s:
                return
            nearest = bisect_left(self.times_s, float(time_s - _SAME_S), hi=len(self.times_s) - 1)
            if abs(Fraction(self.times_s[nearest]) - time_s) <= _SAME_S:
                yield time_s, picture
