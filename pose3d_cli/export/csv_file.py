"""CSV: one line per person, frame and joint ("tidy"), for pandas, R and spreadsheets.

    person      1 for the first
    frame       of the clip, 0 for the first
    time_s      its presentation time
    joint       by name
    x_m … z_m   in the world: y up, floor at 0, +z towards the camera
    x_px, y_px  in the upright picture, from its top left corner
    confidence  of the joint in the picture, 0 to 1
    observed    true where the joint was seen, false where it was filled in
    confidence3d  chance that the joint in space is within 10 cm; empty in results of old versions

The numbers are those of ``result.json``, to the last digit. Lines are sorted by person, frame and
the skeleton's order of joints.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from pose3d_cli.export.precision import (
    CONFIDENCE_DECIMALS,
    JOINT_M_DECIMALS,
    PIXEL_DECIMALS,
    TIME_S_DECIMALS,
    rounded,
)
from pose3d_cli.files import written_whole
from pose3d_cli.sequences import Person, Result

COLUMNS = (
    "person",
    "frame",
    "time_s",
    "joint",
    "x_m",
    "y_m",
    "z_m",
    "x_px",
    "y_px",
    "confidence",
    "observed",
    "confidence3d",
)
_DECIMALS = (*[JOINT_M_DECIMALS] * 3, *[PIXEL_DECIMALS] * 2, CONFIDENCE_DECIMALS)


def write_csv(path: Path, result: Result) -> tuple[Path, ...]:
    """Write a result as one table; return where.

    Raises:
        OutputError: the file cannot be written.
        ValueError: the result holds NaN.
    """
    with written_whole(path) as part, part.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(COLUMNS)
        for person in rounded(result).people:
            table.writerows(_rows(person))
    return (path,)


def _rows(person: Person) -> Iterator[tuple[object, ...]]:
    seen = person.poses_2d
    numbers = np.dstack([person.world.positions_m, seen.keypoints_px, seen.confidence])
    if not np.all(np.isfinite(numbers)):
        raise ValueError(f"person {person.id} has NaN")
    trusted = None if person.trust is None else person.trust.confidence
    for row, time_s in enumerate(seen.times_s):
        moment = (person.id, seen.first_frame + row, f"{time_s:.{TIME_S_DECIMALS}f}")
        for joint, name in enumerate(seen.skeleton.joints):
            values = zip(numbers[row, joint], _DECIMALS, strict=True)
            yield (
                *moment,
                name,
                *(f"{value:.{decimals}f}" for value, decimals in values),
                "true" if seen.observed[row, joint] else "false",
                "" if trusted is None else f"{trusted[row, joint]:.{CONFIDENCE_DECIMALS}f}",
            )
