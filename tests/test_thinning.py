"""Films of high rates are lifted at rates that lifters know, and told at their own."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from pose3d_cli.sequences import Pose2DSequence, Pose3DSequence
from pose3d_cli.skeleton import H36M17
from pose3d_cli.thinning import at_every_frame, thinned

NTSC = Fraction(30000, 1001)


def seen_at(fps: Fraction, frames: int) -> Pose2DSequence:
    numbers = np.arange(frames, dtype=float)
    return Pose2DSequence(
        H36M17,
        3,
        1.5 + numbers / float(fps),
        fps,
        np.tile(numbers[:, None, None], (1, 17, 2)),
        np.ones((frames, 17)),
        np.ones((frames, 17), bool),
    )


def lifted(seen: Pose2DSequence) -> Pose3DSequence:
    """Swing once a second, one metre far."""
    swing_m = np.sin(2 * np.pi * seen.times_s)[:, None, None] * np.ones((1, 17, 3))
    return Pose3DSequence(H36M17, seen.times_s, seen.fps, swing_m, np.abs(swing_m[..., 0]))


@pytest.mark.parametrize("fps", [Fraction(24), NTSC, 2 * NTSC, Fraction(12)])
def test_usual_rates_are_lifted_as_they_are(fps: Fraction) -> None:
    seen = seen_at(fps, 50)
    assert thinned(seen) is seen
    poses = lifted(seen)
    assert at_every_frame(poses, seen) is poses


@pytest.mark.parametrize("fps", [Fraction(100), 4 * NTSC, 8 * NTSC, Fraction(1000)])
@pytest.mark.parametrize("frames", [1, 2, 3, 10, 241, 500])
def test_high_rates_are_lifted_at_known_ones_from_first_to_last(fps: Fraction, frames: int) -> None:
    seen = seen_at(fps, frames)
    few = thinned(seen)
    assert few.times_s[0] == seen.times_s[0]
    assert few.times_s[-1] == seen.times_s[-1]
    np.testing.assert_allclose(few.times_s, 1.5 + few.keypoints_px[:, 0, 0] / float(fps))
    if frames > 100:
        assert 45 < few.fps < 75
        assert few.fps == pytest.approx((len(few.times_s) - 1) / np.ptp(few.times_s))
        assert np.diff(few.times_s).max() < 1 / 45


@pytest.mark.parametrize("kept", [0.7, 0.6])
def test_missing_frames_are_filled_in_so_that_nobody_seems_to_dart(kept: float) -> None:
    whole = seen_at(Fraction(30), 300)
    there = np.random.default_rng(0).random(300) < kept
    there[[0, -1]] = True
    rows = np.flatnonzero(there)
    fps = Fraction(len(rows) - 1, 10).limit_denominator(1001)
    seen = replace(
        whole,
        times_s=whole.times_s[rows],
        fps=fps,
        keypoints_px=whole.keypoints_px[rows],
        confidence=whole.confidence[rows],
        observed=whole.observed[rows],
    )

    even = thinned(seen)

    assert even.fps == pytest.approx(30, rel=0.02)
    np.testing.assert_allclose(np.diff(even.times_s), 1 / float(even.fps), rtol=0.01)
    np.testing.assert_allclose(even.keypoints_px[:, 0, 0] / 30, even.times_s - 1.5, atol=1e-6)
    poses = at_every_frame(lifted(even), seen)
    np.testing.assert_allclose(poses.positions_m, lifted(seen).positions_m, atol=0.001)


def test_rounded_times_are_even_and_long_pauses_are_not_filled_with_frames() -> None:
    rounded = replace(seen_at(NTSC, 90), times_s=np.round(np.arange(90) / float(NTSC), 3))
    assert thinned(rounded) is rounded
    pause = replace(seen_at(Fraction(2), 90), times_s=np.r_[np.arange(89) / 30, 600.0])
    assert len(thinned(pause).times_s) <= 2 * 90 * 14


@pytest.mark.parametrize("frames", [1, 2, 3, 240])
def test_all_frames_have_poses_on_a_smooth_course(frames: int) -> None:
    seen = seen_at(Fraction(240), frames)
    poses = at_every_frame(lifted(thinned(seen)), seen)
    assert poses.times_s is seen.times_s
    assert poses.fps == seen.fps
    np.testing.assert_allclose(poses.positions_m, lifted(seen).positions_m, atol=1e-3)
    doubt_m = lifted(seen).doubt_m
    assert poses.doubt_m is not None
    assert doubt_m is not None
    np.testing.assert_allclose(poses.doubt_m, doubt_m, atol=0.01)
