"""NPZ: all of ``result.json`` as NumPy arrays, for scripts that would rather not parse.

An array is called by its way through the document, joined by underscores; people and models count
from 1. Numbers are the same to the last digit. None needs pickle. With f frames of the clip, g of
them with the person (``person1_start`` is the first), j joints and r joints of the rig:

    time_s                        f       presentation times
    source_fps_num, _den          ()      the exact frame rate; likewise all of ``source``
    skeleton_joints, _parents     j       names; each one's parent, −1 for the root
    rig_joints, _parents          r
    person1_id, _start, _count    ()
    person1_joints3d              g j 3   metres, in the world
    person1_joints3d_raw          g j 3   metres from joint 0, in the camera's axes
    person1_keypoints2d           g j 3   x, y in pixels; confidence
    person1_observed              g j     true or false
    person1_root                  g 3     metres, in the world
    person1_local_quat_wxyz       g r 4
    person1_rig_offsets_m         r 3
    person1_camera_from_world     4 4
    person1_confidence3d          g j     0 to 1
    person1_foot_contacts         g 2     left, right: true where a foot stands

    with np.load("result.npz") as arrays:
        hips_m = arrays["person1_joints3d"][:, arrays["skeleton_joints"] == "pelvis"]
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from jaxtyping import Shaped

from pose3d_cli.export.document import document_of
from pose3d_cli.files import written_whole
from pose3d_cli.sequences import Result

ONE_OF = {"people": "person", "models": "model"}
"""What an entry of a list of objects is called."""


def write_npz(path: Path, result: Result) -> tuple[Path, ...]:
    """Write a result as a compressed NPZ; return where.

    Raises:
        OutputError: the file cannot be written.
        ValueError: the result holds NaN, or people whose times are not the clip's.
    """
    arrays = dict(_arrays(document_of(result)))
    # NumPy dates every member 1980: the same result is the same bytes
    with written_whole(path) as part, part.open("wb") as file:
        np.savez_compressed(file, **arrays)  # type: ignore[arg-type]  # stubs suspect allow_pickle
    return (path,)


def _arrays(
    document: Mapping[str, object], where: str = ""
) -> Iterator[tuple[str, Shaped[np.ndarray, "..."]]]:
    for key, value in document.items():
        if isinstance(value, dict):
            yield from _arrays(value, f"{where}{key}_")
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for number, entry in enumerate(value, start=1):
                yield from _arrays(entry, f"{where}{ONE_OF[key]}{number}_")
        else:
            array = np.asarray(value, order="C")  # or the same numbers are other bytes
            if array.dtype.kind == "f" and not np.all(np.isfinite(array)):
                raise ValueError(f"{where}{key} holds NaN")
            yield f"{where}{key}", array
