"""Human3.6M as VideoPose3D prepares it (Pavllo et al. 2019): archives of joints by action."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from pose3d_cli.datasets.h36m import SIZES_PX, TEST, TRAIN, h36m_set
from pose3d_cli.datasets.labelled import (
    JOINTS,
    LabelledSet,
    Recording,
    array_of,
    h36m_action,
    in_picture_widths,
)
from pose3d_cli.datasets.pickled import read_npz_object
from pose3d_cli.errors import InputError

_OF_32_JOINTS = (0, 1, 2, 3, 6, 7, 8, 12, 13, 14, 15, 17, 18, 19, 25, 26, 27)


def read_videopose3d(keypoints: Path, *, positions: Path, cameras: Path) -> LabelledSet:
    """Read ``data_2d_h36m_*.npz`` and ``data_3d_h36m.npz`` (Pavllo et al. 2019).

    Targets are metres in the axes of the camera.

    Args:
        keypoints: joints in the picture, detected or true.
        positions: joints in the world.
        cameras: ``camera-parameters.json`` (https://github.com/karfly/human36m-camera-parameters).

    Raises:
        InputError: not such files.
    """
    seen = read_npz_object(keypoints, "positions_2d")
    world = read_npz_object(positions, "positions_3d")
    placed = _cameras(cameras)
    for values, path in ((seen, keypoints), (world, positions)):
        if not isinstance(values, Mapping) or not all(
            isinstance(v, Mapping) for v in values.values()
        ):
            raise InputError(f"{path}: expected actions by subject")
    found = [
        recording
        for subject in (*TRAIN, *TEST)
        for action, by_camera in seen.get(subject, {}).items()
        if action in world.get(subject, {})
        for recording in _filmed(
            subject, action, by_camera, world[subject], placed, paths=(keypoints, positions)
        )
    ]
    train, test = (tuple(r for r in found if r.subject in part) for part in (TRAIN, TEST))
    if not train and not test:
        raise InputError(f"{keypoints} and {positions} have no action of any subject in common")
    return h36m_set(train, test, picture_units=False)


def _filmed(
    subject: str,
    action: str,
    by_camera: Any,
    world: Mapping[str, Any],
    placed: Mapping[tuple[str, str], tuple[np.ndarray, np.ndarray]],
    *,
    paths: tuple[Path, Path],
) -> Iterator[Recording]:
    """Yield an action as each camera sees it."""
    positions = array_of(world, action, shape=(None, None, 3), path=paths[1])
    if positions.shape[1] == 32:
        positions = positions[:, _OF_32_JOINTS]
    for index, (camera, (width, height)) in enumerate(SIZES_PX.items()):
        if index >= len(by_camera) or (subject, camera) not in placed:
            raise InputError(f"{paths[0]}: {subject}, {action}: no joints or no camera {camera}")
        keypoints = array_of({action: by_camera[index]}, action, shape=(None, 17, 2), path=paths[0])
        # Some videos are a few frames longer than the motion that was captured with them.
        frames = min(len(keypoints), len(positions))
        turn, shift_mm = placed[subject, camera]
        truth_mm = 1e3 * positions[:frames].astype(np.float64) @ turn.T + shift_mm
        seen = in_picture_widths(keypoints[:frames], width_px=width, height_px=height)
        yield Recording(
            name=f"{subject} {action} {camera}",
            subject=subject,
            action=h36m_action(action),
            seen=np.concatenate([seen, np.ones((frames, JOINTS, 1), np.float32)], axis=-1),
            target=(1e-3 * truth_mm).astype(np.float32),
            mm_per_unit=np.full(frames, 1e3),
            truth_mm=truth_mm,
            valid=np.ones(frames, bool),
        )


def _cameras(path: Path) -> dict[tuple[str, str], tuple[np.ndarray, np.ndarray]]:
    """Return ``camera_from_world`` as a rotation and a shift in millimetres."""
    try:
        extrinsics = json.loads(path.read_text(encoding="utf-8"))["extrinsics"]
        return {
            (subject, camera): (
                np.asarray(place["R"], float).reshape(3, 3),
                np.asarray(place["t"], float).reshape(3),
            )
            for subject, cameras in extrinsics.items()
            for camera, place in cameras.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path} is no camera-parameters.json: {error}") from error
