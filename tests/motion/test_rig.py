from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest

from pose3d_cli.motion.rig import ankle_height_m, forward_kinematics, h36m_positions, rest_offsets_m
from pose3d_cli.sequences import Motion
from pose3d_cli.skeleton import H36M17, RIG


@pytest.fixture
def at_rest(lengths_m: np.ndarray) -> dict[str, np.ndarray]:
    """Where each joint is with all rotations at identity and the hips at the origin."""
    still = np.tile([1.0, 0.0, 0.0, 0.0], (1, len(RIG), 1))
    motion = Motion(
        RIG, np.zeros(1), Fraction(30), rest_offsets_m(lengths_m), np.zeros((1, 3)), still
    )
    return dict(zip(RIG.joints, forward_kinematics(motion)[0], strict=True))


def test_the_rest_pose_is_a_t_pose_that_faces_the_camera(at_rest: dict[str, np.ndarray]) -> None:
    assert at_rest["LeftHand"][0] > at_rest["LeftForeArm"][0] > at_rest["LeftArm"][0] > 0
    np.testing.assert_allclose(at_rest["LeftHandEnd"][1:], at_rest["LeftArm"][1:], atol=1e-12)
    np.testing.assert_allclose(
        at_rest["LeftFoot"][[0, 2]], at_rest["LeftUpLeg"][[0, 2]], atol=1e-12
    )
    assert at_rest["LeftFootEnd"][2] > 0.2
    assert (
        at_rest["HeadEnd"][1] > at_rest["Head"][1] > at_rest["Neck"][1] > at_rest["Spine1"][1] > 0
    )
    assert at_rest["Head"][2] > at_rest["Neck"][2]
    np.testing.assert_array_equal(at_rest["Spine"], at_rest["Hips"])
    np.testing.assert_array_equal(at_rest["LeftShoulder"], at_rest["Neck"])


def test_left_and_right_are_mirror_images(at_rest: dict[str, np.ndarray]) -> None:
    for left, right in RIG.mirror_pairs:
        mirrored = at_rest[RIG.joints[right]] * [-1, 1, 1]
        np.testing.assert_allclose(at_rest[RIG.joints[left]], mirrored, atol=1e-12)


def test_the_rig_stands_on_its_toes_at_ankle_height(
    at_rest: dict[str, np.ndarray], lengths_m: np.ndarray
) -> None:
    drop = at_rest["LeftFoot"][1] - at_rest["LeftFootEnd"][1]
    assert ankle_height_m(lengths_m) == pytest.approx(drop)
    assert 0.07 < drop < 0.1


def test_bones_of_the_rig_are_as_long_as_those_it_stands_for(
    wave: Callable[..., Motion], lengths_m: np.ndarray
) -> None:
    positions = h36m_positions(wave())
    for parent, joint in H36M17.bones:
        measured = np.linalg.norm(positions[:, joint] - positions[:, parent], axis=-1)
        np.testing.assert_allclose(measured, lengths_m[joint], atol=1e-12)


def test_the_root_stands_where_it_is_told(wave: Callable[..., Motion]) -> None:
    motion = wave()
    np.testing.assert_array_equal(h36m_positions(motion)[:, 0], motion.root_m)
