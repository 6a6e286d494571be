"""Somebody who was filmed well, and what to change about them."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from pose3d_cli.geometry.camera import Camera
from pose3d_cli.sequences import (
    Clip,
    Gravity,
    Motion,
    Person,
    Pose2DSequence,
    Pose3DSequence,
    Result,
    Trust,
    WorldPoses,
)
from pose3d_cli.skeleton import H36M17, RIG

FRAMES, FPS = 90, Fraction(30)


@pytest.fixture
def good() -> Result:
    """Three seconds of somebody who stands 4 m before a camera that looks down by 0.2."""
    times = np.arange(FRAMES) / float(FPS)
    pose = np.random.default_rng(0).normal([0, 1, 0], 0.3, (17, 3))
    world = np.tile(pose, (FRAMES, 1, 1))
    world[:, [0, 8]] = [[0.0, 0.9, 0.0], [0.0, 1.4, 0.0]]
    world[:, [3, 6]] = [[-0.1, 0.06, 0.0], [0.1, 0.06, 0.0]]
    back = np.diag([1.0, -1.0, -1.0, 1.0])
    back[:3, 3] = 0, 1, 4
    camera = Camera(1280, 720, 1000.0, "assumed")
    seen = camera.project(world @ back[:3, :3].T + back[:3, 3])
    shape = (FRAMES, 17)
    person = Person(
        id=1,
        poses_2d=Pose2DSequence(
            H36M17, 0, times, FPS, seen, np.full(shape, 0.9), np.ones(shape, bool)
        ),
        poses_3d=Pose3DSequence(H36M17, times, FPS, world - world[:, :1]),
        world=WorldPoses(H36M17, world, back),
        motion=Motion(
            RIG,
            times,
            FPS,
            np.zeros((len(RIG), 3)),
            world[:, 0],
            np.tile([1.0, 0, 0, 0], (FRAMES, len(RIG), 1)),
        ),
        trust=Trust(
            confidence=np.full(shape, 0.8),
            stands=np.ones((FRAMES, 2), bool),
            gravity=Gravity(pitch_rad=0.2, roll_rad=0.0, source="body and steps", confidence=0.9),
            height_m=1.75,
            scale_source="prior",
            fit_error_m=0.01,
        ),
    )
    clip = Clip(Path("clip.mp4"), 1280, 720, FPS, 0, has_audio=False, claimed_frames=FRAMES)
    return Result(clip, times, camera, (person,), ())
