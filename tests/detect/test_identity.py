"""People keep their identity where place and pose alone would lose it: by their looks."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from pose3d_cli.detect.tracking import follow
from pose3d_cli.detect.trails import Trail, extend, sightings
from pose3d_cli.sequences import Detections, Track2D

FPS = Fraction(30)
POSE = np.random.default_rng(1).uniform((-30, -80), (30, 80), size=(17, 2))
Sight = tuple[float, int]
"""Where somebody is, and who."""


def wearing(who: int) -> np.ndarray:
    looks = np.full(250, 1e-3)
    looks[[20 * who, 125 + 20 * who]] = 1
    return np.asarray(looks / looks[:125].sum())


def frame(index: int, people: list[Sight], *, known: bool = True) -> Detections:
    keypoints_px = np.array([POSE + np.array((x_px, 200)) for x_px, _ in people]).reshape(-1, 17, 2)
    return Detections(
        index=index,
        time_s=index / FPS,
        boxes_px=np.hstack([keypoints_px.min(axis=1), keypoints_px.max(axis=1)]),
        scores=np.full(len(people), 0.9),
        keypoints_px=keypoints_px,
        confidence=np.full((len(people), 17), 0.9),
        looks=np.array([wearing(who) for _, who in people], np.float32).reshape(-1, 250)
        if known
        else None,
    )


def middles_px(track: Track2D) -> np.ndarray:
    return np.asarray(track.keypoints_px[track.seen].mean(axis=(1, 2)))


def turning_back(index: int) -> list[Sight]:
    """Return two people who meet, stand over each other, and each go back where they came from."""
    way_px = 200 - 5 * min(index, 38, max(0, 98 - index))
    return [(400 - way_px, 0), (400 + way_px, 1)]


def test_people_who_meet_and_turn_back_are_not_taken_for_each_other() -> None:
    """Their poses are the same and hide each other, so motion says that they passed."""
    hidden = range(38, 60)
    seen = [turning_back(i)[: 1 if i in hidden else 2] for i in range(98)]

    tracks = follow([frame(i, people) for i, people in enumerate(seen)], fps=FPS)

    assert len(tracks) == 2
    for track, (start_px, _) in zip(tracks, turning_back(0), strict=True):
        assert middles_px(track)[-1] == pytest.approx(middles_px(track)[0], abs=30)
        assert abs(start_px - 400) == 200


@pytest.mark.parametrize(("absent_s", "tracks"), [(0.5, 1), (3, 1), (7, 2)])
def test_somebody_who_comes_back_is_recognised_for_some_seconds(
    absent_s: float, tracks: int
) -> None:
    away = range(30, 30 + round(30 * absent_s))
    seen = [frame(i, [] if i in away else [(300, 0)]) for i in range(away.stop + 30)]

    assert len(follow(seen, fps=FPS)) == tracks


@pytest.mark.parametrize(
    ("place_px", "who"), [(300, 1), (3000, 0)], ids=["other clothes", "too far away"]
)
def test_somebody_else_is_not(place_px: float, who: int) -> None:
    away = range(30, 90)
    before = [frame(i, [(300, 0)]) for i in range(30)]
    after = [frame(i, [(place_px, who)]) for i in range(90, 120)]

    assert len(follow(before + [frame(i, []) for i in away] + after, fps=FPS)) == 2


def test_without_looks_nobody_is_recognised() -> None:
    seen = [frame(i, [] if 30 <= i < 90 else [(300, 0)], known=False) for i in range(120)]

    assert len(follow(seen, fps=FPS)) == 2


def test_of_two_who_come_back_each_is_themselves() -> None:
    both: list[Sight] = [(300, 0), (500, 1)]
    swapped: list[Sight] = [(320, 1), (480, 0)]
    seen = [frame(i, both if i < 30 else [] if i < 90 else swapped) for i in range(120)]

    first, second = follow(seen, fps=FPS)

    assert middles_px(first)[[0, -1]] == pytest.approx(middles_px(second)[[-1, 0]], abs=25)


def test_nobody_is_followed_across_a_cut() -> None:
    seen = [replace(frame(i, [(300, 0)]), starts_scene=i == 20) for i in range(40)]

    first, second = follow(seen, fps=FPS)

    assert (len(first.seen), first.scene) == (20, 0)
    assert (second.first_frame, second.scene) == (20, 1)


def test_looks_are_kept_around_ends_and_crossings_and_seldom_in_between() -> None:
    trail: Trail = []
    for i in range(600):
        (one,) = sightings(i, 0, frame(i, [(200, 0)], known=not 300 <= i < 310))
        extend(trail, one)

    kept = {one.frame for one in trail if one.looks is not None}
    assert {*range(30), *range(270, 300), *range(310, 340), *range(570, 600)} <= kept
    assert len(kept) < 4 * 33 + 600 / 10


@pytest.mark.parametrize("seed", range(2))
def test_what_is_forgotten_of_looks_does_not_change_who_is_who(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three people walk to and fro for five seconds; whoever is behind somebody else is not seen."""
    rng = np.random.default_rng(seed)
    speeds, starts = rng.uniform(0.6, 2.5, 3), rng.uniform(0, 6, 3)
    places_px = 300 + 250 * np.sin(starts + np.arange(150)[:, None] / 30 * speeds)
    seen = [
        [(x, who) for who, x in enumerate(at) if (np.abs(np.array(at[:who]) - x) > 25).all()]
        for at in places_px.tolist()
    ]
    clip = [frame(i, people) for i, people in enumerate(seen)]

    forgetful = follow(clip, fps=FPS)
    monkeypatch.setattr("pose3d_cli.detect.trails.KEPT_EVERY", 1)

    for one, other in zip(forgetful, follow(clip, fps=FPS), strict=True):
        np.testing.assert_array_equal(one.keypoints_px, other.keypoints_px)
