"""People filmed by one camera each, with the truth: what the field's data sets consist of."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Float32, Int

from pose3d_cli.errors import InputError

JOINTS = 17


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Recording:
    """One person, one action, one camera."""

    name: str
    subject: str
    action: str
    seen: Float32[np.ndarray, "f 17 3"]
    """x, y in half picture widths from the picture's middle (aspect kept), confidence 0 to 1."""
    target: Float32[np.ndarray, "f 17 3"]
    """What a lifter shall say, in the data set's own units and about any origin."""
    mm_per_unit: Float[np.ndarray, " f"]
    """Turns the lifter's root-relative units into millimetres, frame by frame."""
    truth_mm: Float[np.ndarray, "f 17 3"]
    """In the axes of the camera, about any origin."""
    valid: Bool[np.ndarray, " f"]
    """Frames that count in an evaluation."""

    def __len__(self) -> int:
        return len(self.seen)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LabelledSet:
    """A data set with its customary split."""

    name: str
    root: int
    """The joint about which poses are compared."""
    mirror: tuple[int, ...]
    """The joint that takes each joint's place in a mirror."""
    picture_units: bool
    """Whether the targets' x and y are where the picture shows the joints."""
    train: tuple[Recording, ...]
    test: tuple[Recording, ...]


def clips(length: int, *, frames: int, stride: int, drop_tail: bool) -> Int[np.ndarray, "w t"]:
    """Return the frames of every clip that a recording is cut into.

    A recording that is too short is one clip, stretched by repeating frames.

    Args:
        length: frames of the recording.
        frames: of a clip.
        stride: from one clip's first frame to the next one's.
        drop_tail: leave out what does not fill a clip, as the published evaluations do; otherwise
            one more clip ends at the last frame.
    """
    if length < frames:
        return (np.arange(frames) * length // frames)[None]
    starts = np.arange(0, length - frames + 1, stride)
    if not drop_tail and starts[-1] + frames < length:
        starts = np.append(starts, length - frames)
    windows: np.ndarray = starts[:, None] + np.arange(frames)
    return windows


def in_picture_widths(
    pixels: Float[np.ndarray, "f j 2"], *, width_px: int, height_px: int
) -> Float32[np.ndarray, "f j 2"]:
    """Return pixels as lifters of this field take them: x from −1 to 1, y to the same scale."""
    middle = np.array([1.0, height_px / width_px])
    return np.asarray(2 * pixels / width_px - middle, dtype=np.float32)


def array_of(values: Any, key: str, *, shape: Sequence[int | None], path: Path) -> np.ndarray:
    """Return an entry as an array of numbers; None in the shape stands for any length.

    Raises:
        InputError: it is missing, no numbers, or of another shape.
    """
    wanted = f"({', '.join('any' if size is None else str(size) for size in shape)})"
    if not isinstance(values, Mapping) or key not in values:
        raise InputError(f"{path}: '{key}' is missing; expected an array {wanted}")
    try:
        array = np.asarray(values[key], dtype=np.float32)
    except (TypeError, ValueError) as error:
        raise InputError(f"{path}: '{key}' is no array of numbers: {error}") from error
    fits = array.ndim == len(shape) and all(
        size in (None, actual) for size, actual in zip(shape, array.shape, strict=True)
    )
    if not fits:
        raise InputError(f"{path}: '{key}' is {array.shape}, expected {wanted}")
    if not np.isfinite(array).all():
        raise InputError(f"{path}: '{key}' holds numbers that are not finite")
    return array


ACTIONS = (
    "Directions", "Discussion", "Eating", "Greeting", "Phoning", "Photo", "Posing", "Purchases",
    "Sitting", "SittingDown", "Smoking", "Waiting", "WalkDog", "Walking", "WalkTogether",
)  # fmt: skip
"""Human3.6M's fifteen, in the order of the papers' tables."""

_BY_NUMBER = {
    2: "Directions", 3: "Discussion", 4: "Eating", 5: "Greeting", 6: "Phoning", 7: "Posing",
    8: "Purchases", 9: "Sitting", 10: "SittingDown", 11: "Smoking", 12: "Photo", 13: "Waiting",
    14: "Walking", 15: "WalkDog", 16: "WalkTogether",
}  # fmt: skip
_OTHER_NAMES = {"TakingPhoto": "Photo", "WalkingDog": "WalkDog", "WalkingTogether": "WalkTogether"}


def h36m_action(label: str) -> str:
    """Return the action that ``s_09_act_05_subact_02_ca_01`` or ``WalkingDog 1`` is about."""
    if (number := re.search(r"act_(\d+)", label)) and int(number[1]) in _BY_NUMBER:
        return _BY_NUMBER[int(number[1])]
    name = label.partition(" ")[0].partition("_")[0]
    return _OTHER_NAMES.get(name, name)
