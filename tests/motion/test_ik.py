from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest

from pose3d_cli.geometry.rotations import (
    inverse,
    matrix_from_quaternion,
    multiply,
    quaternion_from_vector,
    rotate,
    vector_from_quaternion,
)
from pose3d_cli.motion.ik import solve_rotations
from pose3d_cli.motion.rig import forward_kinematics, h36m_positions
from pose3d_cli.sequences import Motion
from pose3d_cli.skeleton import H36M17, RIG

HUNDREDTH_OF_A_MILLIMETRE = 1e-5


def solved(positions_m: np.ndarray, *, fps: Fraction = Fraction(30)) -> Motion:
    return solve_rotations(positions_m, times_s=np.arange(len(positions_m)) / float(fps), fps=fps)


def angles_deg(motion: Motion, truth: Motion, joint: str) -> np.ndarray:
    """How far a joint's local rotation is from the true one, frame by frame."""
    ours, theirs = (m.rotations_wxyz[:, RIG.index(joint)] for m in (motion, truth))
    turn = vector_from_quaternion(multiply(inverse(theirs), ours))
    return np.asarray(np.degrees(np.linalg.norm(turn, axis=-1)))


@pytest.mark.parametrize("seed", range(5))
def test_consistent_joints_are_met_exactly(wave: Callable[..., Motion], seed: int) -> None:
    truth = h36m_positions(wave(seed=seed))
    np.testing.assert_allclose(h36m_positions(solved(truth)), truth, atol=HUNDREDTH_OF_A_MILLIMETRE)


@pytest.mark.parametrize("frames", [1, 2, 3, 7])
def test_few_frames_will_do(walk: Callable[..., Motion], frames: int) -> None:
    truth = h36m_positions(walk(frames=frames))
    np.testing.assert_allclose(h36m_positions(solved(truth)), truth, atol=HUNDREDTH_OF_A_MILLIMETRE)


def test_the_rest_pose_needs_no_rotation(walk: Callable[..., Motion]) -> None:
    still = walk(frames=5).rotations_wxyz * 0 + [1.0, 0, 0, 0]
    motion = walk(frames=5)
    rest = Motion(RIG, motion.times_s, motion.fps, motion.offsets_m, motion.root_m + 1.0, still)
    np.testing.assert_allclose(solved(h36m_positions(rest)).rotations_wxyz, still, atol=1e-9)


def test_bones_keep_their_length_whatever_the_joints_do(wave: Callable[..., Motion]) -> None:
    noisy = h36m_positions(wave())
    noisy += np.random.default_rng(0).normal(0, 0.05, noisy.shape)
    motion = solved(noisy)
    positions = forward_kinematics(motion)
    for parent, joint in RIG.bones:
        length = np.linalg.norm(positions[:, joint] - positions[:, parent], axis=-1)
        np.testing.assert_allclose(length, np.linalg.norm(motion.offsets_m[joint]), atol=1e-12)
    np.testing.assert_allclose(np.linalg.norm(motion.rotations_wxyz, axis=-1), 1, atol=1e-12)


def test_joints_of_real_people_are_met_nearly(wave: Callable[..., Motion]) -> None:
    truth = h36m_positions(wave())
    noisy = truth + np.random.default_rng(0).normal(0, 0.01, truth.shape)
    off = np.linalg.norm(h36m_positions(solved(noisy)) - truth, axis=-1)
    assert off.mean() < 0.014
    assert off.max() < 0.06


def test_who_faces_the_camera_has_their_left_at_plus_x(walk: Callable[..., Motion]) -> None:
    motion = solved(h36m_positions(walk(heading_rad=0.0)))
    facing = rotate(motion.rotations_wxyz[:, 0], np.array([0.0, 0.0, 1.0]))
    np.testing.assert_allclose(facing, np.tile([0.0, 0.0, 1.0], (90, 1)), atol=0.02)
    positions = forward_kinematics(motion)
    assert (
        positions[:, RIG.index("LeftUpLeg"), 0] > positions[:, RIG.index("RightUpLeg"), 0]
    ).all()


