"""A person's number on a disc of their colour: what tells people apart in a still."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Float, Float32, UInt8

from pose3d_cli.render.palette import OUTLINE, Palette, Rgb
from pose3d_cli.sequences import Person

HEIGHT = 0.034
"""Height of a label over that of the panel."""
SMALLEST_PX = 14
FINER = 4
"""Labels are drawn this much larger and then shrunk: smooth edges."""
PAPER: Rgb = (250, 250, 252)
FONT = cv2.FONT_HERSHEY_DUPLEX


@dataclass(frozen=True, slots=True, eq=False)
class Label:
    """A drawn number."""

    rgb: UInt8[np.ndarray, "h w 3"]
    cover: Float32[np.ndarray, "h w"]

    @classmethod
    def of(cls, number: int, colour: Rgb, *, panel_height_px: int) -> "Label":
        """Draw a number as large as the panel asks for."""
        height = FINER * max(SMALLEST_PX, round(HEIGHT * panel_height_px))
        text = str(number)
        scale = 0.58 * height / cv2.getTextSize("0", FONT, 1.0, 1)[0][1]
        thickness = max(1, round(0.07 * height))
        (wide, high), _ = cv2.getTextSize(text, FONT, scale, thickness)
        width = FINER * round(max(height, wide + 0.5 * height) / FINER)
        fine = np.full((height, width, 3), OUTLINE, np.uint8)
        cover = np.zeros((height, width), np.uint8)
        middle, radius = height // 2, height // 2 - 1
        ends = ((middle, middle), (width - 1 - middle, middle))
        cv2.line(cover, *ends, 255, 2 * radius)
        cv2.line(fine, *ends, colour, 2 * radius - round(0.16 * height))
        at = ((width - wide) // 2, (height + high) // 2)
        ink = OUTLINE if sum(colour) > 3 * 160 else PAPER
        cv2.putText(fine, text, at, FONT, scale, ink, thickness, cv2.LINE_AA)
        size = (width // FINER, height // FINER)
        small = cv2.resize(cover, size, interpolation=cv2.INTER_AREA).astype(np.float32)
        return cls(
            np.asarray(cv2.resize(fine, size, interpolation=cv2.INTER_AREA), np.uint8),
            small / np.float32(255),
        )

    def draw(self, rgb: UInt8[np.ndarray, "h w 3"], *, at_px: Float[np.ndarray, "2"]) -> None:
        """Lay the label over a picture with its middle at ``at_px``, or what of it is inside."""
        height, width = self.cover.shape
        left, top = np.rint(at_px - [width / 2, height / 2]).astype(int).tolist()
        rows = slice(max(top, 0), max(min(top + height, rgb.shape[0]), 0))
        columns = slice(max(left, 0), max(min(left + width, rgb.shape[1]), 0))
        under = rgb[rows, columns]
        if not under.size:
            return
        mine = (
            slice(rows.start - top, rows.stop - top),
            slice(columns.start - left, columns.stop - left),
        )
        cover = np.ascontiguousarray(self.cover[mine])
        under[:] = cv2.blendLinear(np.ascontiguousarray(self.rgb[mine]), under, cover, 1 - cover)


def labels_of(
    people: Sequence[Person], palette: Palette, *, panel_height_px: int
) -> list[Label | None]:
    """Return everybody's label; somebody who is alone needs none."""
    return [
        Label.of(person.id, palette.middle(person.id), panel_height_px=panel_height_px)
        if len(people) > 1
        else None
        for person in people
    ]
