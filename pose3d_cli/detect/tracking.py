"""Follow people from frame to frame.

Each track predicts where its person is by now; detections go to tracks so that the sum of their
similarities is greatest (Kuhn 1955), certain detections first, faint ones to whoever is left over
(ByteTrack, Zhang et al. 2022). Similarity is the overlap of boxes and the closeness of keypoints,
the latter because two people who cross share a box sooner than a pose.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, exp

import numpy as np
from jaxtyping import Float
from scipy.optimize import linear_sum_assignment

from pose3d_cli.sequences import Detections, Track2D
from pose3d_cli.skeleton import COCO17, Skeleton

CERTAIN_SCORE = 0.4
"""Fainter detections continue a track but never start one."""
SAME_PERSON = 0.2
"""Similarity below which a detection cannot belong to a track."""
TWICE_FOUND = 0.6
"""Similarity above which two detections in one frame are the same person."""
COASTING_S = 2.0
"""How long an unseen person keeps going: afterwards their speed has fallen to a third."""
TOLERANCE = 0.15
"""Distance, in body sizes, at which a keypoint's closeness has fallen to 0.6."""
SPREADING_PER_S = 0.5
"""How much of that tolerance is added for every second unseen."""


@dataclass(frozen=True, slots=True, eq=False)
class _Sighting:
    frame: int
    """Counted from the first frame that was looked at."""
    time_s: float
    box_px: Float[np.ndarray, "4"]
    score: float
    keypoints_px: Float[np.ndarray, "j 2"]
    confidence: Float[np.ndarray, " j"]

    @property
    def centre_px(self) -> Float[np.ndarray, "2"]:
        return np.average([self.box_px[:2], self.box_px[2:]], axis=0)

    @property
    def size_px(self) -> float:
        width_px, height_px = self.box_px[2:] - self.box_px[:2]
        return float(np.sqrt(max(width_px * height_px, 1.0)))


_Trail = list[_Sighting]


def follow(
    detections: Iterable[Detections],
    *,
    fps: Fraction,
    skeleton: Skeleton = COCO17,
    max_gap_s: float = 1.0,
    min_length_s: float = 0.2,
) -> tuple[Track2D, ...]:
    """Return one track a person, in the order in which they appear.

    Args:
        detections: of consecutive frames.
        fps: average rate of the clip.
        skeleton: what the keypoints are.
        max_gap_s: somebody who is unseen for longer comes back as another track.
        min_length_s: people who are seen for less are dropped, unless the clip is as short.
    """
    trails: list[_Trail] = []
    times_s: list[float] = []
    first_frame = 0
    for frame, found in enumerate(detections):
        first_frame = found.index - frame
        times_s.append(float(found.time_s))
        alive = [trail for trail in trails if times_s[-1] - trail[-1].time_s <= max_gap_s]
        sightings = _without_doubles(_sightings(frame, found))
        certain = [sighting for sighting in sightings if sighting.score >= CERTAIN_SCORE]
        faint = [sighting for sighting in sightings if sighting.score < CERTAIN_SCORE]
        trails += [[newcomer] for newcomer in _extend(alive, certain)]
        _extend([trail for trail in alive if trail[-1].frame != frame], faint)
    min_sightings = min(ceil(min_length_s * fps), max(1, len(times_s) // 2))
    return tuple(
        _track(trail, np.array(times_s), first_frame=first_frame, fps=fps, skeleton=skeleton)
        for trail in trails
        if len(trail) >= min_sightings
    )


def main_person(tracks: Sequence[Track2D]) -> Track2D:
    """Return whoever is largest for longest: area times confidence, summed over time.

    Raises:
        ValueError: there are no tracks.
    """
    return max(tracks, key=_prominence)


def _prominence(track: Track2D) -> float:
    width_px, height_px = (track.boxes_px[track.seen, 2:] - track.boxes_px[track.seen, :2]).T
    return float((width_px * height_px * track.confidence[track.seen].mean(axis=1)).sum())


def _sightings(frame: int, found: Detections) -> list[_Sighting]:
    return [
        _Sighting(frame, float(found.time_s), *person)
        for person in zip(
            found.boxes_px,
            found.scores.tolist(),
            found.keypoints_px,
            found.confidence,
            strict=True,
        )
    ]


def _without_doubles(sightings: list[_Sighting]) -> list[_Sighting]:
    """Keep the best of those that are the same person found twice."""
    kept: list[_Sighting] = []
    for sighting in sorted(sightings, key=lambda sighting: -sighting.score):
        if all(_similarity([other], sighting) < TWICE_FOUND for other in kept):
            kept.append(sighting)
    return kept


def _extend(trails: list[_Trail], sightings: list[_Sighting]) -> list[_Sighting]:
    """Append each sighting to the trail that it continues; return those that continue none."""
    similarity = np.array([[_similarity(trail, s) for s in sightings] for trail in trails])
    if not similarity.size:
        return sightings
    # Impossible pairs must not win by adding up to more than a possible one.
    similarity[similarity < SAME_PERSON] = 0
    continued = set()
    for trail, sighting in zip(*linear_sum_assignment(similarity, maximize=True), strict=True):
        if similarity[trail, sighting]:
            trails[trail].append(sightings[sighting])
            continued.add(sighting)
    return [sighting for i, sighting in enumerate(sightings) if i not in continued]


def _similarity(trail: _Trail, sighting: _Sighting) -> float:
    """Return 1 for somebody who is exactly where the trail leads, 0 for somebody far away."""
    last = trail[-1]
    unseen_s = sighting.time_s - last.time_s
    coasting_s = COASTING_S * (1 - exp(-unseen_s / COASTING_S))
    shift_px = _velocity_px_s(trail) * coasting_s
    box_px = last.box_px + np.tile(shift_px, 2)
    off_px = np.linalg.norm(last.keypoints_px + shift_px - sighting.keypoints_px, axis=-1)
    tolerance_px = (TOLERANCE + SPREADING_PER_S * unseen_s) * last.size_px
    weights = np.minimum(last.confidence, sighting.confidence) + 1e-6
    closeness = np.average(np.exp(-0.5 * (off_px / tolerance_px) ** 2), weights=weights)
    return float(_overlap(box_px, sighting.box_px) + closeness) / 2


def _velocity_px_s(trail: _Trail) -> Float[np.ndarray, "2"]:
    """Return the mean velocity over the last few sightings."""
    first, last = trail[-min(len(trail), 5)], trail[-1]
    if first is last:
        return np.zeros(2)
    return np.asarray((last.centre_px - first.centre_px) / (last.time_s - first.time_s))


def _overlap(a_px: Float[np.ndarray, "4"], b_px: Float[np.ndarray, "4"]) -> float:
    """Return the intersection of two boxes over their union."""
    sides_px = np.minimum(a_px[2:], b_px[2:]) - np.maximum(a_px[:2], b_px[:2])
    shared = np.prod(np.maximum(sides_px, 0))
    union = np.prod(a_px[2:] - a_px[:2]) + np.prod(b_px[2:] - b_px[:2]) - shared
    return float(shared / union) if union > 0 else 0.0


def _track(
    trail: _Trail,
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
    )
