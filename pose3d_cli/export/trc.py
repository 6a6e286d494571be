"""TRC: the joints as markers, for OpenSim and other programs of biomechanics.

Millimetres with y up, as OpenSim has it; the markers are the joints of ``result.json``, at a
constant frame rate. Times count from the start of the clip, so that the files of several people
stay together. Every line of the table has as many cells, and a blank line comes before its data.

References: Motion Analysis Corporation's layout, as OpenSim's documentation describes it ("Marker
(.trc) Files"), and OpenSim's reader, ``OpenSim/Common/TRCFileAdapter.cpp``.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from jaxtyping import Float

from pose3d_cli.export.constant_rate import at_constant_rate
from pose3d_cli.export.markers import markers_mm
from pose3d_cli.export.per_person import one_path_a_person
from pose3d_cli.export.precision import TIME_S_DECIMALS, rounded, to_decimals
from pose3d_cli.files import written_whole
from pose3d_cli.sequences import Motion, Result
from pose3d_cli.skeleton import H36M17

DECIMALS = 3
"""Of millimetres."""


def write_people_trc(path: Path, result: Result) -> tuple[Path, ...]:
    """Write one file per person, because the format knows no people; return where.

    Raises:
        OutputError: a file cannot be written.
        ValueError: a motion holds NaN, or is not one of ``RIG``.
    """
    result = rounded(result)
    paths = one_path_a_person(path, len(result.people))
    for person_path, person in zip(paths, result.people, strict=True):
        write_trc(person_path, person.motion, clip_start_s=result.times_s[0])
    return paths


def write_trc(path: Path, motion: Motion, *, clip_start_s: float) -> None:
    """Write the joints of one motion.

    Raises:
        OutputError: the file cannot be written.
        ValueError: the motion holds NaN, or is not one of ``RIG``.
    """
    motion = at_constant_rate(motion)
    places_mm = markers_mm(motion)
    first_s = motion.times_s[0] - clip_start_s
    lines = [*_header(path.name, motion), *_rows(places_mm, motion=motion, first_s=first_s)]
    with written_whole(path) as part:
        part.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def _header(name: str, motion: Motion) -> Iterator[str]:
    rate_hz, count = f"{float(motion.fps):.6f}", len(motion.times_s)
    values = {
        "DataRate": rate_hz,
        "CameraRate": rate_hz,
        "NumFrames": count,
        "NumMarkers": len(H36M17),
        "Units": "mm",
        "OrigDataRate": rate_hz,
        "OrigDataStartFrame": 1,
        "OrigNumFrames": count,
    }
    numbers = range(1, len(H36M17) + 1)
    yield _cells("PathFileType", 4, "(X/Y/Z)", name)
    yield _cells(*values)
    yield _cells(*values.values())
    yield _cells("Frame#", "Time", *(cell for joint in H36M17.joints for cell in (joint, "", "")))
    yield _cells("", "", *(f"{axis}{number}" for number in numbers for axis in "XYZ"))
    yield ""


def _rows(
    places_mm: Float[np.ndarray, "f 17 3"], *, motion: Motion, first_s: float
) -> Iterator[str]:
    for row, row_mm in enumerate(to_decimals(places_mm, DECIMALS)):
        time_s = first_s + row / float(motion.fps)
        yield _cells(
            row + 1,
            f"{time_s:.{TIME_S_DECIMALS}f}",
            *(f"{value_mm:.{DECIMALS}f}" for value_mm in row_mm.flat),
        )


def _cells(*cells: object) -> str:
    return "\t".join(map(str, cells))
