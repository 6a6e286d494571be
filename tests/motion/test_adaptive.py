from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from pose3d_cli.motion.adaptive import calmed, noise_m
from pose3d_cli.motion.rig import h36m_positions
from pose3d_cli.motion.smoothing import smooth
from pose3d_cli.sequences import Motion, Pose3DSequence
from pose3d_cli.skeleton import H36M17

FPS = Fraction(30)
WRIST = H36M17.index("left_wrist")


@pytest.fixture
def kick(walk: Callable[..., Motion]) -> Pose3DSequence:
    """A walk in which the left wrist also darts half a metre ahead and back within 0.4 s."""
    joints = h36m_positions(walk(frames=120))
    joints = joints - joints[:, :1]
    dart = np.clip(1 - np.abs(np.arange(120) - 60) / 6, 0, None)
    joints[:, WRIST, 2] += 0.5 * dart**2 * (3 - 2 * dart)
    return Pose3DSequence(H36M17, np.arange(120) / 30, FPS, joints)


def noisy(poses: Pose3DSequence, sigma_m: float) -> Pose3DSequence:
    noise = np.random.default_rng(0).normal(0, sigma_m, poses.positions_m.shape)
    return replace(poses, positions_m=poses.positions_m + noise)


def off_m(poses: Pose3DSequence, truth: Pose3DSequence) -> np.ndarray:
    return np.asarray(np.linalg.norm(poses.positions_m - truth.positions_m, axis=-1))


def speed_off_m_s(poses: Pose3DSequence, truth: Pose3DSequence) -> np.ndarray:
    off = np.diff(poses.positions_m - truth.positions_m, axis=0)
    return np.asarray(np.linalg.norm(off, axis=-1) * 30)


@pytest.mark.parametrize("sigma_m", [0.003, 0.01, 0.02])
def test_joints_are_nearer_to_the_truth_than_by_a_fixed_cutoff(
    kick: Pose3DSequence, sigma_m: float
) -> None:
    fixed = smooth(noisy(kick, sigma_m), cutoff_hz=6.0)
    adaptive = calmed(noisy(kick, sigma_m))
    assert off_m(adaptive, kick).mean() < off_m(fixed, kick).mean()
    assert speed_off_m_s(adaptive, kick).mean() < speed_off_m_s(fixed, kick).mean()


def test_a_kick_without_noise_is_kept(kick: Pose3DSequence) -> None:
    assert off_m(calmed(kick), kick).max() < 0.6 * off_m(smooth(kick, cutoff_hz=6.0), kick).max()


@pytest.mark.parametrize("sigma_m", [0.001, 0.01, 0.03])
def test_noise_is_measured_through_movement(kick: Pose3DSequence, sigma_m: float) -> None:
    measured = noise_m(noisy(kick, sigma_m).positions_m[:, WRIST])
    assert measured == pytest.approx(sigma_m, rel=0.35)


@pytest.mark.parametrize("frames", [1, 2, 3, 4, 5])
def test_few_frames_stay_finite(kick: Pose3DSequence, frames: int) -> None:
    short = replace(kick, positions_m=kick.positions_m[:frames], times_s=kick.times_s[:frames])
    assert np.isfinite(calmed(short).positions_m).all()


def test_steady_movement_passes_unchanged(kick: Pose3DSequence) -> None:
    steady = np.arange(60)[:, None, None] * np.array([0.01, -0.02, 0.03]) + np.zeros((60, 17, 3))
    poses = replace(kick, positions_m=steady, times_s=kick.times_s[:60])
    np.testing.assert_allclose(calmed(poses).positions_m, steady, atol=1e-9)
