from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from pose3d_cli.evaluation.self_check import self_check
from pose3d_cli.geometry.camera import Camera
from pose3d_cli.geometry.remap import h36m_from_coco
from pose3d_cli.sequences import Motion, Person, Pose2DSequence, Pose3DSequence, WorldPoses
from pose3d_cli.skeleton import H36M17, RIG

FRAMES = 40


@pytest.fixture
def person(walker: Any) -> Person:
    """The walker, solved without any error: the camera is the world."""
    times_s = np.arange(FRAMES) / 25
    positions_m = h36m_from_coco(walker.camera_m(times_s))
    camera: Camera = walker.camera
    confidence = np.ones((FRAMES, 17))
    fps = Fraction(25)
    return Person(
        id=1,
        poses_2d=Pose2DSequence(
            H36M17, 0, times_s, fps, camera.project(positions_m), confidence, confidence > 0
        ),
        poses_3d=Pose3DSequence(H36M17, times_s, fps, positions_m - positions_m[:, :1]),
        world=WorldPoses(H36M17, positions_m, np.eye(4)),
        motion=Motion(
            RIG,
            times_s,
            fps,
            np.zeros((24, 3)),
            positions_m[:, 0],
            np.tile([1.0, 0, 0, 0], (FRAMES, 24, 1)),
        ),
    )


def lifted(person: Person, positions_m: np.ndarray) -> Person:
    return replace(person, poses_3d=replace(person.poses_3d, positions_m=positions_m))


def test_a_perfect_walk_is_consistent(person: Person, walker: Any) -> None:
    check = self_check(person, walker.camera)

    assert check.reprojection_percent < 1e-6
    assert check.bones_percent < 1e-6
    assert check.sides_percent < 1e-6
    assert check.jitter_mm < 3  # what walking itself bends


def test_whoever_is_drawn_beside_themselves_is_off_by_that_much(
    person: Person, walker: Any
) -> None:
    height_px = np.ptp(person.poses_2d.keypoints_px, axis=1).max(axis=-1)
    aside_px = person.poses_2d.keypoints_px + 0.03 * height_px[:, None, None] * [1.0, 0.0]
    moved = replace(person, poses_2d=replace(person.poses_2d, keypoints_px=aside_px))

    assert self_check(moved, walker.camera).reprojection_percent == pytest.approx(3)


def test_bones_that_breathe_are_told_from_sides_that_differ(person: Person, walker: Any) -> None:
    still = person.poses_3d.positions_m
    breathing = lifted(person, still * (1 + 0.1 * (-1.0) ** np.arange(FRAMES))[:, None, None])
    uneven_m = still.copy()
    uneven_m[:, 3] += 0.2 * (uneven_m[:, 3] - uneven_m[:, 2])  # a longer right shank
    uneven = lifted(person, uneven_m)

    assert self_check(breathing, walker.camera).bones_percent == pytest.approx(10)
    assert self_check(breathing, walker.camera).sides_percent < 1e-6
    assert self_check(uneven, walker.camera).bones_percent < 1e-6
    # One pair in four differs by 0.2 / 1.1.
    assert self_check(uneven, walker.camera).sides_percent == pytest.approx(100 * 0.2 / 1.1 / 4)


def test_jitter_is_the_standard_deviation_of_the_noise(person: Person, walker: Any) -> None:
    noise_m = np.random.default_rng(0).normal(0, 0.02, (FRAMES, 17, 3))
    trembling = lifted(person, person.poses_3d.positions_m + noise_m)

    assert self_check(trembling, walker.camera).jitter_mm == pytest.approx(20, rel=0.15)
