"""One person out of a picture: alone, upright, and as large as a network takes."""

from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Bool, Float, UInt8

from pose3d_cli.detect.letterbox import GREY
from pose3d_cli.skeleton import COCO17

CLOSE_PX = 640
"""Longer side of the picture of one person."""
MARGIN = 0.35
"""Around a person, of their longer side."""
LEANS_RAD = np.radians(20.0)
"""People who lean further are turned upright."""
SURE = 0.3
"""Confidence from which on a keypoint says where somebody is."""

_SHOULDERS, _HIPS = (
    [COCO17.index(f"{side}_{name}") for side in ("left", "right")] for name in ("shoulder", "hip")
)


@dataclass(frozen=True, slots=True, eq=False)
class Pose:
    """One person's keypoints."""

    points_px: Float[np.ndarray, "17 2"]
    confidence: Float[np.ndarray, "17"]

    @property
    def sure(self) -> Bool[np.ndarray, "17"]:
        """Which ones say where somebody is."""
        return self.confidence >= SURE

    @property
    def size_px(self) -> float:
        """The longer side of what is seen."""
        seen_px = self.points_px[self.sure]
        return float(max((seen_px.max(axis=0) - seen_px.min(axis=0)).max(), 1.0))

    @property
    def lean_rad(self) -> float:
        """How far the trunk leans clockwise from upright; 0 if that cannot be told."""
        if not self.sure[[*_SHOULDERS, *_HIPS]].all():
            return 0.0
        up = self.points_px[_SHOULDERS].mean(axis=0) - self.points_px[_HIPS].mean(axis=0)
        return float(np.arctan2(up[0], -up[1]))


@dataclass(frozen=True, slots=True, eq=False)
class CloseUp:
    """A picture of one person and the way back into the whole one."""

    rgb: UInt8[np.ndarray, "h w 3"]
    view_from_picture: Float[np.ndarray, "2 3"]

    def back(self, points_px: Float[np.ndarray, "p 17 2"]) -> Float[np.ndarray, "p 17 2"]:
        """Return where points of it are in the whole picture."""
        turn, shift_px = self.view_from_picture[:, :2], self.view_from_picture[:, 2]
        return np.asarray((points_px - shift_px) @ np.linalg.inv(turn).T)


def close_up(
    rgb: UInt8[np.ndarray, "h w 3"], pose: Pose, box_px: Float[np.ndarray, "4"]
) -> CloseUp | None:
    """Return one person, upright; None if hardly anything of them is known."""
    if pose.sure.sum() < 3:
        return None
    lean_rad = pose.lean_rad if abs(pose.lean_rad) > LEANS_RAD else 0.0
    c, s = np.cos(lean_rad), np.sin(lean_rad)
    upright = np.array([[c, s], [-s, c]])
    around_px = pose.points_px[pose.sure]
    if not lean_rad:
        around_px = np.concatenate([around_px, box_px.reshape(2, 2)])
    turned_px = around_px @ upright.T
    low, high = turned_px.min(axis=0), turned_px.max(axis=0)
    margin_px = MARGIN * (high - low).max()
    low, high = low - margin_px, high + margin_px
    zoom = CLOSE_PX / max((high - low).max(), 1.0)
    width_px, height_px = np.ceil(zoom * (high - low)).astype(int).tolist()
    if min(width_px, height_px) < 1:
        return None
    turn, shift_px = zoom * upright, -zoom * low
    # OpenCV counts from the middle of the first pixel, everybody else from its corner.
    between_middles = np.column_stack([turn, shift_px + turn @ [0.5, 0.5] - 0.5])
    size_px, grey = (width_px, height_px), (GREY, GREY, GREY)
    return CloseUp(
        cv2.warpAffine(rgb, between_middles, size_px, borderValue=grey),
        np.column_stack([turn, shift_px]),
    )
