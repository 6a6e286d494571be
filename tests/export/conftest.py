"""Results by construction: people whose every joint turns smoothly, as a known function of time."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from pose3d_cli.export.json_file import write_json
from pose3d_cli.geometry.camera import Camera
from pose3d_cli.geometry.kinematics import joint_positions
from pose3d_cli.geometry.rotations import quaternion_from_vector
from pose3d_cli.sequences import (
    Clip,
    Gravity,
    ModelUsed,
    Motion,
    Person,
    Pose2DSequence,
    Pose3DSequence,
    Result,
    Trust,
    WorldPoses,
)
from pose3d_cli.skeleton import H36M17, RIG, RIG_OF_H36M

NTSC = Fraction(30000, 1001)

T_POSE_M = {
    "Hips": (0, 0, 0),
    "Spine": (0, 0, 0),
    "Spine1": (0, 0.24, -0.04),
    "Neck": (0, 0.25, 0.04),
    "Head": (0, 0.09, 0.06),
    "HeadEnd": (0, 0.1, -0.07),
    "Shoulder": (0.02, 0.22, 0.01),
    "Arm": (0.14, -0.06, 0),
    "ForeArm": (0.28, 0, 0),
    "Hand": (0.25, 0, 0),
    "HandEnd": (0.1, 0, 0),
    "UpLeg": (0.13, 0, 0),
    "Leg": (0, -0.44, 0),
    "Foot": (0, -0.43, 0),
    "FootEnd": (0, -0.06, 0.2),
}


def t_pose_offsets_m() -> np.ndarray:
    """Bones of an adult, the right side the mirror image of the left."""
    return np.array(
        [
            np.array(T_POSE_M[name.removeprefix("Left").removeprefix("Right")], float)
            * (-1 if name.startswith("Right") else 1, 1, 1)
            for name in RIG.joints
        ]
    )


def smooth_motion(
    times_s: np.ndarray, *, seed: int = 0, fps: Fraction = NTSC, reach_rad: float = 0.6
) -> Motion:
    """Every joint turns about an axis that swings; at reach 3, far through every gimbal lock."""
    rng = np.random.default_rng(seed)
    turning = np.array([joint in RIG.parents for joint in range(len(RIG))])[:, None]
    size = (len(RIG), 3)
    hz, phase = rng.uniform(0.2, 1, size), rng.uniform(0, 2 * np.pi, size)
    vectors = rng.uniform(-reach_rad, reach_rad, size) * turning
    angle = 2 * np.pi * hz * times_s[:, None, None] + phase
    root_m = np.stack(
        [0.3 * np.sin(times_s), 0.9 + 0.05 * np.cos(3 * times_s), 0.4 * times_s], axis=-1
    )
    return Motion(
        skeleton=RIG,
        times_s=times_s,
        fps=fps,
        offsets_m=t_pose_offsets_m(),
        root_m=root_m,
        rotations_wxyz=quaternion_from_vector(vectors * np.sin(angle)),
    )


def fitted_joints_m(motion: Motion) -> np.ndarray:
    """Where the rig's joints are in the world."""
    return joint_positions(
        motion.offsets_m,
        parents=motion.skeleton.parents,
        root_m=motion.root_m,
        rotations_wxyz=motion.rotations_wxyz,
    )


def person_moving(motion: Motion, camera: Camera, *, number: int, first_frame: int) -> Person:
    """What the pipeline would say of a motion, seen by a camera 5 m away and 1 m up."""
    world_m = fitted_joints_m(motion)[:, RIG_OF_H36M]
    camera_from_world = np.diag([1.0, -1, -1, 1])
    camera_from_world[:3, 3] = 0, 1, 5
    camera_m = world_m @ camera_from_world[:3, :3].T + camera_from_world[:3, 3]
    rng = np.random.default_rng(number)
    confidence = rng.uniform(0, 1, world_m.shape[:2])
    return Person(
        id=number,
        poses_2d=Pose2DSequence(
            skeleton=H36M17,
            first_frame=first_frame,
            times_s=motion.times_s,
            fps=motion.fps,
            keypoints_px=camera.project(camera_m),
            confidence=confidence,
            observed=confidence > 0.3,
        ),
        poses_3d=Pose3DSequence(H36M17, motion.times_s, motion.fps, camera_m - camera_m[:, :1]),
        world=WorldPoses(H36M17, world_m, camera_from_world),
        motion=motion,
        trust=Trust(
            confidence=0.9 * confidence,
            stands=world_m[:, [6, 3], 1] < 0.1,
            gravity=Gravity(
                pitch_rad=0.1 * number, roll_rad=-0.02, source="body and steps", confidence=0.75
            ),
            height_m=1.71,
            scale_source="prior",
            fit_error_m=0.0112,
            fit_error_seen_m=0.0101,
        ),
    )


