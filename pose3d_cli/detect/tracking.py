"""Follow people from frame to frame.

Each track predicts where its person is by now; detections go to tracks so that the sum of their
similarities is greatest (Kuhn 1955), certain detections first, faint ones to whoever is left over
(ByteTrack, Zhang et al. 2022). Similarity is the overlap of boxes and the closeness of keypoints,
the latter because two people who cross share a box sooner than a pose, and less for whoever wears
other clothes. When a scene is over, `identity` undoes swaps and recognises who came back.
"""

from collections.abc import Iterable
from fractions import Fraction
from itertools import groupby
from math import ceil

import numpy as np
from jaxtyping import Float
from scipy.optimize import linear_sum_assignment

from pose3d_cli.detect.identity import rejoined, uncrossed
from pose3d_cli.detect.trails import (
    Sighting,
    Trail,
    extend,
    nearness,
    sightings,
    similarity,
    without_mixed_looks,
)
from pose3d_cli.sequences import Detections, Track2D
from pose3d_cli.skeleton import COCO17, Skeleton

CERTAIN_SCORE = 0.4
"""Fainter detections continue a track but never start one."""
SAME_PERSON = 0.2
"""Similarity below which a detection cannot belong to a track."""
TWICE_FOUND = 0.6
"""Nearness above which two detections in one frame are the same person."""


def follow(
    detections: Iterable[Detections],
    *,
    fps: Fraction,
    skeleton: Skeleton = COCO17,
    max_gap_s: float = 1.0,
    max_absence_s: float = 5.0,
    min_length_s: float = 0.2,
) -> tuple[Track2D, ...]:
    """Return one track a person, in the order in which they appear.

    Args:
        detections: of consecutive frames.
        fps: average rate of the clip.
        skeleton: what the keypoints are.
        max_gap_s: somebody who is unseen for longer is followed no further; later they …
        max_absence_s: … are recognised by their looks, unless they were away for longer yet.
        min_length_s: people who are seen for less are dropped, unless the clip is as short.
    """
    trails: list[Trail] = []
    times_s: list[float] = []
    first_frame = scene = 0
    for frame, found in enumerate(detections):
        first_frame = found.index - frame
        times_s.append(float(found.time_s))
        scene += found.starts_scene
        alive = [
            trail
            for trail in trails
            if trail[-1].scene == scene and times_s[-1] - trail[-1].time_s <= max_gap_s
        ]
        people = without_mixed_looks(_without_doubles(sightings(frame, scene, found)))
        certain = [sighting for sighting in people if sighting.score >= CERTAIN_SCORE]
        faint = [sighting for sighting in people if sighting.score < CERTAIN_SCORE]
        for newcomer in _extend(alive, certain):
            trails.append([])
            extend(trails[-1], newcomer)
        _extend([trail for trail in alive if trail[-1].frame != frame], faint)
    min_sightings = min(ceil(min_length_s * fps), max(1, len(times_s) // 2))
    return tuple(
        _track(trail, np.array(times_s), first_frame=first_frame, fps=fps, skeleton=skeleton)
        for trail in _known_people(trails, max_absence_s=max_absence_s)
        if len(trail) >= min_sightings
    )


def _known_people(trails: list[Trail], *, max_absence_s: float) -> list[Trail]:
    """Return a trail a person, now that every scene is known to its end."""
    people: list[Trail] = []
    for _, scene in groupby(trails, key=lambda trail: trail[0].scene):
        people += rejoined(uncrossed(list(scene)), max_absence_s=max_absence_s)
    return people


def _without_doubles(people: list[Sighting]) -> list[Sighting]:
    """Keep the best of those that are the same person found twice."""
    kept: list[Sighting] = []
    for sighting in sorted(people, key=lambda sighting: -sighting.score):
        if all(nearness([other], sighting) < TWICE_FOUND for other in kept):
            kept.append(sighting)
    return kept


def _extend(trails: list[Trail], people: list[Sighting]) -> list[Sighting]:
    """Append each sighting to the trail that it continues; return those that continue none."""
    similar = np.array([[similarity(trail, sighting) for sighting in people] for trail in trails])
    if not similar.size:
        return people
    # Impossible pairs must not win by adding up to more than a possible one.
    similar[similar < SAME_PERSON] = 0
    taken = set()
    for trail, sighting in zip(*linear_sum_assignment(similar, maximize=True), strict=True):
        if similar[trail, sighting]:
            extend(trails[trail], people[sighting])
            taken.add(sighting)
    return [sighting for i, sighting in enumerate(people) if i not in taken]


def _track(
    trail: Trail,
    times_s: Float[np.ndarray, " f"],
    *,
    first_frame: int,
    fps: Fraction,
    skeleton: Skeleton,
) -> Track2D:
    """Lay out a trail over consecutive frames, with NaN where its person was not seen."""
    start, stop = trail[0].frame, trail[-1].frame + 1
    length, joints = stop - start, len(skeleton)
    seen = np.zeros(length, bool)
    boxes_px = np.full((length, 4), np.nan)
    keypoints_px = np.full((length, joints, 2), np.nan)
    confidence = np.zeros((length, joints))
    for sighting in trail:
        row = sighting.frame - start
        seen[row] = True
        boxes_px[row] = sighting.box_px
        keypoints_px[row] = sighting.keypoints_px
        confidence[row] = sighting.confidence
    return Track2D(
        skeleton=skeleton,
        first_frame=first_frame + start,
        times_s=times_s[start:stop],
        fps=fps,
        boxes_px=boxes_px,
        keypoints_px=keypoints_px,
        confidence=confidence,
        seen=seen,
        scene=trail[0].scene,
    )
