from fractions import Fraction

import numpy as np
import pytest

from pose3d_cli.motion.smoothing import smooth
from pose3d_cli.sequences import Pose3DSequence
from pose3d_cli.skeleton import H36M17


def poses_of(positions_m: np.ndarray, *, fps: Fraction = Fraction(30)) -> Pose3DSequence:
    return Pose3DSequence(H36M17, np.arange(len(positions_m)) / float(fps), fps, positions_m)


def wiggle(*, frames: int = 60, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(frames, 17, 3))


def sine(hz: float, *, fps: Fraction, seconds: float = 8.0) -> Pose3DSequence:
    times = np.arange(round(seconds * fps)) / float(fps)
    return poses_of(np.sin(2 * np.pi * hz * times)[:, None, None] * np.ones((17, 3)), fps=fps)


@pytest.mark.parametrize("frames", [1, 2, 3, 7, 100])
@pytest.mark.parametrize("cutoff_hz", [0.5, 6.0])
def test_straight_lines_pass_unchanged_in_clips_of_any_length(
    frames: int, cutoff_hz: float
) -> None:
    line = np.arange(frames)[:, None, None] * wiggle(frames=1) + wiggle(frames=1, seed=1)
    np.testing.assert_allclose(
        smooth(poses_of(line), cutoff_hz=cutoff_hz).positions_m, line, atol=1e-8
    )


@pytest.mark.parametrize("cutoff_hz", [0.0, 15.0, 100.0])
def test_a_cutoff_of_zero_or_beyond_nyquist_turns_smoothing_off(cutoff_hz: float) -> None:
    poses = poses_of(wiggle())
    np.testing.assert_array_equal(smooth(poses, cutoff_hz=cutoff_hz).positions_m, poses.positions_m)


def test_a_negative_cutoff_is_refused() -> None:
    with pytest.raises(ValueError, match="-1"):
        smooth(poses_of(wiggle()), cutoff_hz=-1.0)


def test_past_and_future_are_treated_alike() -> None:
    forwards = smooth(poses_of(wiggle()), cutoff_hz=4.0).positions_m
    backwards = smooth(poses_of(wiggle()[::-1]), cutoff_hz=4.0).positions_m
    np.testing.assert_allclose(backwards[::-1], forwards, atol=1e-12)


@pytest.mark.parametrize("fps", [Fraction(24), Fraction(30000, 1001), Fraction(60)])
def test_a_sine_keeps_its_phase_and_at_the_cutoff_half_its_height(fps: Fraction) -> None:
    poses = sine(3.0, fps=fps)
    middle = slice(len(poses.times_s) // 4, -len(poses.times_s) // 4)
    smoothed = smooth(poses, cutoff_hz=3.0).positions_m
    np.testing.assert_allclose(smoothed[middle], poses.positions_m[middle] / 2, atol=1e-3)


def test_slow_movement_stays_and_jitter_goes() -> None:
    slow, fast = sine(0.5, fps=Fraction(30)), sine(12.0, fps=Fraction(30))
    middle = slice(60, -60)
    kept = smooth(slow, cutoff_hz=5.0).positions_m - slow.positions_m
    assert np.abs(kept[middle]).max() < 0.001
    assert np.abs(smooth(fast, cutoff_hz=5.0).positions_m[middle]).max() < 0.1


def test_smoothing_is_linear_and_leaves_its_input_alone() -> None:
    a, b = wiggle(seed=0), wiggle(seed=1)
    before = a.copy()
    together = smooth(poses_of(2 * a + b), cutoff_hz=4.0).positions_m
    apart = (
        2 * smooth(poses_of(a), cutoff_hz=4.0).positions_m
        + smooth(poses_of(b), cutoff_hz=4.0).positions_m
    )
    np.testing.assert_allclose(together, apart, atol=1e-12)
    np.testing.assert_array_equal(a, before)
