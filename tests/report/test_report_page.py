from pathlib import Path

import cv2
import numpy as np

from pose3d_cli.report.page import write_page
from pose3d_cli.report.spans import clock, said, spans_of
from pose3d_cli.sequences import Result


def test_the_page_is_a_picture_with_something_on_it(good: Result, tmp_path: Path) -> None:
    write_page(tmp_path / "page.png", good, good.people[0])
    picture = cv2.imread(str(tmp_path / "page.png"))
    assert picture is not None
    assert picture.shape == (936, 1560, 3)
    assert 0.02 < (picture < 250).any(-1).mean() < 0.7


def test_a_single_frame_has_a_page_too(good: Result, tmp_path: Path) -> None:
    from dataclasses import replace

    (person,) = good.people
    assert person.trust is not None
    seen = {
        name: getattr(person.poses_2d, name)[:1]
        for name in ("times_s", "keypoints_px", "confidence", "observed")
    }
    one = replace(
        person,
        poses_2d=replace(person.poses_2d, **seen),
        world=replace(person.world, positions_m=person.world.positions_m[:1]),
        motion=replace(
            person.motion,
            times_s=person.motion.times_s[:1],
            root_m=person.motion.root_m[:1],
            rotations_wxyz=person.motion.rotations_wxyz[:1],
        ),
        trust=replace(
            person.trust,
            confidence=person.trust.confidence[:1],
            stands=person.trust.stands[:1],
        ),
    )
    write_page(tmp_path / "page.png", good, one)
    assert (tmp_path / "page.png").stat().st_size > 10_000


def test_spans_are_said_as_a_clock_says_them() -> None:
    times = np.arange(100) / 10
    mask = np.zeros(100, bool)
    mask[[5, 6, 7, 50]] = True
    spans = spans_of(mask, times)
    assert said(spans) == "0:00.5–0:00.8, 0:05.0–0:05.1"
    assert said(((0.91, 0.94), (1.0, 3.6))) == "0:00.9, 0:01.0–0:03.6"
    assert said(spans, most=1) == "0:00.5–0:00.8 and 1 more"
    assert spans_of(mask, times, shortest_s=0.2) == spans[:1]
    assert clock(59.96) == "1:00.0"
