"""How the clip and the 3D view share the output: no black bars, even sizes."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import UInt8

from pose3d_cli.render.settings import LayoutName

MIN_HEIGHT_PX = 480
"""Smaller pictures are enlarged: the 3D view needs room."""
MAX_HEIGHT_PX = 1080
MAX_WIDTH_PX = 1920
"""Of the clip and the view side by side, unless a height was chosen: phones decode no wider H.264 for
sure, and platforms shrink it (level 4.0 of ITU-T H.264, table A-1, ends at 1920 × 1088)."""
VIEW_ASPECT = (9 / 16, 1.0)
"""Beside the clip the view is half as wide as it, but never narrower or wider than this."""
INSET = 0.42
"""Height of an inset view over a landscape picture's, width over a portrait picture's."""
INSET_ASPECT = 0.8
INSET_MARGIN = 0.025
"""Between an inset and the border, over the picture's shorter side."""

Corner = tuple[int, int]
"""(0, 0) is at the top left, (1, 1) at the bottom right."""


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of the output."""

    left_px: int
    top_px: int
    width_px: int
    height_px: int

    def of(self, rgb: UInt8[np.ndarray, "h w 3"]) -> UInt8[np.ndarray, "rows columns 3"]:
        """Return this part of the output, to be drawn into."""
        rows = slice(self.top_px, self.top_px + self.height_px)
        return rgb[rows, self.left_px : self.left_px + self.width_px]


@dataclass(frozen=True, slots=True)
class Layout:
    """Sizes in pixels, all even because H.264 stores colour at half resolution."""

    width_px: int
    height_px: int
    picture: Panel | None
    """Where the clip is."""
    view: Panel | None
    """Where the 3D view is; on top of the picture if both are there."""

    @classmethod
    def named(
        cls,
        name: LayoutName,
        clip_px: tuple[int, int],
        *,
        height_px: int | None = None,
        corner: Corner = (1, 0),
    ) -> "Layout":
        """Return a layout for upright pictures of this width and height.

        Args:
            name: which layout.
            clip_px: width and height of the clip.
            height_px: height of the output; None takes the clip's, or less where it would be too large.
            corner: where an inset view goes.

        Raises:
            ValueError: a size is not positive.
        """
        if min(*clip_px, height_px or 1) < 1:
            raise ValueError(f"no picture has {clip_px[0]}×{clip_px[1]} px in {height_px} px")
        aspect = clip_px[0] / clip_px[1]
        beside_aspect = min(max(aspect / 2, VIEW_ASPECT[0]), VIEW_ASPECT[1])
        highest = MAX_HEIGHT_PX
        if name == "side":
            highest = min(highest, int(MAX_WIDTH_PX / (aspect + beside_aspect)))
        height = float(height_px or max(min(clip_px[1], highest), MIN_HEIGHT_PX))
        whole = Panel(0, 0, _even(aspect * height), _even(height))
        match name:
            case "side":
                view_px = _even(beside_aspect * height)
                beside = Panel(whole.width_px, 0, view_px, whole.height_px)
                return cls(whole.width_px + view_px, whole.height_px, whole, beside)
            case "overlay":
                return cls(whole.width_px, whole.height_px, whole, None)
            case "pip":
                return cls(whole.width_px, whole.height_px, whole, _inset(whole, corner))
            case "3d-only":
                return cls(whole.width_px, whole.height_px, None, whole)


def _inset(whole: Panel, corner: Corner) -> Panel:
    if whole.width_px >= whole.height_px:
        height_px = _even(INSET * whole.height_px)
        width_px = _even(INSET_ASPECT * height_px)
    else:
        width_px = _even(INSET * whole.width_px)
        height_px = _even(width_px / INSET_ASPECT)
    margin_px = _even(INSET_MARGIN * min(whole.width_px, whole.height_px))
    room = (whole.width_px - width_px, whole.height_px - height_px)
    left_px, top_px = (
        min(max(margin_px, side * space - margin_px), max(space, 0))
        for side, space in zip(corner, room, strict=True)
    )
    return Panel(left_px, top_px, width_px, height_px)


def _even(size: float) -> int:
    return max(2, 2 * round(size / 2))
