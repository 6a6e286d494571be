"""While people are found, their looks are noted, and where the film cuts."""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import islice
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from pose3d_cli.detect.watching import watch_people
from pose3d_cli.sequences import Detections, Frame


def detector(batch: int = 1) -> Any:
    def detect(frames: Iterable[Frame]) -> Iterator[Detections]:
        remaining = iter(frames)
        while together := list(islice(remaining, batch)):
            for frame in together:
                rng = np.random.default_rng(frame.index)
                yield Detections(
                    index=frame.index,
                    time_s=frame.time_s,
                    boxes_px=np.array([[0.0, 0, 64, 48]]),
                    scores=np.array([0.9]),
                    keypoints_px=rng.uniform(0, 48, (1, 17, 2)),
                    confidence=np.full((1, 17), 0.9),
                )

    return SimpleNamespace(name="", sha256="", licence="", detect=detect)


def film(*scenes: tuple[int, int], flash_at: int | None = None) -> Iterator[Frame]:
    """Yield frames of scenes, each a number of frames and what it is of; things move in them."""
    index = 0
    for frames, subject in scenes:
        rng = np.random.default_rng(subject)
        still = rng.integers(0, 255, (6, 8, 3)).repeat(8, axis=0).repeat(8, axis=1)
        for shift in range(frames):
            rgb = np.roll(still, shift // 4, axis=1).astype(np.uint8)
            yield Frame(index, Fraction(index, 30), rgb if index != flash_at else 255 - rgb // 4)
            index += 1


def cuts(frames: Iterable[Frame], *, batch: int = 1) -> list[int]:
    return [d.index for d in watch_people(detector(batch), frames) if d.starts_scene]


@pytest.mark.parametrize("batch", [1, 3, 8, 100])
def test_cuts_are_where_they_were_made(batch: int) -> None:
    assert cuts(film((20, 1), (31, 2), (15, 3)), batch=batch) == [20, 51]


def test_one_scene_has_no_cut() -> None:
    assert cuts(film((60, 1))) == []


@pytest.mark.parametrize("frames", [0, 1, 2, 3])
def test_the_shortest_clips_lose_nothing(frames: int) -> None:
    found = list(watch_people(detector(8), film((frames, 1))))
    assert [d.index for d in found] == list(range(frames))


def test_everything_that_was_found_is_kept_and_looks_are_added() -> None:
    plain = list(detector().detect(film((10, 1))))
    watched = list(watch_people(detector(4), film((10, 1))))

    for before, after in zip(plain, watched, strict=True):
        np.testing.assert_array_equal(before.keypoints_px, after.keypoints_px)
        assert after.looks is not None
        assert np.isfinite(after.looks).all()


def test_frames_are_taken_only_as_they_are_needed() -> None:
    taken = []

    def counted() -> Iterator[Frame]:
        for frame in film((60, 1)):
            taken.append(frame.index)
            yield frame

    next(watch_people(detector(4), counted()))

    assert len(taken) <= 8
