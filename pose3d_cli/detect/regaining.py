"""Look again for people who were lost for a moment: closely, and turned as they may be.

Networks miss people who are faint or small, and those who are upside down, as hardly anybody is in the
pictures that they learned from. But who was lost and comes back was somewhere between. There they are
looked for, frame by frame: in a picture turned as the last one in which they were found, and, unless
they are upright before and after, in others the farther from it the longer they are lost.

Nobody is invented and nobody else followed: a network must be sure of somebody who is where and how they
are expected to be, and whom nobody else's track has or would sooner lead to.
"""

from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from math import pi, radians

import numpy as np

from pose3d_cli.detect.closeup import LEANS_RAD, Pose, turned_view
from pose3d_cli.detect.cropping import Looking
from pose3d_cli.detect.doubts import CHANGING_PER_S, Doubt, in_doubt
from pose3d_cli.detect.expecting import Course
from pose3d_cli.detect.trails import CROWDED, TOLERANCE, Sighting, agreement, overlap
from pose3d_cli.sequences import Detections, Frame, Track2D
from pose3d_cli.skeleton import COCO17

LOOK_PX = 448
"""Side of what the network sees."""
ROOM = 1.5
"""Side of what it is shown, in longer sides of whom it looks for."""
STEP_RAD = radians(45.0)
"""From one turn to the next: networks still know who leans by half of that."""
TURNING_RAD_S = radians(720.0)
"""How fast people turn head over heels, at most."""
MARGIN = 0.08
"""Between the outermost keypoints and a box, in longer sides."""
SURE = 0.5
"""Score times agreement from which on no other turn is tried."""
LEAST = 0.3
"""Who has less is not believed to be there."""
TAKEN = 0.6
"""Agreement with somebody else from which on it is they who were found."""
AT_ONCE = 2
"""Turns that are looked at side by side."""
_SAME_S = 1e-4


def regain(
    tracks: Sequence[Track2D], doubts: Sequence[Doubt], frames: Iterable[Frame], detector: Looking
) -> Generator[Detections, None, None]:
    """Yield for each doubt whom it is about if they are found, else nobody; counted by ``index``.

    Args:
        tracks: everybody's.
        doubts: in the order of frames.
        frames: in which they are, in that order; in those that are missing nobody is found.
        detector: looks at parts of them.
    """
    courses = [Course(track, doubtful=in_doubt(track)) for track in tracks]
    with ThreadPoolExecutor(AT_ONCE) as threads:
        for index, (doubt, frame) in enumerate(_paired(doubts, frames)):
            best = None
            if frame is not None:
                best = _Search.of(doubt, courses).through(detector, frame, threads)
            if best is not None:
                courses[doubt.person].add(best.sighting, turn_rad=best.turn_rad)
            yield _answer(index, doubt, best)


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """Somebody in a picture that was turned, and how much speaks for it."""

    sighting: Sighting
    turn_rad: float
    worth: float


