"""Fit a picture of any size into what a network takes, and points back into the picture."""

from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Float, UInt8

GREY = 114
"""Of what surrounds the picture; networks were trained with it."""
STRIDE_PX = 32
"""Of the network's coarsest grid, of which its input's sides are multiples."""


@dataclass(frozen=True, slots=True)
class Letterbox:
    """A picture shrunk or grown to a network's longest side, with as little around it as may be.

    The same rectangle as Ultralytics' ``LetterBox(auto=True)``:
    https://docs.ultralytics.com/reference/data/augment/#ultralytics.data.augment.LetterBox.
    """

    picture_px: tuple[int, int]
    """Width, height of the picture."""
    inner_px: tuple[int, int]
    """Width, height of the scaled picture."""
    corner_px: tuple[int, int]
    """Where its top left corner lies in the input."""
    input_px: tuple[int, int]
    """Width, height of the input: multiples of the network's stride."""

    @classmethod
    def around(cls, width_px: int, height_px: int, *, longest_px: int) -> "Letterbox":
        """Fit a picture of that size."""
        scale = longest_px / max(width_px, height_px)
        inner = tuple(max(1, round(side * scale)) for side in (width_px, height_px))
        spare = tuple((longest_px - side) % STRIDE_PX for side in inner)
        return cls(
            picture_px=(width_px, height_px),
            inner_px=(inner[0], inner[1]),
            corner_px=(spare[0] // 2, spare[1] // 2),
            input_px=(inner[0] + spare[0], inner[1] + spare[1]),
        )

    def laid_out(self, rgb: UInt8[np.ndarray, "h w 3"]) -> UInt8[np.ndarray, "h2 w2 3"]:
        """Return the network's input."""
        (x, y), (width, height) = self.corner_px, self.inner_px
        laid_out = np.full((self.input_px[1], self.input_px[0], 3), GREY, np.uint8)
        inner = laid_out[y : y + height, x : x + width]
        inner[:] = rgb if rgb.shape == inner.shape else cv2.resize(rgb, self.inner_px)
        return laid_out

    def back(self, points_px: Float[np.ndarray, "*n 2"]) -> Float[np.ndarray, "*n 2"]:
        """Return where points of the input are in the picture."""
        # Each side was rounded by itself.
        return (points_px - self.corner_px) * np.divide(self.picture_px, self.inner_px)
