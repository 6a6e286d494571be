"""People made by hand: they stand where the test says."""

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from jaxtyping import Float

from pose3d_cli.geometry.camera import Camera
from pose3d_cli.sequences import Motion, Person, Pose2DSequence, Pose3DSequence, WorldPoses
from pose3d_cli.skeleton import H36M17, RIG

HALF_BODY_M = {
    "hip": (0.13, 0.95, 0),
    "knee": (0.14, 0.5, 0.02),
    "ankle": (0.15, 0.08, 0),
    "shoulder": (0.18, 1.42, 0),
    "elbow": (0.45, 1.3, 0),
    "wrist": (0.68, 1.42, 0),
}
MIDDLE_M = {
    "pelvis": (0, 0.95, 0),
    "spine": (0, 1.2, 0),
    "thorax": (0, 1.45, 0),
    "nose": (0, 1.58, 0.05),
    "head": (0, 1.7, 0),
}
FPS = Fraction(30)
PersonMaker = Callable[..., Person]


@pytest.fixture
def pose_m() -> Float[np.ndarray, "17 3"]:
    """Somebody of adult size who faces the camera with spread arms: left hand at +x."""
    places: dict[str, tuple[float, float, float]] = dict(MIDDLE_M)
    for joint, (x, y, z) in HALF_BODY_M.items():
        places[f"left_{joint}"], places[f"right_{joint}"] = (x, y, z), (-x, y, z)
    return np.array([places[name] for name in H36M17.joints], float)


@pytest.fixture
def clip_camera() -> Camera:
    return Camera.assumed(320, 240)


@pytest.fixture
def camera_from_world() -> Float[np.ndarray, "4 4"]:
    """A camera that looks along −z from 1 m above the floor, 5 m in front of the origin."""
    matrix = np.diag([1.0, -1.0, -1.0, 1.0])
    matrix[:3, 3] = (0, 1, 5)
    return matrix


@pytest.fixture
def make_person(clip_camera: Camera, camera_from_world: Float[np.ndarray, "4 4"]) -> PersonMaker:
    """Return a person with these positions, seen exactly where they are."""

    def make(
        positions_m: Float[np.ndarray, "f 17 3"], *, person_id: int = 1, first_frame: int = 0
    ) -> Person:
        count = len(positions_m)
        times_s = (first_frame + np.arange(count)) / float(FPS)
        seen_m = positions_m @ camera_from_world[:3, :3].T + camera_from_world[:3, 3]
        # Somebody beside the camera or behind it is nowhere in its picture: anything finite will do.
        seen_m[..., 2] = np.maximum(seen_m[..., 2], 0.1)
        ones = np.ones((count, 17))
        still = np.zeros((len(RIG), 3))
        return Person(
            person_id,
            Pose2DSequence(
                H36M17, first_frame, times_s, FPS, clip_camera.project(seen_m), ones, ones > 0
            ),
            Pose3DSequence(H36M17, times_s, FPS, positions_m - positions_m[:, :1]),
            WorldPoses(H36M17, positions_m, camera_from_world),
            Motion(RIG, times_s, FPS, still, positions_m[:, 0], np.zeros((count, len(RIG), 4))),
        )

    return make
