"""How thoroughly people are looked at: how fast that is against how near to the truth it comes."""

from typing import Literal

from pose3d_cli.detect import PoseDetector
from pose3d_cli.detect.cropping import CroppingDetector
from pose3d_cli.detect.refining import RefiningDetector
from pose3d_cli.detect.yolo import YoloPoseDetector

Quality = Literal["fast", "normal", "best"]
"""Closely around the largest person; the whole picture; that, and each person closely twice."""


def looking(detector: YoloPoseDetector, quality: Quality) -> PoseDetector:
    """Return a detector that looks as thoroughly as is wanted, through the given one."""
    if quality == "fast":
        return CroppingDetector(detector)
    if quality == "best":
        return RefiningDetector(detector, workers=detector.workers)
    return detector
