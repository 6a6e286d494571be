"""Human3.6M as MotionBERT prepares it (Zhu et al. 2023): one pickle, read in a restricted way."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from pose3d_cli.datasets.h36m import SIZES_PX, WITHOUT_TRUTH, h36m_set
from pose3d_cli.datasets.labelled import (
    JOINTS,
    LabelledSet,
    Recording,
    array_of,
    h36m_action,
    in_picture_widths,
)
from pose3d_cli.datasets.pickled import read_pickle
from pose3d_cli.errors import InputError


def read_motionbert(path: Path) -> LabelledSet:
    """Read ``h36m_sh_conf_cam_source_final.pkl`` (Zhu et al. 2023), in a restricted way.

    Targets are joints in the picture's own scale: x, y where the picture shows them, z likewise.

    Raises:
        InputError: not such a file.
    """
    splits = read_pickle(path)
    if not isinstance(splits, Mapping) or not {"train", "test"} <= set(splits):
        raise InputError(f"{path}: expected the splits 'train' and 'test'")
    train, test = (tuple(_of_split(splits[split], path)) for split in ("train", "test"))
    return h36m_set(train, test, picture_units=True)


def _of_split(split: Any, path: Path) -> Iterator[Recording]:
    """Cut a split, in which all frames follow each other, where the source changes."""
    sources = [str(source) for source in _list_of(split, "source", path)]
    cameras = [str(camera) for camera in _list_of(split, "camera_name", path)]
    frames = len(sources)
    if unknown := set(cameras) - set(SIZES_PX):
        raise InputError(f"{path}: the cameras {sorted(unknown)} are not Human3.6M's")
    if len(cameras) != frames:
        raise InputError(f"{path}: {len(cameras)} camera names for {frames} sources")
    seen_px = array_of(split, "joint_2d", shape=(frames, JOINTS, 2), path=path)
    image = array_of(split, "joint3d_image", shape=(frames, JOINTS, 3), path=path)
    confidence = _confidence(split, frames, path)
    factor = _factor(split, frames, path)
    truth = (
        array_of(split, "joints_2.5d_image", shape=(frames, JOINTS, 3), path=path)
        if "joints_2.5d_image" in split
        else image * factor[:, None, None]
    )
    changes = [i for i in range(1, frames) if sources[i] != sources[i - 1]]
    for start, stop in zip([0, *changes], [*changes, frames], strict=True):
        part, source = slice(start, stop), sources[start]
        width, height = SIZES_PX[cameras[start]]
        depth = 2 * image[part, :, 2:] / width
        flat = in_picture_widths(image[part, :, :2], width_px=width, height_px=height)
        seen = in_picture_widths(seen_px[part], width_px=width, height_px=height)
        counts = (
            factor[part] > 0 if not source.startswith(WITHOUT_TRUTH) else np.zeros(stop - start)
        )
        yield Recording(
            name=source,
            subject=_subject(source),
            action=h36m_action(source),
            seen=np.concatenate([seen, confidence[part]], axis=-1),
            target=np.concatenate([flat, depth], axis=-1),
            mm_per_unit=factor[part] * width / 2,
            truth_mm=truth[part],
            valid=counts.astype(bool),
        )


def _list_of(split: Any, key: str, path: Path) -> list[Any]:
    if not isinstance(split, Mapping) or key not in split:
        raise InputError(f"{path}: '{key}' is missing")
    return list(split[key])


def _confidence(split: Mapping[str, Any], frames: int, path: Path) -> np.ndarray:
    if "confidence" not in split:
        return np.ones((frames, JOINTS, 1), np.float32)
    reshaped = {"confidence": np.asarray(split["confidence"]).reshape(frames, -1, 1)}
    return array_of(reshaped, "confidence", shape=(frames, JOINTS, 1), path=path)


def _factor(split: Mapping[str, Any], frames: int, path: Path) -> np.ndarray:
    """Return millimetres a pixel; 0 where the file does not say, which then cannot be evaluated."""
    if "2.5d_factor" not in split:
        return np.zeros(frames, np.float32)
    return array_of(split, "2.5d_factor", shape=(frames,), path=path)


def _subject(source: str) -> str:
    """Return ``S9`` of ``s_09_act_05_subact_02_ca_01``."""
    number = source.split("_")[1] if "_" in source else ""
    return f"S{int(number)}" if number.isdigit() else source
