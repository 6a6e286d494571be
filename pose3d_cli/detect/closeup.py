"""One person out of a picture: alone, upright, and as large as a network takes."""

from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Bool, Float, UInt8

from pose3d_cli.detect.letterbox import GREY
from pose3d_cli.sequences import SEEN
from pose3d_cli.skeleton import COCO17

CLOSE_PX = 640
"""Longer side of the picture of one person."""
MARGIN = 0.35
"""Around a person, of their longer side."""
LEANS_RAD = np.radians(20.0)
"""People who lean further are turned upright."""

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
        return self.confidence >= SEEN

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

    def within(self, width_px: int, height_px: int) -> "Pose":
        """Return the same pose in a picture of that size, with what lies outside of it not seen."""
        inside = ((self.points_px > 0) & (self.points_px < (width_px, height_px))).all(axis=-1)
        return Pose(
            np.clip(self.points_px, 0, (width_px, height_px)),
            np.where(inside, self.confidence, 0.0),
        )


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
    upright = _turning(lean_rad)
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
    return _view(rgb, zoom * upright, -zoom * low, (width_px, height_px))


def turned_view(
    rgb: UInt8[np.ndarray, "h w 3"],
    middle_px: Float[np.ndarray, "2"],
    *,
    side_px: float,
    turn_rad: float,
    size_px: int,
) -> CloseUp:
    """Return a square around a point, such that who leans clockwise by that turn is upright in it.

    Args:
        rgb: the whole picture; grey lies around it.
        middle_px: the point.
        side_px: of the square, in pixels of the whole picture …
        size_px: … and in pixels of what is returned.
        turn_rad: of the square.
    """
    turn = size_px / side_px * _turning(turn_rad)
    return _view(rgb, turn, size_px / 2 - turn @ middle_px, (size_px, size_px))


def _turning(lean_rad: float) -> Float[np.ndarray, "2 2"]:
    """Return what makes somebody upright who leans clockwise."""
    c, s = np.cos(lean_rad), np.sin(lean_rad)
    return np.array([[c, s], [-s, c]])


def _view(
    rgb: UInt8[np.ndarray, "h w 3"],
    turn: Float[np.ndarray, "2 2"],
    shift_px: Float[np.ndarray, "2"],
    size_px: tuple[int, int],
) -> CloseUp:
    # OpenCV counts from the middle of the first pixel, everybody else from its corner.
    between_middles = np.column_stack([turn, shift_px + turn @ [0.5, 0.5] - 0.5])
    return CloseUp(
        cv2.warpAffine(rgb, between_middles, size_px, borderValue=(GREY, GREY, GREY)),
        np.column_stack([turn, shift_px]),
    )
