"""Several people in one clip: each is one result, and all stand on one floor."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pose3d_cli.detect import PoseDetector
from pose3d_cli.geometry.camera import Camera
from pose3d_cli.geometry.remap import h36m_from_coco
from pose3d_cli.motion.settings import MotionSettings
from pose3d_cli.outputs import write
from pose3d_cli.pipeline import Models, Settings, estimate
from pose3d_cli.sequences import Detections, Frame, Pose2DSequence, Pose3DSequence, Result
from pose3d_cli.skeleton import H36M17
from pose3d_cli.watch import Unwatched

SIZE_PX = (320, 240)
FRAMES = 60


@dataclass(frozen=True)
class _Both:
    """Finds two walkers, now one first and now the other, and knows their poses."""

    walkers: tuple[Any, Any]
    detectors: tuple[PoseDetector, PoseDetector]
    name: str = "both"
    sha256: str = "0" * 64
    licence: str = "CC0-1.0"

    def detect(self, frames: Iterable[Frame]) -> Iterator[Detections]:
        for frame in frames:
            one, other = (next(iter(d.detect([frame]))) for d in self.detectors)
            if frame.index % 2:
                one, other = other, one
            yield Detections(
                one.index,
                one.time_s,
                np.concatenate([one.boxes_px, other.boxes_px]),
                np.concatenate([one.scores, other.scores]),
                np.concatenate([one.keypoints_px, other.keypoints_px]),
                np.concatenate([one.confidence, other.confidence]),
            )

    def lift(self, poses: Pose2DSequence, *, camera: Camera) -> Pose3DSequence:
        joints_m = [h36m_from_coco(w.camera_m(poses.times_s)) for w in self.walkers]
        off_px = [np.abs(camera.project(j) - poses.keypoints_px).mean() for j in joints_m]
        mine = joints_m[int(np.argmin(off_px))]
        return Pose3DSequence(H36M17, poses.times_s, poses.fps, mine - mine[:, :1])


@pytest.fixture
def walkers(walker: Any) -> tuple[Any, Any]:
    """Two people who cross in front of the camera."""
    return walker, replace(walker, mirrored=True, speed_m_s=1.0)


@pytest.fixture
def lifted(
    film: Callable[..., Path], walkers: tuple[Any, Any], models: Callable[..., Models]
) -> Callable[..., Result]:
    """A function that lifts those of the two who are wanted."""
    both = _Both(walkers, (models(walkers[0]).detector, models(walkers[1]).detector))
    clip = film(size_px=SIZE_PX, ticks=range(FRAMES), tick_s=Fraction(1, 30))

    def lift(person: str, heights_m: Mapping[int, float] | None = None) -> Result:
        motion = MotionSettings(cutoff_hz=0.0, pin_feet=False, heights_m=heights_m or {})
        settings = Settings(focal_px=300.0, person=person, motion=motion)
        return estimate(clip, Models(both, both), settings, watch=Unwatched())

    return lift


@pytest.fixture
def everybody(lifted: Callable[[str], Result]) -> Result:
    return lifted("all")


def test_each_walks_their_own_way_through_the_crossing(
    everybody: Result, walkers: tuple[Any, Any]
) -> None:
    assert [person.id for person in everybody.people] == [1, 2]
    for person, walker in zip(everybody.people, walkers, strict=True):
        truth_m = h36m_from_coco(walker.world_m(everybody.times_s))
        off_m = person.world.positions_m - truth_m
        # where the camera stands is unknown, so the whole scene may be moved
        assert np.linalg.norm(off_m - off_m.mean(axis=(0, 1)), axis=-1).max() < 0.02


def test_both_stand_on_one_floor_in_one_world(everybody: Result, walkers: tuple[Any, Any]) -> None:
    one, other = everybody.people
    np.testing.assert_array_equal(one.world.camera_from_world, other.world.camera_from_world)
    truth_m = [h36m_from_coco(w.world_m(everybody.times_s))[:, 0] for w in walkers]
    apart_m = other.world.positions_m[:, 0] - one.world.positions_m[:, 0]
    np.testing.assert_allclose(apart_m, truth_m[1] - truth_m[0], atol=0.03)


def test_each_has_a_file_where_a_file_holds_one_person(everybody: Result, tmp_path: Path) -> None:
    written = write(everybody, [tmp_path / "out.bvh"], watch=Unwatched())

    assert [path.name for path in written] == ["out.1.bvh", "out.2.bvh"]


@pytest.mark.parametrize(("person", "said"), [("longest", 1), ("all", 0), ("2", 0)])
def test_whoever_is_left_out_without_being_asked_is_told(
    lifted: Callable[[str], Result], caplog: pytest.LogCaptureFixture, person: str, said: int
) -> None:
    with caplog.at_level(logging.WARNING, logger="pose3d_cli"):  # whatever a quiet test has left
        result = lifted(person)

    lines = [line for line in caplog.messages if "2 people in clip.mp4" in line]
    assert len(lines) == said
    assert all(f"lifting person {result.people[0].id}, the longest" in line for line in lines)


def test_each_is_as_tall_as_is_told_of_them(
    lifted: Callable[..., Result], caplog: pytest.LogCaptureFixture
) -> None:
    trusts = [person.trust for person in lifted("all", {2: 1.5, 9: 1.9}).people]
    assert [trust.scale_source for trust in trusts if trust] == ["prior", "option"]
    assert trusts[1] is not None
    assert trusts[1].height_m == pytest.approx(1.5, abs=0.01)
    assert "--height is told of people who are not lifted: [9]" in caplog.text
