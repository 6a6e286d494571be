"""Looking around one person says what looking at everything says, and never mixes people up."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
import pytest

from pose3d_cli.detect.cropping import CroppingDetector
from pose3d_cli.detect.pursuit import Region
from pose3d_cli.sequences import Detections, Frame

SIZE_PX = (1000, 600)
FPS = 30
SOON_S = 10.0
WALK_PX = 4.0
BODY = np.random.default_rng(0).uniform(-0.5, 0.5, (17, 2)) * (80, 240)


@dataclass
class Scene:
    """A detector that knows where people are, and remembers what it was asked."""

    paths: dict[str, np.ndarray]
    """Centre of each person in each frame, NaN where they cannot be seen."""
    name: str = "scene"
    sha256: str = "0" * 64
    licence: str = "CC0-1.0"
    whole: list[int] = field(default_factory=list)
    close: list[int] = field(default_factory=list)

    def look(
        self, frame: Frame, *, region: Region | None = None, longest_px: int = 640
    ) -> Detections:
        assert longest_px == (640 if region is None else 320)
        (self.whole if region is None else self.close).append(frame.index)
        left, top, right, bottom = region or (0, 0, *SIZE_PX)
        centres = np.array([path[frame.index] for path in self.paths.values()]).reshape(-1, 2)
        there = ((centres > (left, top)) & (centres < (right, bottom))).all(axis=1)
        keypoints_px = centres[there][:, None] + BODY
        return Detections(
            index=frame.index,
            time_s=frame.time_s,
            boxes_px=np.hstack([keypoints_px.min(axis=1), keypoints_px.max(axis=1)]),
            scores=np.full(there.sum(), 0.9),
            keypoints_px=keypoints_px,
            confidence=np.full((there.sum(), 17), 0.9),
        )


def frames(count: int) -> Iterator[Frame]:
    rgb = np.zeros((*SIZE_PX[::-1], 3), np.uint8)
    return (Frame(index=i, time_s=Fraction(i, FPS), rgb=rgb) for i in range(count))


def walking(count: int, *, x: float, y: float = 300, speed_px: float = WALK_PX) -> np.ndarray:
    steps = np.arange(count)[:, None]
    return np.array([[x, y]]) + steps * [speed_px, 0]


def test_somebody_alone_is_found_in_every_frame_and_seldom_in_the_whole_picture() -> None:
    scene = Scene({"a": walking(90, x=100)})

    found = list(CroppingDetector(scene).detect(frames(90)))

    assert [one.index for one in found] == list(range(90))
    centres = [one.keypoints_px[0] - BODY for one in found]
    np.testing.assert_allclose(np.mean(centres, axis=1), scene.paths["a"], atol=1e-9)
    assert sorted(scene.whole) == [0, 1, 31, 61]


def test_two_frames_are_looked_at_side_by_side() -> None:
    meeting = threading.Barrier(2, timeout=SOON_S)

    class Meeting(Scene):
        def look(
            self, frame: Frame, *, region: Region | None = None, longest_px: int = 640
        ) -> Detections:
            meeting.wait()
            return super().look(frame, region=region, longest_px=longest_px)

    found = list(CroppingDetector(Meeting({"a": walking(40, x=100)})).detect(frames(40)))

    assert [one.index for one in found] == list(range(40))


def test_three_close_looks_go_beside_a_look_at_everything() -> None:
    looked = {frame: threading.Event() for frame in (30, 32, 33)}

    class Patient(Scene):
        def look(
            self, frame: Frame, *, region: Region | None = None, longest_px: int = 640
        ) -> Detections:
            if frame.index in looked:
                looked[frame.index].set()
            if frame.index == 31:
                assert all(event.wait(SOON_S) for event in looked.values())
            return super().look(frame, region=region, longest_px=longest_px)

    scene = Patient({"a": walking(40, x=100)})
    assert len(list(CroppingDetector(scene).detect(frames(40)))) == 40
    assert sorted(scene.whole) == [0, 1, 31]


def test_what_was_found_is_told_while_the_next_frames_are_looked_at() -> None:
    told = threading.Event()

    class Waiting(Scene):
        def look(
            self, frame: Frame, *, region: Region | None = None, longest_px: int = 640
        ) -> Detections:
            if frame.index in (2, 3):
                assert told.wait(SOON_S)
            return super().look(frame, region=region, longest_px=longest_px)

    for found in CroppingDetector(Waiting({"a": walking(8, x=100)})).detect(frames(8)):
        if found.index == 1:
            told.set()


def test_after_a_doubt_two_frames_are_looked_at_again_side_by_side() -> None:
    meeting = threading.Barrier(2, timeout=SOON_S)

    class Leaping(Scene):
        def look(
            self, frame: Frame, *, region: Region | None = None, longest_px: int = 640
        ) -> Detections:
            if region is None and frame.index in (10, 11):
                meeting.wait()
            return super().look(frame, region=region, longest_px=longest_px)

    path = walking(20, x=100)
    path[10:] += [0, -250]
    scene = Leaping({"a": path})
    assert len(list(CroppingDetector(scene).detect(frames(20)))) == 20
    assert {10, 11} <= set(scene.whole)


def test_in_a_close_look_nobody_else_is_reported() -> None:
    scene = Scene({"a": walking(20, x=300), "b": walking(20, x=700)})

    found = list(CroppingDetector(scene).detect(frames(20)))

    assert [len(one.scores) for one in found] == [2, 2, *[1] * 18]


def test_while_two_could_be_mistaken_everybody_is_looked_at() -> None:
    scene = Scene({"a": walking(90, x=200), "b": walking(90, x=560, speed_px=-WALK_PX)})

    found = list(CroppingDetector(scene).detect(frames(90)))

    crossing = range(43, 48)
    assert set(crossing) <= set(scene.whole)
    assert all(len(found[frame].scores) == 2 for frame in crossing)


def test_after_two_crossed_the_same_person_is_followed() -> None:
    scene = Scene({"a": walking(90, x=200), "b": walking(90, x=560, speed_px=-WALK_PX)})

    found = list(CroppingDetector(scene).detect(frames(90)))

    close = [one for one in found if one.index in scene.close and len(one.scores) == 1]
    followed = [one for one in close if one.index > 60]
    assert followed
    for one in followed:
        np.testing.assert_allclose(
            (one.keypoints_px[0] - BODY).mean(axis=0)[0], 200 + 4 * one.index
        )


@pytest.mark.parametrize("hidden", [range(20, 25), range(20, 70)])
def test_somebody_who_is_lost_is_searched_for_at_once_and_everywhere(hidden: range) -> None:
    path = walking(90, x=100)
    path[hidden] = np.nan
    scene = Scene({"a": path})

    found = list(CroppingDetector(scene).detect(frames(90)))

    assert set(hidden) <= set(scene.whole)
    assert [len(one.scores) for one in found] == [int(i not in hidden) for i in range(90)]


def test_nobody_else_is_followed_while_the_lost_one_may_come_back() -> None:
    path = walking(90, x=100)
    path[20:40] = np.nan
    scene = Scene({"a": path, "b": walking(90, x=850, speed_px=0)})

    found = list(CroppingDetector(scene).detect(frames(90)))

    assert [len(found[frame].scores) for frame in range(20, 40)] == [1] * 20
    assert set(range(20, 40)) <= set(scene.whole)
    assert len(found[45].scores) == 1
    np.testing.assert_allclose((found[45].keypoints_px[0] - BODY).mean(axis=0)[0], 100 + 4 * 45)


def test_an_empty_picture_is_looked_at_until_somebody_comes() -> None:
    path = walking(30, x=100)
    path[:10] = np.nan
    scene = Scene({"a": path})

    found = list(CroppingDetector(scene).detect(frames(30)))

    assert [len(one.scores) for one in found] == [0] * 10 + [1] * 20
    assert sorted(scene.whole) == list(range(12))


def test_its_detections_are_told_from_those_of_whole_pictures() -> None:
    scene = Scene({})

    fast = CroppingDetector(scene)

    assert fast.name != scene.name
    assert (fast.sha256, fast.licence) == (scene.sha256, scene.licence)
