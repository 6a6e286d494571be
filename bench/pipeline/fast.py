"""What ``--fast`` costs and what it gets wrong, beside looking at whole pictures."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from bench.pipeline.costs import Cost, cost
from bench.pipeline.subject import networks
from pose3d_cli.detect.choosing import choose
from pose3d_cli.detect.gaps import fill_gaps
from pose3d_cli.detect.remap import coco_to_h36m
from pose3d_cli.detect.swaps import untangle
from pose3d_cli.detect.tracking import follow
from pose3d_cli.geometry.camera import Camera
from pose3d_cli.pipeline import Models
from pose3d_cli.sequences import Clip, Detections, Frame
from pose3d_cli.video.reader import probe, read_frames


@dataclass(frozen=True)
class Look:
    """The largest person of a clip, with NaN where they were not seen."""

    took: Cost
    points_heights: Float[np.ndarray, "f 17 2"]
    """Keypoints in the picture, in units of the height of the person's box."""
    joints_m: Float[np.ndarray, "f 17 3"]
    """Lifted poses about their own root."""

    @property
    def missed(self) -> float:
        """Share of the frames without the person."""
        return float(np.isnan(self.points_heights[:, 0, 0]).mean())


def fast(clips: Sequence[Path], *, most_frames: int) -> dict[str, Any]:
    """Compare the largest person of --fast with that of whole pictures, clip by clip."""
    return {path.name: _compared(path, most_frames=most_frames) for path in clips}


def _compared(path: Path, *, most_frames: int) -> dict[str, Any]:
    clip = probe(path)
    shown = list(islice(read_frames(clip), most_frames))
    looks = [_looked(networks(quality=quality), shown, clip) for quality in ("normal", "fast")]
    whole, close = looks
    off_heights = np.linalg.norm(whole.points_heights - close.points_heights, axis=-1)
    off_m = np.linalg.norm(whole.joints_m - close.joints_m, axis=-1)
    return {
        "CPU ms a frame, whole and --fast": [round(look.took.cpu_ms, 1) for look in looks],
        "% of frames without the person": [round(look.missed * 100, 1) for look in looks],
        "difference in the picture, % of height": _spread(off_heights * 100),
        "difference of lifted joints, mm": _spread(off_m * 1e3),
    }


def _spread(off: Float[np.ndarray, "f j"]) -> dict[str, float]:
    """Return the middle, the mean and the worst twentieth over frames in which both saw the person."""
    return {
        "median": round(float(np.nanmedian(off)), 2),
        "mean": round(float(np.nanmean(off)), 2),
        "95th percentile": round(float(np.nanpercentile(off, 95)), 2),
    }


def _looked(models: Models, shown: list[Frame], clip: Clip) -> Look:
    found: list[Detections] = []
    took = cost(lambda: found.extend(models.detector.detect(shown)), frames=len(shown))
    tracks = follow(found, fps=clip.fps)
    track = tracks[choose("largest", tracks)[0]]
    lifted = models.lifter.lift(
        coco_to_h36m(fill_gaps(untangle(track))),
        camera=Camera.assumed(clip.width_px, clip.height_px),
    )
    height_px = np.nanmedian(track.boxes_px[:, 3] - track.boxes_px[:, 1])
    at = slice(track.first_frame, track.first_frame + len(track.seen))
    points, joints = (np.full((len(shown), 17, d), np.nan) for d in (2, 3))
    points[at] = track.keypoints_px / height_px
    joints[at] = np.where(track.seen[:, None, None], lifted.positions_m, np.nan)
    return Look(took, points, joints)
