"""A picture of everybody in a clip: a row a person, with their number and a few views."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from jaxtyping import UInt8

from pose3d_cli.errors import OutputError
from pose3d_cli.files import written_whole

VIEW_PX = (132, 176)
"""Width and height of a view."""
MARGIN_PX = 8
NUMBER_WIDTH_PX = 72
CAPTION_WIDTH_PX = 300
BACKGROUND = 24
INK = (230, 232, 238)
FAINT_INK = (158, 163, 174)
AROUND = 0.12
"""How much of its surroundings a view shows, in sides of the box."""

Picture = UInt8[np.ndarray, "_ _ 3"]
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One person."""

    number: int
    captions: tuple[str, ...]
    """Lines of text; plain ASCII, which is all that OpenCV's font has."""
    views: tuple[Picture, ...]


def crop(rgb: Picture, box_px: Box) -> Picture:
    """Return a view of what a box holds: undistorted, centred, cut off at the picture's edge."""
    x0, y0, x1, y1 = box_px
    height_px, width_px = rgb.shape[:2]
    share = max((x1 - x0) / VIEW_PX[0], (y1 - y0) / VIEW_PX[1], 1e-3) * (1 + 2 * AROUND)
    half = np.array(VIEW_PX) * share / 2
    middle = np.array([x0 + x1, y0 + y1]) / 2
    left, top = np.clip(middle - half, 0, [width_px - 1, height_px - 1]).astype(int).tolist()
    right, bottom = np.clip(middle + half, [left + 1, top + 1], [width_px, height_px]).astype(int)
    part = rgb[top:bottom, left:right]
    size = (max(1, round((right - left) / share)), max(1, round((bottom - top) / share)))
    return np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.uint8)


def contact_sheet(rows: Sequence[Row]) -> Picture:
    """Return the sheet, as wide as the person with the most views needs."""
    columns = max(len(row.views) for row in rows)
    cell_px = (VIEW_PX[0] + MARGIN_PX, VIEW_PX[1] + MARGIN_PX)
    width_px = MARGIN_PX + NUMBER_WIDTH_PX + columns * cell_px[0] + CAPTION_WIDTH_PX
    sheet = np.full((MARGIN_PX + len(rows) * cell_px[1], width_px, 3), BACKGROUND, np.uint8)
    for place, row in enumerate(rows):
        top = MARGIN_PX + place * cell_px[1]
        _write(sheet, str(row.number), (MARGIN_PX + 8, top + 56), scale=1.6, ink=INK)
        for column, view in enumerate(row.views):
            left = MARGIN_PX + NUMBER_WIDTH_PX + column * cell_px[0]
            height, width = (
                min(side, room) for side, room in zip(view.shape, VIEW_PX[::-1], strict=False)
            )
            down, right = top + (VIEW_PX[1] - height) // 2, left + (VIEW_PX[0] - width) // 2
            sheet[down : down + height, right : right + width] = view[:height, :width]
        left = MARGIN_PX + NUMBER_WIDTH_PX + columns * cell_px[0] + MARGIN_PX
        for line, caption in enumerate(row.captions):
            ink = FAINT_INK if line else INK
            _write(sheet, caption, (left, top + 24 + 24 * line), scale=0.5, ink=ink)
    return sheet


def write_png(path: Path, picture: Picture) -> None:
    """Write a picture.

    Raises:
        OutputError: the file cannot be written, or there are too many people for one picture.
    """
    try:
        _, data = cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    except cv2.error as error:
        raise OutputError(f"{path}: too many people for one picture") from error
    with written_whole(path) as part:
        part.write_bytes(data.tobytes())


def _write(
    sheet: Picture, text: str, origin: tuple[int, int], *, scale: float, ink: tuple[int, int, int]
) -> None:
    thickness = max(1, round(1.6 * scale))
    cv2.putText(sheet, text, origin, cv2.FONT_HERSHEY_SIMPLEX, scale, ink, thickness, cv2.LINE_AA)
