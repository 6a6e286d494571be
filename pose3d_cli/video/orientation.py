"""How a stored picture has to be turned to stand upright."""

from dataclasses import dataclass, replace
from typing import Any, cast

import av
import cv2
import numpy as np
from jaxtyping import UInt8

from pose3d_cli.filming import Filming


@dataclass(frozen=True, slots=True)
class Orientation:
    """Rows and columns swapped first, then mirrored: all eight ways a camera can be held."""

    transposed: bool
    flipped_x: bool
    flipped_y: bool

    @classmethod
    def of(cls, frame: av.VideoFrame) -> "Orientation":
        """Read the display matrix, which takes (x, y) to (ax + cy, bx + dy).

        https://ffmpeg.org/doxygen/trunk/group__lavu__video__display.html; angles between the
        quarter turns, which no camera writes, go to the nearest one.
        """
        matrix = cast("Any", frame.side_data).get("DISPLAYMATRIX")
        if matrix is None:
            return cls(transposed=False, flipped_x=False, flipped_y=False)
        a, b, _, c, d = (int(entry) for entry in np.frombuffer(matrix, np.int32)[:5])
        if abs(b) + abs(c) > abs(a) + abs(d):
            return cls(transposed=True, flipped_x=c < 0, flipped_y=b < 0)
        return cls(transposed=False, flipped_x=a < 0, flipped_y=d < 0)

    def amended(self, filming: Filming) -> "Orientation":
        """Return how to turn a picture for which this is not enough."""
        amended = self
        for _ in range(filming.turn_deg // 90):
            # A quarter turn clockwise swaps rows and columns, then mirrors left to right.
            amended = Orientation(
                transposed=not amended.transposed,
                flipped_x=not amended.flipped_y,
                flipped_y=amended.flipped_x,
            )
        return replace(amended, flipped_x=amended.flipped_x ^ filming.mirrored)

    @property
    def rotation_deg(self) -> int:
        """The clockwise turn; a mirrored picture is turned first, then mirrored left to right."""
        return 90 * self.transposed + 180 * self.flipped_y

    def upright(self, picture: UInt8[np.ndarray, "h w 3"]) -> UInt8[np.ndarray, "h2 w2 3"]:
        """Return the picture as it is meant to be seen."""
        if self.transposed:
            picture = np.asarray(cv2.transpose(picture), np.uint8)
        if not (self.flipped_x or self.flipped_y):
            return picture
        # cv2.flip: 0 turns y over, positive x, negative both
        code = self.flipped_x if not self.flipped_y else -int(self.flipped_x)
        return np.asarray(cv2.flip(picture, int(code)), np.uint8)
