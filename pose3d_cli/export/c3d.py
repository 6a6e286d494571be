"""C3D: the joints as markers, for Visual3D, Mokka, MATLAB toolboxes and others of biomechanics.

Millimetres with y up, as in our TRC, at a constant frame rate; the first frame's number counts from
the start of the clip, so that the files of several people stay together. Every joint is fitted in
every frame, so that none is missing. Needs the package ``ezc3d``: ``pip install 'pose3d-cli[c3d]'``.

Reference: Motion Lab Systems, "The C3D File Format" (c3d.org).
"""

from pathlib import Path

import numpy as np

from pose3d_cli.errors import UsageError
from pose3d_cli.export.constant_rate import at_constant_rate
from pose3d_cli.export.markers import markers_mm
from pose3d_cli.export.per_person import one_path_a_person
from pose3d_cli.export.precision import rounded
from pose3d_cli.files import written_whole
from pose3d_cli.sequences import Motion, Result
from pose3d_cli.skeleton import H36M17


def write_people_c3d(path: Path, result: Result) -> tuple[Path, ...]:
    """Write one file per person, because the format knows no people; return where.

    Raises:
        OutputError: a file cannot be written.
        UsageError: ezc3d is not installed.
        ValueError: a motion holds NaN, or is not one of ``RIG``.
    """
    result = rounded(result)
    paths = one_path_a_person(path, len(result.people))
    for person_path, person in zip(paths, result.people, strict=True):
        _write(person_path, person.motion, clip_start_s=float(result.times_s[0]))
    return paths


def _write(path: Path, motion: Motion, *, clip_start_s: float) -> None:
    try:
        import ezc3d
    except ImportError as error:
        raise UsageError(
            f"{path}: C3D needs the package ezc3d", hint="pip install 'pose3d-cli[c3d]'"
        ) from error
    motion = at_constant_rate(motion)
    places_mm = markers_mm(motion)
    rate_hz = float(motion.fps)
    file = ezc3d.c3d()
    file["header"]["points"]["first_frame"] = round((motion.times_s[0] - clip_start_s) * rate_hz)
    file["parameters"]["POINT"]["RATE"]["value"] = [rate_hz]
    file["parameters"]["POINT"]["UNITS"]["value"] = ["mm"]
    file["parameters"]["POINT"]["LABELS"]["value"] = list(H36M17.joints)
    file.add_parameter("POINT", "X_SCREEN", "+X")
    file.add_parameter("POINT", "Y_SCREEN", "+Y")
    points = np.ones((4, len(H36M17), len(places_mm)))
    points[:3] = places_mm.transpose(2, 1, 0)
    file["data"]["points"] = points
    with written_whole(path) as part:
        file.write(str(part))
