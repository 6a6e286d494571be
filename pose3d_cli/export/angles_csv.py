"""CSV of joint angles: one line per person and frame, one column per angle, in degrees.

person      1 for the first
frame       of the clip, 0 for the first
time_s      its presentation time
…_deg       every angle of ``joint_angles.py``, where each is defined
…_confidence   how far it can be believed (``angle_trust.py``); empty if the result does not tell
"""

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from pose3d_cli.export.angle_trust import angle_confidence
from pose3d_cli.export.joint_angles import joint_angles_deg
from pose3d_cli.export.precision import (
    CONFIDENCE_DECIMALS,
    TIME_S_DECIMALS,
    rounded,
    to_decimals,
)
from pose3d_cli.files import written_whole
from pose3d_cli.sequences import Person, Result

DECIMALS = 2
"""Of degrees."""


def write_angles_csv(path: Path, result: Result) -> tuple[Path, ...]:
    """Write everybody's angles as one table; return where.

    Raises:
        OutputError: the file cannot be written.
        ValueError: a motion holds NaN, or is not one of ``RIG``.
    """
    with written_whole(path) as part, part.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        for place, person in enumerate(rounded(result).people):
            columns, *rows = _rows(person)
            table.writerows(rows if place else [columns, *rows])
    return (path,)


def _rows(person: Person) -> Iterator[tuple[object, ...]]:
    angles = joint_angles_deg(person.motion)
    values_deg = np.stack(list(angles.values()), axis=-1)
    if not np.all(np.isfinite(values_deg)):
        raise ValueError(f"the motion of person {person.id} holds NaN")
    yield (
        *("person", "frame", "time_s"),
        *(f"{name}_deg" for name in angles),
        *(f"{name}_confidence" for name in angles),
    )
    moments = zip(
        person.motion.times_s,
        to_decimals(values_deg, DECIMALS),
        _beliefs(person, list(angles)),
        strict=True,
    )
    for frame, (time_s, row_deg, row) in enumerate(moments, start=person.poses_2d.first_frame):
        yield (
            person.id,
            frame,
            f"{time_s:.{TIME_S_DECIMALS}f}",
            *(f"{value:.{DECIMALS}f}" for value in row_deg),
            *row,
        )


def _beliefs(person: Person, names: list[str]) -> list[list[str]]:
    if person.trust is None:
        return [[""] * len(names)] * len(person.motion.times_s)
    beliefs = np.stack(list(angle_confidence(person.trust, names).values()), axis=-1)
    return [[f"{belief:.{CONFIDENCE_DECIMALS}f}" for belief in row] for row in beliefs]
