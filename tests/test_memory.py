"""A long clip takes no more memory than a short one.

Peaks belong to processes, so each clip is lifted by running this file: ``python tests/test_memory.py
CLIP`` lifts one from file to files and prints the peak in MiB. Whoever is in it is planted, all else
is real.
"""

import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest

from pose3d_cli.lifting.lifter import SasMambaLifter
from pose3d_cli.outputs import write
from pose3d_cli.pipeline import Models, Settings, estimate
from pose3d_cli.render import RenderSettings
from pose3d_cli.sequences import Detections, Frame
from pose3d_cli.watch import Unwatched

pytestmark = [pytest.mark.slow, pytest.mark.weights]

ROOT = Path(__file__).parents[1]
WEIGHTS = ROOT / "weights" / "sasmamba-small.safetensors"
SHORT, LONG = 900, 2100
"""Frames: 7 and 17 windows of the lifter, which were once lifted 16 at a time."""
BODY_PX = np.random.default_rng(0).uniform(0, 1, (17, 2)) * (30, 80)
BYTES_PER_UNIT = 1 if sys.platform == "darwin" else 1024
"""Of ``ru_maxrss``."""


class Planted:
    """Finds somebody who sways."""

    name, sha256, licence = "planted", "0" * 64, "CC0-1.0"

    def detect(self, frames: Iterable[Frame]) -> Iterator[Detections]:
        """Yield them in each frame."""
        for frame in frames:
            keypoints_px = BODY_PX[None] + (60 + 3 * np.sin(frame.index / 10), 20)
            yield Detections(
                index=frame.index,
                time_s=frame.time_s,
                boxes_px=np.hstack([keypoints_px.min(axis=1), keypoints_px.max(axis=1)]),
                scores=np.array([0.9]),
                keypoints_px=keypoints_px,
                confidence=np.full((1, 17), 0.9),
            )


def test_many_more_frames_take_hardly_more_memory(film: Callable[..., Path]) -> None:
    short, long = (
        _peak_mib(film(f"{frames}.mp4", ticks=range(frames), size_px=(160, 120)))
        for frames in (SHORT, LONG)
    )

    assert long <= 1.1 * short


def _peak_mib(clip: Path) -> int:
    command = [sys.executable, __file__, str(clip)]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    return int(done.stdout)


def _print_peak(clip: Path) -> None:
    lifter = SasMambaLifter.from_file(WEIGHTS, device="cpu", flip=False)
    result = estimate(clip, Models(Planted(), lifter), Settings(), watch=Unwatched())
    outputs = [clip.with_suffix(f".out{suffix}") for suffix in (".mp4", ".json", ".bvh")]
    write(result, outputs, look=RenderSettings(height_px=120), watch=Unwatched())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * BYTES_PER_UNIT
    sys.stdout.write(f"{peak // 2**20}\n")


if __name__ == "__main__":
    _print_peak(Path(sys.argv[1]))
