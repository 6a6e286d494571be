"""Lift a video from Python.

Run ``python examples/lift_a_video.py clip.mp4``; see also ``pipeline.py``.
"""

import sys
from pathlib import Path

from pose3d_cli.cli.console import ProgressWatch
from pose3d_cli.detect.yolo import YoloPoseDetector
from pose3d_cli.lift.lifter import SasMambaLifter
from pose3d_cli.pipeline import Models, Settings, estimate
from pose3d_cli.sequences import Result
from pose3d_cli.weights import default_cache_dir, ensure


def lift(video: Path) -> Result:
    """Return who is in the video, and their motion in the world."""
    yolo, sasmamba = (
        ensure(name, cache_dir=default_cache_dir()) for name in ("yolo11n-pose", "sasmamba-small")
    )
    models = Models(
        YoloPoseDetector(yolo, device="cpu"), SasMambaLifter.from_file(sasmamba, device="cpu")
    )
    return estimate(video, models, Settings(), watch=ProgressWatch(quiet=True))


if __name__ == "__main__":
    for person in lift(Path(sys.argv[1])).people:
        frames, joints, _ = person.world.positions_m.shape
        print(f"person {person.id}: {frames} frames × {joints} joints, in metres")
