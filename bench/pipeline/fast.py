"""What ``--fast`` costs and what it gets wrong, beside looking at whole pictures."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from bench.pipeline.costs import cost
from bench.pipeline.subject import networks
from pose3d_cli.detect.choosing import choose
from pose3d_cli.detect.gaps import fill_gaps
from pose3d_cli.detect.remap import coco_to_h36m
from pose3d_cli.detect.swaps import untangle
from pose3d_cli.detect.tracking import follow
from pose3d_cli.detect.watching import watch_people
from pose3d_cli.geometry.camera import Camera
from pose3d_cli.pipeline import Models
from pose3d_cli.sequences import Clip, Detections, Frame, Track2D
from pose3d_cli.video.reader import probe, read_frames

NEAR_HEIGHTS = 0.25
"""Keypoints of one person are nearer to each other than this."""


@dataclass(frozen=True)
class Looks:
    """Everybody in a clip, as one way of looking has them."""

    cpu_ms: float
    tracks: tuple[Track2D, ...]

    @property
    def largest(self) -> int:
        """Whom `pose3d lift` takes."""
        return choose("largest", self.tracks)[0]


def fast(clips: Sequence[Path], *, most_frames: int) -> dict[str, Any]:
    """Compare whom --fast lifts with the same person in whole pictures, clip by clip."""
    return {path.name: _compared(path, most_frames=most_frames) for path in clips}


def _compared(path: Path, *, most_frames: int) -> dict[str, Any]:
    clip, models = probe(path), networks()
    shown = list(islice(read_frames(clip), most_frames))
    whole = _looked(models, shown, clip)
    close = _looked(networks(quality="fast"), shown, clip)
    followed = close.tracks[close.largest]
    height_px = float(np.nanmedian(followed.boxes_px[:, 3] - followed.boxes_px[:, 1]))
    off_heights = [_off_px(track, followed, len(shown)) / height_px for track in whole.tracks]
    same = int(np.argmax([_together(off) for off in off_heights]))
    both = [whole.tracks[same], followed]
    joints_m = [_lifted_m(track, models, clip, len(shown)) for track in both]
    return {
        "CPU ms a frame, whole and --fast": [round(looks.cpu_ms, 1) for looks in (whole, close)],
        "whole pictures take the same person": same == whole.largest,
        "% of frames without the person": [
            round(100 * (1 - float(track.seen.sum()) / len(shown)), 1) for track in both
        ],
        "difference in the picture, % of height": _spread(off_heights[same] * 100),
        "difference of lifted joints, mm": _spread(
            np.linalg.norm(joints_m[0] - joints_m[1], axis=-1) * 1e3
        ),
    }


def _looked(models: Models, shown: list[Frame], clip: Clip) -> Looks:
    found: list[Detections] = []
    took = cost(lambda: found.extend(watch_people(models.detector, shown)), frames=len(shown))
    return Looks(took.cpu_ms, follow(found, fps=clip.fps))


def _off_px(one: Track2D, other: Track2D, frames: int) -> Float[np.ndarray, "f 17"]:
    """Return how far keypoints are apart, NaN where one of the two was not seen."""
    points = [_placed(track.keypoints_px, track, frames) for track in (one, other)]
    return np.asarray(np.linalg.norm(points[0] - points[1], axis=-1))


def _lifted_m(
    track: Track2D, models: Models, clip: Clip, frames: int
) -> Float[np.ndarray, "f 17 3"]:
    """Return poses about their own root, NaN where the person was not seen."""
    camera = Camera.assumed(clip.width_px, clip.height_px)
    lifted = models.lifter.lift(coco_to_h36m(fill_gaps(untangle(track))), camera=camera)
    return _placed(np.where(track.seen[:, None, None], lifted.positions_m, np.nan), track, frames)


def _placed(
    values: Float[np.ndarray, "t 17 d"], track: Track2D, frames: int
) -> Float[np.ndarray, "f 17 d"]:
    placed = np.full((frames, *values.shape[1:]), np.nan)
    placed[track.first_frame : track.first_frame + len(values)] = values
    return placed


def _together(off_heights: Float[np.ndarray, "f 17"]) -> int:
    """Return in how many frames two tracks are surely of one person."""
    near = off_heights < NEAR_HEIGHTS
    return int((near.mean(axis=1) > 0.5).sum())


def _spread(off: Float[np.ndarray, "f 17"]) -> dict[str, float]:
    """Return the middle, the mean and the worst twentieth, where both saw the person."""
    return {
        "median": round(float(np.nanmedian(off)), 2),
        "mean": round(float(np.nanmean(off)), 2),
        "95th percentile": round(float(np.nanpercentile(off, 95)), 2),
    }
