import logging
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest

from pose3d_cli.export.constant_rate import at_constant_rate
from pose3d_cli.sequences import Motion

MakeMotion = Callable[..., Motion]
Joints = Callable[[Motion], np.ndarray]


@pytest.mark.parametrize("fps", [Fraction(30000, 1001), Fraction(60)], ids=str)
@pytest.mark.parametrize("decimals", [3, 6])
def test_rounded_timestamps_are_still_a_constant_rate(
    fps: Fraction, decimals: int, moving: MakeMotion
) -> None:
    motion = moving(np.round(1.4 + np.arange(1800) / float(fps), decimals), fps=fps)
    assert at_constant_rate(motion) is motion


def test_one_frame_is_a_constant_rate(moving: MakeMotion) -> None:
    motion = moving(np.array([3.2]))
    assert at_constant_rate(motion) is motion


def test_a_variable_rate_is_resampled_to_what_happened_at_those_times(
    moving: MakeMotion, caplog: pytest.LogCaptureFixture, joints_m: Joints
) -> None:
    fps = Fraction(30)
    gaps_s = np.random.default_rng(0).uniform(0.5, 1.5, 119) / 30
    motion = moving(2 + np.concatenate([[0], np.cumsum(gaps_s)]), fps=fps)
    with caplog.at_level(logging.INFO):
        steady = at_constant_rate(motion)
    np.testing.assert_allclose(np.diff(steady.times_s), 1 / 30)
    assert abs(steady.times_s[-1] - motion.times_s[-1]) <= 0.5 / 30
    inside = steady.times_s <= motion.times_s[-1]
    happened_m = joints_m(moving(steady.times_s, fps=fps))
    apart_mm = np.linalg.norm(joints_m(steady) - happened_m, axis=-1)[inside] * 1000
    assert apart_mm.max() < 10
    assert "120 frames resampled" in caplog.text


def test_a_gap_is_filled_at_the_rate_around_it(moving: MakeMotion, joints_m: Joints) -> None:
    times_s = np.delete(np.arange(60) / 30, slice(20, 25))
    steady = at_constant_rate(moving(times_s, fps=Fraction(30)))
    assert len(steady.times_s) == 60
    kept = np.r_[0:20, 25:60]
    np.testing.assert_allclose(
        joints_m(steady)[kept], joints_m(moving(times_s, fps=Fraction(30))), atol=1e-9
    )
