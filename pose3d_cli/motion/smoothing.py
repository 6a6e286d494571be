"""Take jitter out of trajectories without delaying them.

The smooth curve x of a measured curve y minimises Σ (x − y)² + strength Σ (second difference of x)²
(Whittaker 1923; Eilers 2003). Constants and straight lines cost nothing, so they pass
unchanged; the sum does not know past from future, so nothing is delayed; and it needs no padding,
so that any number of frames will do. Inside a clip its gain is that of a second-order Butterworth
filter run forwards and backwards: one half at the cutoff.
"""

from dataclasses import replace
from fractions import Fraction

import numpy as np
from jaxtyping import Float

from pose3d_cli.sequences import Pose3DSequence


def smooth(poses: Pose3DSequence, *, cutoff_hz: float) -> Pose3DSequence:
    """Return the poses without what moves faster than ``cutoff_hz``; 0 leaves them as they are."""
    from scipy.linalg import solveh_banded

    frames, strength = len(poses.positions_m), strength_of(cutoff_hz, poses.fps)
    if strength == 0 or frames < 3:
        return poses
    system = strength * curvature_bands(frames)
    system[2] += 1.0
    smoothed = np.asarray(solveh_banded(system, poses.positions_m.reshape(frames, -1)))
    return replace(poses, positions_m=smoothed.reshape(poses.positions_m.shape))


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
