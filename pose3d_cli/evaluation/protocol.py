"""How the papers evaluate a lifter on a labelled data set, and how it should be done.

Where both differ, the published way is an option that is off by default.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float, Float32, Int

from pose3d_cli.datasets.labelled import LabelledSet, Recording, clips
from pose3d_cli.errors import UsageError
from pose3d_cli.evaluation.frame_errors import (
    acceleration_errors_mm,
    aligned_errors_mm,
    position_errors_mm,
    velocity_errors_mm,
)

LiftClips = Callable[[np.ndarray], np.ndarray]
"""Clips as ``Recording.seen`` (w, t, 17, 3) in; poses (w, t, 17, 3) in the data set's units out."""

CLIPS_AT_ONCE = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """What the lifter is shown, and what counts."""

    frames: int = 243
    two_d: Literal["detected", "truth"] = "detected"
    """Joints of a detector, or the true ones: the targets' own x and y."""
    centre_frame: bool = False
    """Lift a clip about every frame and keep its middle, as on MPI-INF-3DHP."""
    flip: bool = True
    """Average with the mirrored clip's mirrored result."""
    replace_xy: bool = False
    """Published 'ground truth' columns put the true x and y in place of the lifter's: depth alone
    is measured."""
    drop_tail: bool = False
    """Published evaluations leave out the last frames of a recording that fill no clip."""


@dataclass(frozen=True, slots=True, eq=False)
class RecordingErrors:
    """Of the frames that count, in millimetres."""

    action: str
    position: Float[np.ndarray, "f j"]
    aligned: Float[np.ndarray, "f j"]
    velocity: Float[np.ndarray, "p j"]
    acceleration: Float[np.ndarray, "q j"]


def evaluate(
    recordings: Iterable[Recording], labelled: LabelledSet, *, lift: LiftClips, protocol: Protocol
) -> Iterator[RecordingErrors]:
    """Yield the errors of each recording of which any frame counts.

    Raises:
        UsageError: the data set has no true x and y to show or to put in.
    """
    if (protocol.two_d == "truth" or protocol.replace_xy) and not labelled.picture_units:
        raise UsageError(
            f"this preparation of {labelled.name} has no true 2D joints beside its 3D joints",
            hint="Read it with true joints as its keypoints, such as data_2d_h36m_gt.npz.",
        )
    for recording in recordings:
        predicted_mm = _predicted_mm(recording, labelled, lift, protocol)
        truth_mm = _about_root(recording.truth_mm, labelled.root)
        counts = recording.valid & np.isfinite(predicted_mm).all((1, 2))
        if counts.any():
            yield _errors(recording.action, predicted_mm, truth_mm, counts)


def _errors(
    action: str,
    predicted_mm: Float[np.ndarray, "f j 3"],
    truth_mm: Float[np.ndarray, "f j 3"],
    counts: Bool[np.ndarray, " f"],
) -> RecordingErrors:
    steps = counts[1:] & counts[:-1]
    changes = steps[1:] & steps[:-1]
    return RecordingErrors(
        action,
        position=position_errors_mm(predicted_mm[counts], truth_mm[counts]),
        aligned=aligned_errors_mm(predicted_mm[counts], truth_mm[counts]),
        velocity=velocity_errors_mm(predicted_mm, truth_mm)[steps],
        acceleration=acceleration_errors_mm(predicted_mm, truth_mm)[changes],
    )


def _predicted_mm(
    recording: Recording, labelled: LabelledSet, lift: LiftClips, protocol: Protocol
) -> Float[np.ndarray, "f 17 3"]:
    """Return root-relative poses; the mean where clips overlap, NaN where none is."""
    seen = shown(recording, protocol.two_d)
    windows = _windows(recording, protocol)
    total = np.zeros((len(recording), *recording.target.shape[1:]))
    count = np.zeros((len(recording), 1, 1))
    for start in range(0, len(windows), CLIPS_AT_ONCE):
        part = windows[start : start + CLIPS_AT_ONCE]
        lifted = _lifted(seen[part], labelled, lift, protocol)
        if protocol.centre_frame:
            middle = protocol.frames // 2
            part, lifted = part[:, middle : middle + 1], lifted[:, middle : middle + 1]
        np.add.at(total, part, lifted)
        np.add.at(count, part, 1.0)
    mean = np.divide(total, count, out=np.full_like(total, np.nan), where=count > 0)
    return np.asarray(mean * recording.mm_per_unit[:, None, None])


def shown(
    recording: Recording, two_d: Literal["detected", "truth"]
) -> Float32[np.ndarray, "f 17 3"]:
    """Return what the lifter gets to see of a recording."""
    if two_d == "detected":
        return recording.seen
    return np.concatenate([recording.target[..., :2], np.ones_like(recording.seen[..., 2:])], -1)


def _windows(recording: Recording, protocol: Protocol) -> Int[np.ndarray, "w t"]:
    if not protocol.centre_frame:
        return clips(
            len(recording),
            frames=protocol.frames,
            stride=protocol.frames,
            drop_tail=protocol.drop_tail,
        )
    about = np.arange(protocol.frames) - protocol.frames // 2
    centres = np.flatnonzero(recording.valid)
    return np.asarray(np.clip(centres[:, None] + about, 0, len(recording) - 1))


def _lifted(
    seen: Float32[np.ndarray, "w t 17 3"],
    labelled: LabelledSet,
    lift: LiftClips,
    protocol: Protocol,
) -> Float[np.ndarray, "w t 17 3"]:
    poses = lift(seen)
    if protocol.flip:
        poses = (poses + mirrored(lift(mirrored(seen, labelled.mirror)), labelled.mirror)) / 2
    # The root itself is not the lifter's to say: the others are told relative to it.
    poses[..., labelled.root, :] = 0
    if protocol.replace_xy:
        poses[..., :2] = seen[..., :2]
    return _about_root(poses, labelled.root)


def mirrored(
    points: Float[np.ndarray, "*n 17 d"], mirror: tuple[int, ...]
) -> Float[np.ndarray, "*n 17 d"]:
    """Return joints as a mirror shows them: x negated, left and right exchanged."""
    sign = np.ones(points.shape[-1], points.dtype)
    sign[0] = -1
    return np.asarray(points[..., list(mirror), :] * sign)


def _about_root(poses: Float[np.ndarray, "*n j 3"], root: int) -> Float[np.ndarray, "*n j 3"]:
    return np.asarray(poses - poses[..., root : root + 1, :])
