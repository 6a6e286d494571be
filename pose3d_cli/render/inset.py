"""A view in a corner of the picture: where it hides nobody, with round corners and a fine border."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Float32, UInt8

from pose3d_cli.render.layout import Corner, Layout
from pose3d_cli.render.settings import LayoutName
from pose3d_cli.sequences import Person

CORNERS: tuple[Corner, ...] = ((1, 0), (0, 0), (1, 1), (0, 1))
"""Those that are taken rather than the ones behind them, when both hide as much."""
ROUNDNESS = 0.06
"""Radius of the corners over the view's width."""
BORDER = 0.006
"""Width of the border over the view's width."""
BORDER_GREY = 235
BORDER_OPACITY = 0.75
FINER = 8
"""Shapes are drawn this much larger and then shrunk: smooth edges."""


def freest_corner(people: Sequence[Person], clip_px: tuple[int, int]) -> Corner:
    """Return the corner in which an inset view hides the fewest joints over the whole clip."""
    name: LayoutName = "pip"
    seen = [person.poses_2d.keypoints_px.reshape(-1, 2) for person in people]
    hidden = []
    for corner in CORNERS:
        layout = Layout.named(name, clip_px, corner=corner)
        view = layout.view
        if view is None or not seen:
            return corner
        scale = np.array([layout.width_px, layout.height_px]) / clip_px
        low = np.array([view.left_px, view.top_px]) / scale
        high = low + np.array([view.width_px, view.height_px]) / scale
        inside = [((low < joints) & (joints < high)).all(axis=1).sum() for joints in seen]
        hidden.append(int(np.sum(inside)))
    return CORNERS[int(np.argmin(hidden))]


@dataclass(frozen=True, slots=True, eq=False)
class Inset:
    """A rounded view, ready to be laid over pictures."""

    view: Float32[np.ndarray, "h w"]
    """How much of each pixel belongs to the view."""
    picture: Float32[np.ndarray, "h w"]
    border: Float32[np.ndarray, "h w"]

    @classmethod
    def of_size(cls, width_px: int, height_px: int) -> "Inset":
        """Work out the shape."""
        border_px = max(1.0, BORDER * width_px)
        outer = _rounded(width_px, height_px, margin_px=0.0)
        inner = _rounded(width_px, height_px, margin_px=border_px)
        border = BORDER_OPACITY * (outer - inner)
        return cls(outer - border, 1 - outer, border)

    def lay(self, view: UInt8[np.ndarray, "h w 3"], over: UInt8[np.ndarray, "h w 3"]) -> None:
        """Lay ``view`` over a part of the picture of its size."""
        border = np.full_like(view, BORDER_GREY)
        framed = cv2.blendLinear(view, border, self.view + self.picture, self.border)
        over[:] = cv2.blendLinear(framed, over, 1 - self.picture, self.picture)


def _rounded(width_px: int, height_px: int, *, margin_px: float) -> Float32[np.ndarray, "h w"]:
    """Return how much of each pixel lies in a rectangle with round corners."""
    left = top = round(FINER * margin_px)
    right, bottom = FINER * width_px - left - 1, FINER * height_px - top - 1
    radius = max(1, round(FINER * ROUNDNESS * width_px) - left)
    fine = np.zeros((FINER * height_px, FINER * width_px), np.uint8)
    cv2.rectangle(fine, (left + radius, top), (right - radius, bottom), 255, cv2.FILLED)
    cv2.rectangle(fine, (left, top + radius), (right, bottom - radius), 255, cv2.FILLED)
    for x in (left + radius, right - radius):
        for y in (top + radius, bottom - radius):
            cv2.circle(fine, (x, y), radius, 255, cv2.FILLED)
    coarse = cv2.resize(fine, (width_px, height_px), interpolation=cv2.INTER_AREA)
    return coarse.astype(np.float32) / np.float32(255)
