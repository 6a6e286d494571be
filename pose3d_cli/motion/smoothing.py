"""Take jitter out of trajectories without delaying them.

The smooth curve x of a measured curve y minimises Σ weight (x − y)² + strength Σ (second difference
of x)² (Whittaker 1923; Eilers 2003). Constants and straight lines cost nothing, so they pass
unchanged; the sum does not know past from future, so nothing is delayed; and it needs no padding,
so that any number of frames will do. Inside a clip its gain is that of a second-order Butterworth
filter run forwards and backwards: one half at the cutoff.
"""

from dataclasses import replace
from fractions import Fraction

import numpy as np
from jaxtyping import Float

from pose3d_cli.sequences import Pose2DSequence, Pose3DSequence

LEAST_WEIGHT = 0.05
"""Of a joint that was filled in rather than seen; an observed one weighs its confidence."""


def smooth(poses: Pose3DSequence, *, cutoff_hz: float) -> Pose3DSequence:
    """Return the poses without what moves faster than ``cutoff_hz``; 0 leaves them as they are."""
    frames = len(poses.positions_m)
    strength = strength_of(cutoff_hz, poses.fps)
    flat = poses.positions_m.reshape(frames, -1)
    smoothed = _smoothed(flat, weights=np.ones(frames), strength=strength)
    return replace(poses, positions_m=smoothed.reshape(poses.positions_m.shape))


def smooth_2d(poses: Pose2DSequence, *, cutoff_hz: float) -> Pose2DSequence:
    """Return the keypoints smoothed likewise; the less certain ones follow their neighbours."""
    strength = strength_of(cutoff_hz, poses.fps)
    weights = np.maximum(poses.confidence * poses.observed, LEAST_WEIGHT)
    joints = [
        _smoothed(poses.keypoints_px[:, joint], weights=weights[:, joint], strength=strength)
        for joint in range(len(poses.skeleton))
    ]
    return replace(poses, keypoints_px=np.stack(joints, axis=1))


def curvature_bands(
    frames: int, price: Float[np.ndarray, " d"] | None = None
) -> Float[np.ndarray, "3 f"]:
    """Return DᵀPD, D taking second differences, as ``scipy.linalg.solveh_banded`` wants it (upper).

    Row 2 is the diagonal, rows 1 and 0 the two diagonals above it, filled from the right. P is the
    diagonal matrix of what each second difference costs, by default 1.
    """
    bands = np.zeros((3, frames))
    if frames > 2:
        each = np.ones(frames - 2) if price is None else price
        for shift, weight in enumerate((1.0, 4.0, 1.0)):
            bands[2, shift : frames - 2 + shift] += weight * each
        bands[1, 1:-1] -= 2.0 * each
        bands[1, 2:] -= 2.0 * each
        bands[0, 2:] = each
    return bands


def strength_of(cutoff_hz: float, fps: Fraction) -> float:
    """Return the strength at which a sine of the cutoff frequency keeps half its amplitude."""
    if cutoff_hz < 0:
        raise ValueError(f"cutoff {cutoff_hz} Hz: expected 0 (off) or more")
    if cutoff_hz == 0 or 2 * cutoff_hz >= fps:
        return 0.0
    return float((2 * np.sin(np.pi * cutoff_hz / float(fps))) ** -4)


def _smoothed(
    values: Float[np.ndarray, "f n"], *, weights: Float[np.ndarray, " f"], strength: float
) -> Float[np.ndarray, "f n"]:
    from scipy.linalg import solveh_banded

    if strength == 0 or len(values) < 3:
        return values
    system = strength * curvature_bands(len(values))
    system[2] += weights
    return np.asarray(solveh_banded(system, weights[:, None] * values))
