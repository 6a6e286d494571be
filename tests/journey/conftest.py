"""A walker on their way from a clip to files."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pose3d_cli.motion.settings import MotionSettings
from pose3d_cli.pipeline import Models, Settings, estimate
from pose3d_cli.sequences import Result
from pose3d_cli.watch import Unwatched


@pytest.fixture
def clip(film: Callable[..., Path]) -> Path:
    """One and a half seconds at 29.97 frames per second, with sound."""
    return film(size_px=(320, 240), ticks=range(45), sound="aac")


@pytest.fixture
def result(clip: Path, walker: Any, models: Callable[..., Models]) -> Result:
    """What is found out about the clip if nothing is smoothed."""
    exactly = Settings(focal_px=300.0, motion=MotionSettings(cutoff_hz=0.0, pin_feet=False))
    return estimate(clip, models(walker), exactly, watch=Unwatched())
