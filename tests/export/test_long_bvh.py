"""The time of a BVH's frame is rounded, and ten minutes of frames add the rounding up."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from pose3d_cli.export.bvh import write_bvh
from pose3d_cli.export.bvh_reader import read_bvh
from pose3d_cli.sequences import Motion

NTSC = Fraction(30000, 1001)
FRAMES = 17_982


@pytest.mark.slow
def test_the_last_frame_of_ten_minutes_comes_at_its_time(
    moving: Callable[..., Motion], tmp_path: Path
) -> None:
    motion = moving(np.arange(FRAMES) / float(NTSC), fps=NTSC)

    write_bvh(tmp_path / "long.bvh", motion)

    again = read_bvh(tmp_path / "long.bvh")
    late_s = (FRAMES - 1) * again.frame_time_s - motion.times_s[-1]
    assert len(again.rows) == FRAMES
    assert abs(late_s) * float(NTSC) < 0.001