def make_result(times_s: np.ndarray, *, people: int = 1, fps: Fraction = NTSC) -> Result:
    """The first person is there throughout, each other comes two frames later than the last."""
    camera = Camera(1920, 1080, 2304.0, "assumed")
    return Result(
        clip=Clip(
            path=Path("/home/somebody/secret-folder/clip.mp4"),
            width_px=1920,
            height_px=1080,
            fps=fps,
            rotation_deg=90,
            has_audio=True,
            claimed_frames=len(times_s),
        ),
        times_s=times_s,
        camera=camera,
        people=tuple(
            person_moving(
                smooth_motion(times_s[2 * number :], seed=number, fps=fps),
                camera,
                number=number + 1,
                first_frame=2 * number,
            )
            for number in range(people)
        ),
        models=(
            ModelUsed("detector", "some-detector", "0123456789abcdef" * 4, "AGPL-3.0-or-later"),
            ModelUsed("lifter", "some-lifter", "f" * 64, "MIT"),
        ),
    )


def constant_times_s(frames: int, fps: Fraction = NTSC) -> np.ndarray:
    return np.arange(frames) / float(fps)


def phone_times_s(frames: int, fps: Fraction = NTSC) -> np.ndarray:
    """A variable rate: every gap between half and one and a half frames long."""
    gaps = np.random.default_rng(0).uniform(0.5, 1.5, frames - 1)
    gaps *= (frames - 1) / gaps.sum()
    return np.concatenate([[0.0], np.cumsum(gaps)]) / float(fps)


def in_single_precision(result: Result) -> Result:
    """The same person, as a stage would hand them over that calculates in float32."""
    (person,) = result.people
    motion = replace(
        person.motion,
        offsets_m=person.motion.offsets_m.astype(np.float32),
        root_m=person.motion.root_m.astype(np.float32),
        rotations_wxyz=np.asfortranarray(person.motion.rotations_wxyz.astype(np.float32)),
    )
    return replace(result, people=(replace(person, motion=motion),))


RESULTS: dict[str, Callable[[], Result]] = {
    "one person": lambda: make_result(constant_times_s(12)),
    "two people": lambda: make_result(constant_times_s(12), people=2),
    "one frame": lambda: make_result(constant_times_s(1)),
    "variable rate": lambda: make_result(phone_times_s(12)),
    "late first frame": lambda: make_result(1.4 + constant_times_s(12)),
    "single precision": lambda: in_single_precision(make_result(constant_times_s(12))),
}


@pytest.fixture(params=RESULTS)
def result(request: pytest.FixtureRequest) -> Result:
    return RESULTS[request.param]()


@pytest.fixture(scope="session")
def pair() -> Result:
    """Two people, five frames."""
    return make_result(constant_times_s(5), people=2)


@pytest.fixture(scope="session")
def moving() -> Callable[..., Motion]:
    """Make a motion: ``moving(times_s, seed=…, fps=…, reach_rad=…)``."""
    return smooth_motion


@pytest.fixture(scope="session")
def joints_m() -> Callable[[Motion], np.ndarray]:
    """World positions of a motion's joints, frames first."""
    return fitted_joints_m


@pytest.fixture(scope="session")
def results() -> Callable[..., Result]:
    """Make a result: ``results(times_s, people=…, fps=…)``."""
    return make_result


@pytest.fixture
def written(pair: Result, tmp_path: Path) -> Path:
    """The ``result.json`` of two people."""
    path = tmp_path / "result.json"
    write_json(path, pair)
    return path