@dataclass(frozen=True, slots=True, eq=False)
class _Search:
    """For one person in one frame."""

    doubt: Doubt
    expected: Sighting
    turn_rad: float
    """Of the picture in which they were found last, or are next."""
    side_px: float
    """Of what is shown of the picture."""
    is_upright: bool
    """Whether they are before and after."""
    others: Sequence[Sighting]
    """Where everybody else is, or is expected."""

    @classmethod
    def of(cls, doubt: Doubt, courses: Sequence[Course]) -> "_Search":
        """Return what is known beforehand."""
        course = courses[doubt.person]
        ends, expected = course.around(doubt.frame), course.expected(doubt.frame)
        leans_rad = [Pose(end.keypoints_px, end.confidence).lean_rad for end in ends]
        others = [other for other in courses if other is not course and other.covers(doubt.frame)]
        return cls(
            doubt,
            expected,
            turn_rad=course.turn_rad(expected.frame),
            side_px=ROOM * max(float((end.box_px[2:] - end.box_px[:2]).max()) for end in ends),
            is_upright=all(abs(lean_rad) < LEANS_RAD for lean_rad in leans_rad),
            others=[other.expected(doubt.frame) for other in others],
        )

    def through(
        self, detector: Looking, frame: Frame, threads: ThreadPoolExecutor
    ) -> _Found | None:
        """Return the person as they are found in the best of all turns, None if in none.

        Who is behind somebody else is not even looked for: that one would be found.
        """
        best = None
        if any(overlap(self.expected.box_px, other.box_px) >= CROWDED for other in self.others):
            return None
        look = partial(self._look, detector, frame)
        for turns_rad in self._turns_rad():
            for found in (one for seen in threads.map(look, turns_rad) for one in seen):
                if found.worth >= (best.worth if best else LEAST):
                    best = found
            if best and best.worth >= SURE:
                break
        return best

    def _turns_rad(self) -> Iterator[tuple[float, ...]]:
        """Yield the turns that are possible, the likelier ones first."""
        yield (self.turn_rad,)
        if self.is_upright:
            return
        reach_rad = STEP_RAD + TURNING_RAD_S * self._lost_s(self.expected)
        for away_rad in STEP_RAD * np.arange(1, 4):
            if away_rad <= reach_rad:
                yield self.turn_rad + away_rad, self.turn_rad - away_rad
        if reach_rad >= pi:
            yield (self.turn_rad + pi,)

    def _look(self, detector: Looking, frame: Frame, turn_rad: float) -> list[_Found]:
        """Return everybody who is found in the picture turned like that."""
        view = turned_view(
            frame.rgb,
            self.expected.centre_px,
            side_px=self.side_px,
            turn_rad=turn_rad,
            size_px=LOOK_PX,
        )
        seen = detector.look(replace(frame, rgb=view.rgb), longest_px=LOOK_PX)
        people = zip(seen.scores, view.back(seen.keypoints_px), seen.confidence, strict=True)
        found = []
        for score, points_px, confidence in people:
            pose = Pose(points_px, confidence).within(*frame.rgb.shape[1::-1])
            if pose.sure.sum() >= 3:
                sighting = self._sighting(pose, float(score))
                found.append(_Found(sighting, turn_rad, self._worth(sighting)))
        return found

    def _sighting(self, pose: Pose, score: float) -> Sighting:
        seen_px = pose.points_px[pose.sure]
        margin_px = MARGIN * pose.size_px
        return Sighting(
            frame=self.doubt.frame,
            scene=self.expected.scene,
            time_s=self.doubt.time_s,
            box_px=np.concatenate(
                [seen_px.min(axis=0) - margin_px, seen_px.max(axis=0) + margin_px]
            ),
            score=score,
            keypoints_px=pose.points_px,
            confidence=pose.confidence,
            looks=None,
        )

    def _worth(self, sighting: Sighting) -> float:
        near, *others = (
            agreement(one, sighting, tolerance=TOLERANCE + CHANGING_PER_S * self._lost_s(one))
            for one in (self.expected, *self.others)
        )
        return 0.0 if max(others, default=0.0) > min(near, TAKEN) else sighting.score * near

    def _lost_s(self, expected: Sighting) -> float:
        """Return how long before or after the doubtful frame somebody's pose is known."""
        return abs(self.doubt.time_s - expected.time_s)


def _paired(
    doubts: Iterable[Doubt], frames: Iterable[Frame]
) -> Iterator[tuple[Doubt, Frame | None]]:
    """Yield each doubt with its frame."""
    following = iter(frames)
    frame = next(following, None)
    for doubt in doubts:
        while frame is not None and frame.time_s < doubt.time_s - _SAME_S:
            frame = next(following, None)
        is_there = frame is not None and frame.time_s <= doubt.time_s + _SAME_S
        yield doubt, frame if is_there else None


def _answer(index: int, doubt: Doubt, found: _Found | None) -> Detections:
    people = [] if found is None else [found.sighting]
    return Detections(
        index=index,
        time_s=Fraction(doubt.time_s).limit_denominator(1_000_000),
        boxes_px=np.array([one.box_px for one in people]).reshape(-1, 4),
        scores=np.array([one.score for one in people]),
        keypoints_px=np.array([one.keypoints_px for one in people]).reshape(-1, len(COCO17), 2),
        confidence=np.array([one.confidence for one in people]).reshape(-1, len(COCO17)),
    )
