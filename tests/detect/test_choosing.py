"""People are chosen by what a user says about them."""

from contextlib import suppress
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pose3d_cli.detect.census import VIEWS, census
from pose3d_cli.detect.choosing import Spot, choose, parse
from pose3d_cli.errors import NoPersonError, UsageError
from pose3d_cli.sequences import Track2D
from pose3d_cli.skeleton import COCO17

POSE = np.random.default_rng(1).uniform((-20, -60), (20, 60), size=(17, 2))


def track(
    x_px: float, *, size: float = 1.0, frames: range = range(30), speed_px: float = 0.0
) -> Track2D:
    times_s = np.array(frames) / 30
    middle_px = np.stack([x_px + speed_px * np.arange(len(frames)), np.full(len(frames), 200.0)], 1)
    keypoints_px = POSE * size + middle_px[:, None]
    return Track2D(
        skeleton=COCO17,
        first_frame=frames.start,
        times_s=times_s,
        fps=Fraction(30),
        boxes_px=np.hstack([keypoints_px.min(axis=1), keypoints_px.max(axis=1)]),
        keypoints_px=keypoints_px,
        confidence=np.full((len(frames), 17), 0.9),
        seen=np.ones(len(frames), bool),
    )


LARGE = track(200, size=2)
LONG = track(400, frames=range(60))
QUICK = track(500, frames=range(10, 25), speed_px=20)
HUGE_BUT_BRIEF = track(800, size=3, frames=range(5))
PEOPLE = (LONG, LARGE, QUICK, HUGE_BUT_BRIEF)


@pytest.mark.parametrize(
    ("wanted", "chosen"),
    [
        ("largest", (1,)),
        ("longest", (0,)),
        ("most-moving", (2,)),
        ("all", (0, 1, 2, 3)),
        ("1", (0,)),
        ("4", (3,)),
        ("at=0@400,200", (0,)),
        ("at=0.5@600,200", (2,)),
        ("at=0:01.9@400,200", (0,)),
    ],
)
def test_everybody_can_be_named(wanted: str, chosen: tuple[int, ...]) -> None:
    assert choose(wanted, PEOPLE) == chosen


@pytest.mark.parametrize("wanted", ["0", "5", "at=0@5,5", "at=1:00@400,200"])
def test_somebody_who_is_not_there_is_told_so(wanted: str) -> None:
    with pytest.raises(NoPersonError):
        choose(wanted, PEOPLE)


@pytest.mark.parametrize(
    "wanted", ["", "biggest", "-1", "1.5", "at=", "at=3", "at=0:03@640", "at=x@1,2", "٣", "9" * 99]
)
def test_what_names_nobody_is_a_usage_error(wanted: str) -> None:
    with pytest.raises(UsageError, match="--person"):
        parse(wanted)


@given(st.text())
def test_any_text_is_understood_or_refused(wanted: str) -> None:
    with suppress(UsageError):
        parse(wanted)


@given(st.integers(0, 9), st.integers(0, 59), st.integers(0, 59), st.integers(0, 5000))
def test_times_have_hours_minutes_and_seconds(
    hours: int, minutes: int, seconds: int, px: int
) -> None:
    spot = Spot(3600.0 * hours + 60 * minutes + seconds, float(px), px / 2)
    assert parse(f"at={hours}:{minutes:02d}:{seconds:02d}@{px},{px / 2}") == spot


def test_of_several_people_at_a_spot_the_nearest_is_meant() -> None:
    assert choose("at=0@210,200", (track(200, size=3), track(240, size=3))) == (0,)
    assert choose("at=0@230,200", (track(200, size=3), track(240, size=3))) == (1,)


def test_a_census_numbers_everybody_as_they_are_chosen() -> None:
    entries = census(PEOPLE)

    assert [entry.number for entry in entries] == [1, 2, 3, 4]
    assert max(entries, key=lambda entry: entry.prominence).number == 2
    assert entries[1].prominence == 1
    assert entries[1].height_px == pytest.approx(2 * np.ptp(POSE[:, 1]))
    # half a second at 20 pixels a frame, in sides of a square as large as the box
    size_px = np.sqrt(np.prod(np.ptp(POSE, axis=0)))
    assert entries[2].movement == pytest.approx(0.9 * 14 * 20 / size_px)


def test_views_are_frames_in_which_somebody_is_seen() -> None:
    for entry, person in zip(census(PEOPLE), PEOPLE, strict=True):
        assert len(entry.views) == min(VIEWS, person.seen.sum())
        assert list(entry.views) == sorted(set(entry.views))
        assert entry.views[0] >= person.first_frame
        assert entry.views[-1] < person.first_frame + len(person.seen)
