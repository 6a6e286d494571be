"""Show every layout and theme in one picture, of one frame of a clip.

python examples/contact_sheet.py RESULT.json CLIP.mp4 SHEET.jpg FRAME
"""

import sys
from pathlib import Path

import cv2
import numpy as np

from pose3d_cli.cli.results import read_result
from pose3d_cli.render import Renderer, RenderSettings
from pose3d_cli.render.still import write_still
from pose3d_cli.sequences import Frame, Result
from pose3d_cli.video.reader import read_frames

ROWS = (
    (RenderSettings(layout="side", trail_s=1.0), RenderSettings(layout="3d-only", theme="light")),
    (
        RenderSettings(layout="overlay"),
        RenderSettings(layout="pip", theme="light"),
        RenderSettings(layout="3d-only", orbit_rad_s=-0.4, trail_s=2.0),
    ),
)
WIDTH_PX = 1400
GAP_PX = 6


def tile(result: Result, frame: Frame, settings: RenderSettings) -> np.ndarray:
    """Draw one frame in one way."""
    return Renderer.of(result.people, camera=result.camera, settings=settings).compose(frame)


def row_of(tiles: list[np.ndarray]) -> np.ndarray:
    """Put pictures side by side, all of one height, together as wide as the sheet."""
    aspects = [picture.shape[1] / picture.shape[0] for picture in tiles]
    height_px = round((WIDTH_PX - GAP_PX * (len(tiles) - 1)) / sum(aspects))
    row = np.full((height_px, WIDTH_PX, 3), 255, np.uint8)
    left = 0.0
    for picture, aspect in zip(tiles, aspects, strict=True):
        start, stop = round(left), min(round(left + aspect * height_px), WIDTH_PX)
        size = (stop - start, height_px)
        row[:, start:stop] = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
        left += aspect * height_px + GAP_PX
    return row


def main(source: Path, clip: Path, target: Path, index: int) -> None:
    """Write the sheet of one frame."""
    result = read_result(source, video=clip)
    frame = next(frame for frame in read_frames(result.clip) if frame.index >= index)
    rows = [row_of([tile(result, frame, settings) for settings in row]) for row in ROWS]
    gap = np.full((GAP_PX, WIDTH_PX, 3), 255, np.uint8)
    write_still(target, np.concatenate([rows[0], gap, rows[1]]))


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]))