def test_turning_on_the_spot_turns_the_hips_alone(walk: Callable[..., Motion]) -> None:
    straight, turned = (solved(h36m_positions(walk(heading_rad=a))) for a in (0.0, 2.5))
    np.testing.assert_allclose(
        turned.rotations_wxyz[:, 1:], straight.rotations_wxyz[:, 1:], atol=1e-9
    )
    turn = multiply(turned.rotations_wxyz[:, 0], inverse(straight.rotations_wxyz[:, 0]))
    expected = np.tile([0, 2.5, 0], (90, 1))
    np.testing.assert_allclose(vector_from_quaternion(turn), expected, atol=1e-9)


def test_mirrored_joints_give_the_mirrored_motion(wave: Callable[..., Motion]) -> None:
    positions = h36m_positions(wave())
    motion = solved(positions)
    mirrored = solved(positions[:, list(H36M17.mirror)] * [-1.0, 1.0, 1.0])
    expected = matrix_from_quaternion(motion.rotations_wxyz[:, list(RIG.mirror)] * [1, 1, -1, -1])
    np.testing.assert_allclose(matrix_from_quaternion(mirrored.rotations_wxyz), expected, atol=1e-9)
    np.testing.assert_allclose(mirrored.offsets_m, motion.offsets_m, atol=1e-12)


def test_quaternions_never_jump_to_their_negatives(walk: Callable[..., Motion]) -> None:
    positions = h36m_positions(walk(frames=200, speed_m_s=0.0))
    spin = quaternion_from_vector(
        np.linspace(0, 30, 200)[:, None, None] * np.array([0.0, 1.0, 0.0])
    )
    rotations = solved(rotate(spin, positions)).rotations_wxyz
    assert ((rotations[1:] * rotations[:-1]).sum(-1) > 0.9).all()


@pytest.mark.parametrize("limb", ["LeftArm", "RightArm", "LeftUpLeg", "RightUpLeg"])
def test_the_twist_of_a_bent_limb_is_found(walk: Callable[..., Motion], limb: str) -> None:
    truth = walk(frames=60)
    side = 1.0 if limb.startswith("Left") else -1.0
    lower, hinge = (limb.replace("Arm", "ForeArm"), [0.0, -side, 0.0])
    along = [1.0, 0.0, 0.0]
    if "Leg" in limb:
        lower, hinge, along = limb.replace("UpLeg", "Leg"), [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]
    wave = np.sin(np.arange(60) / 10)[:, None]
    twist = quaternion_from_vector(0.6 * wave * np.array(along))
    bend = quaternion_from_vector((1.0 + 0.3 * wave) * np.array(hinge))
    truth.rotations_wxyz[:, RIG.index(limb)] = multiply(
        truth.rotations_wxyz[:, RIG.index(limb)], twist
    )
    truth.rotations_wxyz[:, RIG.index(lower)] = bend
    found = solved(h36m_positions(truth))
    assert angles_deg(found, truth, limb).mean() < 3
    assert angles_deg(found, truth, lower).mean() < 3


def test_knees_and_elbows_are_hinges_when_the_body_uses_them_so(
    walk: Callable[..., Motion],
) -> None:
    motion = solved(h36m_positions(walk()))
    for joint, axis in (("LeftLeg", [1, 0, 0]), ("RightLeg", [1, 0, 0])):
        bend = vector_from_quaternion(motion.rotations_wxyz[:, RIG.index(joint)])
        assert (bend @ np.array(axis, float) > 0.2).all()
        assert np.abs(np.delete(bend, 0, axis=1)).max() < 0.1


def test_no_toe_is_under_the_floor(walk: Callable[..., Motion]) -> None:
    positions = forward_kinematics(solved(h36m_positions(walk(jump_m=0.4))))
    toes = [RIG.index("LeftFootEnd"), RIG.index("RightFootEnd")]
    assert positions[:, toes, 1].min() > -1e-9


def test_one_frame_with_joints_in_one_place_stays_finite() -> None:
    motion = solved(np.zeros((1, 17, 3)))
    assert np.isfinite(motion.rotations_wxyz).all()
    assert np.isfinite(forward_kinematics(motion)).all()
