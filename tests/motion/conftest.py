"""People by construction: a rig that is told how to turn its joints, and where it is seen."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pytest

from pose3d_cli.geometry.camera import Camera
from pose3d_cli.geometry.rotations import quaternion_from_vector, rotate
from pose3d_cli.motion.rig import ankle_height_m, forward_kinematics, h36m_positions, rest_offsets_m
from pose3d_cli.sequences import Motion, Pose2DSequence, Pose3DSequence
from pose3d_cli.skeleton import H36M17, RIG

LENGTHS_M = np.array(
    [
        0,
        0.13,
        0.44,
        0.45,
        0.13,
        0.44,
        0.45,
        0.23,
        0.26,
        0.12,
        0.11,
        0.15,
        0.28,
        0.25,
        0.15,
        0.28,
        0.25,
    ]
)
FEET = [RIG.index("LeftFoot"), RIG.index("RightFoot")]
CAMERA = Camera(1920, 1080, 1500.0, "option")


def moved(vectors_rad: dict[str, np.ndarray], *, root_m: np.ndarray, fps: Fraction) -> Motion:
    """Turn each named joint about an axis by its length; the others stay at rest."""
    frames = len(root_m)
    rotations = np.tile([1.0, 0.0, 0.0, 0.0], (frames, len(RIG), 1))
    for joint, vectors in vectors_rad.items():
        rotations[:, RIG.index(joint)] = quaternion_from_vector(vectors)
    times_s = np.arange(frames) / float(fps)
    return Motion(RIG, times_s, fps, rest_offsets_m(LENGTHS_M), root_m, rotations)


def walking(
    *,
    frames: int = 90,
    fps: Fraction = Fraction(30),
    heading_rad: float = 0.0,
    jump_m: float = 0.0,
    speed_m_s: float = 1.2,
) -> Motion:
    """Walk along a line from the origin, +z at heading 0, the lower foot on the floor at y = 0.

    With ``jump_m``, the middle third of the clip is one leap of that height.
    """
    times_s = np.arange(frames) / float(fps)
    phase = 2 * np.pi * 0.9 * times_s
    x, y = np.array([1.0, 0, 0]), np.array([0, 1.0, 0])
    turns = {
        "Hips": np.tile(heading_rad * y, (frames, 1)),
        "Spine1": 0.1 * np.sin(phase)[:, None] * y,
    }
    for side, sign in (("Left", 1.0), ("Right", -1.0)):
        swing = sign * np.sin(phase)[:, None]
        bent = np.maximum(0, sign * np.cos(phase))[:, None]
        turns[f"{side}UpLeg"] = (-0.15 - 0.4 * swing) * x
        turns[f"{side}Leg"] = (0.3 + 0.7 * bent) * x
        turns[f"{side}Arm"] = sign * np.array([0, 0, -1.3]) + 0.3 * swing * y
        turns[f"{side}ForeArm"] = sign * (-0.7 - 0.2 * swing) * y
    root_m = (speed_m_s * times_s)[:, None] * [np.sin(heading_rad), 0, np.cos(heading_rad)]
    grounded = moved(turns, root_m=root_m, fps=fps)
    lowest = forward_kinematics(grounded)[:, FEET, 1].min(1)
    leap = np.clip(3 * np.arange(frames) / max(frames, 1) - 1, 0, 1)
    root_m[:, 1] = ankle_height_m(LENGTHS_M) - lowest + 4 * jump_m * leap * (1 - leap)
    return moved(turns, root_m=root_m, fps=fps)


def waving(*, frames: int = 60, fps: Fraction = Fraction(30), seed: int = 0) -> Motion:
    """Turn every joint every way, half a radian or so, around a body that turns freely."""
    rng = np.random.default_rng(seed)
    angle = np.arange(frames)[:, None] / float(fps) * rng.uniform(1, 6, (len(RIG), 1, 3))
    waves = rng.uniform(-0.5, 0.5, (len(RIG), 1, 3)) * np.sin(
        angle + rng.uniform(0, 6, (len(RIG), 1, 3))
    )
    waves[0] = 4 * waves[0]
    parents = {RIG.joints[parent] for parent in RIG.parents if parent >= 0}
    turns = {joint: wave for joint, wave in zip(RIG.joints, waves, strict=True) if joint in parents}
    root_m = np.cumsum(0.02 * waves[-1], axis=0) + np.array([0.0, 1.0, 0.0])
    return moved(turns, root_m=root_m, fps=fps)


@dataclass(frozen=True)
class Seen:
    """A motion as a camera sees it, with the truth."""

    poses_3d: Pose3DSequence
    poses_2d: Pose2DSequence
    positions_camera_m: np.ndarray


def filmed(
    motion: Motion,
    *,
    distance_m: float = 5.0,
    pitch_rad: float = 0.0,
    noise_px: float = 0.0,
    seed: int = 0,
) -> Seen:
    """Film from 1 m up, the camera looking down by its pitch, the origin at its centre."""
    level = (h36m_positions(motion) - [0.0, 1.0, 0.0]) * [1.0, -1.0, -1.0]
    turn = quaternion_from_vector(np.array([pitch_rad, 0.0, 0.0]))
    camera_m = rotate(turn, level) + np.array([0.0, 0.0, distance_m])
    keypoints = CAMERA.project(camera_m)
    keypoints = keypoints + np.random.default_rng(seed).normal(0, noise_px, keypoints.shape)
    seen = np.ones(keypoints.shape[:2])
    return Seen(
        Pose3DSequence(H36M17, motion.times_s, motion.fps, camera_m - camera_m[:, :1]),
        Pose2DSequence(H36M17, 0, motion.times_s, motion.fps, keypoints, seen, seen > 0),
        camera_m,
    )


@pytest.fixture(scope="session")
def walk() -> Callable[..., Motion]:
    """Make a walk: ``walk(frames=…, fps=…, heading_rad=…, jump_m=…, speed_m_s=…)``."""
    return walking


@pytest.fixture(scope="session")
def wave() -> Callable[..., Motion]:
    """Make a motion of all joints: ``wave(frames=…, fps=…, seed=…)``."""
    return waving


@pytest.fixture(scope="session")
def film() -> Callable[..., Seen]:
    """Look at a motion: ``film(motion, distance_m=…, pitch_rad=…, noise_px=…, seed=…)``."""
    return filmed


@pytest.fixture(scope="session")
def camera() -> Camera:
    return CAMERA


@pytest.fixture(scope="session")
def lengths_m() -> np.ndarray:
    return LENGTHS_M
