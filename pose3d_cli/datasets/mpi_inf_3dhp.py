"""MPI-INF-3DHP as P-STMO prepares it: two archives of joints by sequence.

Mehta et al. 2017; the archives' layout is that of https://github.com/paTRICK-swk/P-STMO. Joints in an
order of their own, root 14 (the pelvis): head top, neck, right and left arm from the shoulder, right and
left leg from the hip, pelvis, spine, head.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from pose3d_cli.datasets.labelled import (
    JOINTS,
    LabelledSet,
    Recording,
    array_of,
    in_picture_widths,
)
from pose3d_cli.datasets.pickled import read_npz_object
from pose3d_cli.errors import InputError

ROOT = 14
_SIDES = ((2, 5), (3, 6), (4, 7), (8, 11), (9, 12), (10, 13))
MIRROR = tuple(
    dict([*_SIDES, *((left, right) for right, left in _SIDES)]).get(joint, joint)
    for joint in range(JOINTS)
)
_SQUARE_PX, _OUTDOORS_PX = (2048, 2048), (1920, 1080)
_OUTDOORS = ("TS5", "TS6")


def read_mpi_inf_3dhp(train: Path, *, test: Path) -> LabelledSet:
    """Read ``data_train_3dhp.npz`` and ``data_test_3dhp.npz``.

    Targets are millimetres in the axes of the camera, divided by half the picture's width in pixels,
    as in the published recipes: half a picture's width is no length, but the scale suits a network.

    Raises:
        InputError: not such files.
    """
    return LabelledSet(
        name="MPI-INF-3DHP",
        root=ROOT,
        mirror=MIRROR,
        picture_units=False,
        train=tuple(_training(_by_sequence(train), train)),
        test=tuple(
            _recording(name, "test", sequence, test)
            for name, sequence in _by_sequence(test).items()
        ),
    )


def _by_sequence(path: Path) -> Mapping[str, Any]:
    values = read_npz_object(path, "data")
    if not isinstance(values, Mapping) or not values:
        raise InputError(f"{path}: expected sequences by name")
    return values


def _training(sequences: Mapping[str, Any], path: Path) -> Iterator[Recording]:
    for name, sequence in sequences.items():
        cameras = sequence[0] if isinstance(sequence, (list, tuple)) and sequence else None
        if not isinstance(cameras, Mapping):
            raise InputError(f"{path}: expected cameras and a rate for '{name}'")
        for camera, filmed in cameras.items():
            yield _recording(f"{name} {camera}", name.split(" ")[0], filmed, path)


def _recording(name: str, subject: str, filmed: Any, path: Path) -> Recording:
    keypoints = array_of(filmed, "data_2d", shape=(None, JOINTS, 2), path=path)
    frames = len(keypoints)
    truth_mm = array_of(filmed, "data_3d", shape=(frames, JOINTS, 3), path=path)
    width, height = _OUTDOORS_PX if name in _OUTDOORS else _SQUARE_PX
    valid = (
        array_of(filmed, "valid", shape=(frames,), path=path) > 0
        if "valid" in filmed
        else np.ones(frames, bool)
    )
    seen = in_picture_widths(keypoints, width_px=width, height_px=height)
    return Recording(
        name=name,
        subject=subject,
        action=name,
        seen=np.concatenate([seen, np.ones((frames, JOINTS, 1), np.float32)], axis=-1),
        target=truth_mm * np.float32(2 / width),
        mm_per_unit=np.full(frames, width / 2),
        truth_mm=truth_mm,
        valid=valid,
    )
