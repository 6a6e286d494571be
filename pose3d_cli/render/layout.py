"""How the picture and the 3D view share the output: side by side, no black bars, even sizes."""

from dataclasses import dataclass

MIN_HEIGHT_PX = 480
"""Smaller pictures are enlarged: the 3D view needs room."""
MAX_HEIGHT_PX = 1080
VIEW_ASPECT = (9 / 16, 1.0)
"""The 3D view is half as wide as the picture, but never narrower or wider than this."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Sizes in pixels, all even because H.264 stores colour at half resolution."""

    picture_width_px: int
    view_width_px: int
    height_px: int

    @classmethod
    def beside(
        cls, width_px: int, height_px: int, *, max_height_px: int = MAX_HEIGHT_PX
    ) -> "Layout":
        """Return the layout for an upright picture of this size.

        Raises:
            ValueError: a size is not positive.
        """
        if min(width_px, height_px, max_height_px) < 1:
            raise ValueError(f"no picture has {width_px}×{height_px} px in {max_height_px} px")
        height = float(min(max(height_px, MIN_HEIGHT_PX), max_height_px))
        aspect = width_px / height_px
        narrowest, widest = VIEW_ASPECT
        view = min(max(aspect / 2, narrowest), widest)
        return cls(_even(aspect * height), _even(view * height), _even(height))

    @property
    def width_px(self) -> int:
        """Width of the output."""
        return self.picture_width_px + self.view_width_px


def _even(size: float) -> int:
    return max(2, 2 * round(size / 2))
