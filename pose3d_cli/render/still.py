"""One picture that stands for a whole clip."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from jaxtyping import UInt8

from pose3d_cli.errors import OutputError
from pose3d_cli.files import written_whole
from pose3d_cli.sequences import Person

JPEG_QUALITY = 92


def telling_frame(people: Sequence[Person]) -> int:
    """Return the frame in which people are seen best and reach out the farthest; 0 for nobody."""
    if not people:
        return 0
    last = max(p.poses_2d.first_frame + len(p.world.positions_m) for p in people)
    score = np.zeros(last)
    for person in people:
        first, positions_m = person.poses_2d.first_frame, person.world.positions_m
        reach_m = np.linalg.norm(positions_m - positions_m[:, :1], axis=-1)
        seen = np.where(person.poses_2d.observed, person.poses_2d.confidence, 0)
        score[first : first + len(reach_m)] += (reach_m * seen).sum(axis=1)
    return int(np.argmax(score))


def write_still(path: Path, rgb: UInt8[np.ndarray, "h w 3"]) -> None:
    """Write a picture as PNG or JPEG, as the suffix asks.

    Raises:
        OutputError: the folder is missing, read-only or full.
    """
    suffix = path.suffix.lower()
    # OpenCV warns on stderr if it is told a JPEG's quality for a PNG.
    quality = [] if suffix == ".png" else [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
    fine, encoded = cv2.imencode(suffix, cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), quality)
    if not fine:
        raise OutputError(f"cannot encode {path}", hint="Choose .png or .jpg.")
    with written_whole(path) as part:
        part.write_bytes(encoded.tobytes())
