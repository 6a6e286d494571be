"""People are followed from frame to frame."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from pose3d_cli.detect.tracking import follow
from pose3d_cli.sequences import Detections, Track2D

FPS = Fraction(30)
POSE = np.random.default_rng(1).uniform((-30, -80), (30, 80), size=(17, 2))
Place = tuple[float, float]


def person(place: Place, *, size: float = 1.0) -> np.ndarray:
    return POSE * size + place


def frame(index: int, people: list[np.ndarray], scores: list[float] | None = None) -> Detections:
    keypoints_px = np.array(people).reshape(-1, 17, 2)
    return Detections(
        index=index,
        time_s=index / FPS,
        boxes_px=np.concatenate([keypoints_px.min(axis=1), keypoints_px.max(axis=1)], axis=1),
        scores=np.array(scores or [0.9] * len(people)),
        keypoints_px=keypoints_px,
        confidence=np.full((len(people), 17), 0.9),
    )


def walk(start: int, stop: int, *, from_px: Place, speed_px: float) -> dict[int, np.ndarray]:
    """Return somebody by frame who walks to the right, ``speed_px`` a frame."""
    return {i: person((from_px[0] + speed_px * i, from_px[1])) for i in range(start, stop)}


def clip(*people: dict[int, np.ndarray], frames: int) -> list[Detections]:
    return [frame(i, [where[i] for where in people if i in where]) for i in range(frames)]


def middles_px(track: Track2D) -> np.ndarray:
    return np.asarray(track.keypoints_px[track.seen].mean(axis=1))


def test_one_person_is_one_track_that_repeats_the_detections() -> None:
    where = walk(0, 20, from_px=(100, 200), speed_px=5)
    (track,) = follow(clip(where, frames=20), fps=FPS)
    assert track.seen.all()
    assert (track.first_frame, track.fps) == (0, FPS)
    np.testing.assert_array_equal(track.keypoints_px, np.stack(list(where.values())))
    np.testing.assert_allclose(track.times_s, np.arange(20) / 30)


def test_somebody_who_comes_later_starts_at_their_own_frame() -> None:
    early = walk(0, 30, from_px=(100, 200), speed_px=2)
    late = walk(12, 30, from_px=(900, 200), speed_px=-2)
    _, track = follow(clip(early, late, frames=30), fps=FPS)
    assert track.first_frame == 12
    assert len(track.times_s) == 18
    assert track.times_s[0] == pytest.approx(12 / 30)


def test_detections_may_start_anywhere_in_a_clip() -> None:
    where = walk(0, 20, from_px=(100, 200), speed_px=5)
    detections = clip(where, frames=20)[7:]
    (track,) = follow(detections, fps=FPS)
    assert track.first_frame == 7


@pytest.mark.parametrize("speed_px", [0, 8, 25])
def test_a_short_absence_leaves_a_hole_in_the_same_track(speed_px: float) -> None:
    where = walk(0, 60, from_px=(100, 200), speed_px=speed_px)
    for i in range(25, 40):
        del where[i]
    (track,) = follow(clip(where, frames=60), fps=FPS)
    np.testing.assert_array_equal(np.flatnonzero(~track.seen), np.arange(25, 40))
    assert np.isnan(track.keypoints_px[25:40]).all()
    assert np.isnan(track.boxes_px[25:40]).all()
    assert (track.confidence[25:40] == 0).all()


def test_a_long_absence_ends_the_track() -> None:
    where = walk(0, 80, from_px=(100, 200), speed_px=0)
    for i in range(20, 55):
        del where[i]
    first, second = follow(clip(where, frames=80), fps=FPS)
    assert len(first.seen) == 20
    assert second.first_frame == 55
    assert len(follow(clip(where, frames=80), fps=FPS, max_gap_s=1.5)) == 1


@pytest.mark.parametrize("apart_px", [70, 150])
def test_somebody_who_appears_as_another_leaves_is_not_the_same(apart_px: float) -> None:
    leaving = walk(0, 20, from_px=(100, 200), speed_px=0)
    coming = walk(20, 40, from_px=(100 + apart_px, 200), speed_px=0)
    first, second = follow(clip(leaving, coming, frames=40), fps=FPS)
    assert len(first.seen) == len(second.seen) == 20


def test_people_who_cross_keep_their_tracks() -> None:
    right = walk(0, 60, from_px=(100, 200), speed_px=10)
    left = walk(0, 60, from_px=(700, 230), speed_px=-10)
    first, second = follow(clip(right, left, frames=60), fps=FPS)
    assert (np.diff(middles_px(first)[:, 0]) > 0).all()
    assert (np.diff(middles_px(second)[:, 0]) < 0).all()


def test_somebody_who_is_hidden_while_crossing_is_found_again() -> None:
    right = walk(0, 60, from_px=(100, 200), speed_px=10)
    left = walk(0, 60, from_px=(700, 210), speed_px=-10)
    for i in range(26, 35):
        del left[i]
    first, second = follow(clip(right, left, frames=60), fps=FPS)
    assert first.seen.all()
    assert (np.diff(middles_px(second)[:, 0]) < 0).all()


@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_people_in_a_frame_does_not_matter(seed: int) -> None:
    rng = np.random.default_rng(seed)
    people = [walk(0, 15, from_px=(100 + 90 * k, 200), speed_px=3 * k - 4) for k in range(4)]
    scores = [0.9, 0.8, 0.7, 0.6]
    straight, shuffled = [], []
    for i in range(15):
        order = rng.permutation(4).tolist()
        straight.append(frame(i, [p[i] for p in people], scores))
        shuffled.append(frame(i, [people[k][i] for k in order], [scores[k] for k in order]))
    for expected, got in zip(follow(straight, fps=FPS), follow(shuffled, fps=FPS), strict=True):
        np.testing.assert_array_equal(got.keypoints_px, expected.keypoints_px)


def test_a_person_found_twice_is_one_person() -> None:
    where = walk(0, 20, from_px=(100, 200), speed_px=5)
    twice = [frame(i, [p, p + 4.0], [0.9, 0.8]) for i, p in where.items()]
    (track,) = follow(twice, fps=FPS)
    np.testing.assert_array_equal(track.keypoints_px, np.stack(list(where.values())))


def test_faint_detections_continue_a_track_but_start_none() -> None:
    near = walk(0, 20, from_px=(100, 200), speed_px=5)
    far = walk(0, 20, from_px=(600, 200), speed_px=5)
    detections = [frame(i, [near[i], far[i]], [0.9 if i < 10 else 0.2, 0.2]) for i in range(20)]
    (track,) = follow(detections, fps=FPS)
    assert track.seen.all()
    np.testing.assert_array_equal(track.keypoints_px, np.stack(list(near.values())))


def test_a_flash_is_nobody() -> None:
    steady = walk(0, 40, from_px=(100, 200), speed_px=5)
    flash = walk(20, 23, from_px=(700, 200), speed_px=0)
    assert len(follow(clip(steady, flash, frames=40), fps=FPS)) == 1
    assert len(follow(clip(steady, flash, frames=40), fps=FPS, min_length_s=0.0)) == 2


@pytest.mark.parametrize("frames", [1, 2, 3])
def test_the_shortest_clip_still_has_its_person(frames: int) -> None:
    where = walk(0, frames, from_px=(100, 200), speed_px=5)
    (track,) = follow(clip(where, frames=frames), fps=FPS)
    assert len(track.seen) == frames


def test_nobody_and_nothing_give_no_tracks() -> None:
    assert follow([], fps=FPS) == ()
    assert follow(clip(frames=10), fps=FPS) == ()


def test_detections_are_taken_one_at_a_time() -> None:
    def endless() -> Iterator[Detections]:
        yield from clip(walk(0, 5, from_px=(0, 0), speed_px=1), frames=5)
        raise InterruptedError

    with pytest.raises(InterruptedError):
        follow(endless(), fps=FPS)


def test_variable_frame_times_are_kept() -> None:
    times_s = np.cumsum([0.0, 0.03, 0.1, 0.03, 0.07, 0.03, 0.03, 0.1])
    where = walk(0, 8, from_px=(100, 200), speed_px=5)
    detections = [
        replace(found, time_s=Fraction(time_s))
        for found, time_s in zip(clip(where, frames=8), times_s.tolist(), strict=True)
    ]
    (track,) = follow(detections, fps=FPS)
    np.testing.assert_array_equal(track.times_s, times_s)
