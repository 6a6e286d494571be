"""Error measures that keep their frames and joints. Poses and errors are in millimetres."""

import numpy as np
from jaxtyping import Float

from pose3d_cli.geometry.align import aligned

Poses = Float[np.ndarray, "f j 3"]
Errors = Float[np.ndarray, "f j"]

PCK_MM = 150.0
AUC_THRESHOLDS_MM = np.arange(0.0, PCK_MM + 1, 5.0)
"""Of MPI-INF-3DHP's own evaluation, ``mpii_compute_3d_pck.m`` (Mehta et al. 2017)."""


def position_errors_mm(predicted: Poses, truth: Poses) -> Errors:
    """Distance of each joint; its mean is MPJPE, protocol 1 for root-relative poses."""
    return np.asarray(np.linalg.norm(predicted - truth, axis=-1))


def aligned_errors_mm(predicted: Poses, truth: Poses) -> Errors:
    """Distance after the best similarity transform of each frame; the mean is protocol 2."""
    return position_errors_mm(aligned(predicted, to=truth), truth)


def velocity_errors_mm(predicted: Poses, truth: Poses) -> Float[np.ndarray, "p j"]:
    """Difference of the steps from frame to frame, millimetres a frame (Pavllo et al. 2019)."""
    return position_errors_mm(np.diff(predicted, axis=0), np.diff(truth, axis=0))


def acceleration_errors_mm(predicted: Poses, truth: Poses) -> Float[np.ndarray, "q j"]:
    """Difference of the changes of step, mm a frame² (Kanazawa et al. 2019)."""
    return position_errors_mm(np.diff(predicted, n=2, axis=0), np.diff(truth, n=2, axis=0))


def pck(errors_mm: Errors, *, threshold_mm: float = PCK_MM) -> float:
    """Return the share of joints that are less than a threshold away, 0 to 100."""
    return float(100 * np.mean(errors_mm < threshold_mm))


def auc(errors_mm: Errors) -> float:
    """Return the mean PCK over thresholds from 0 to 150 mm, 0 to 100."""
    return float(np.mean([pck(errors_mm, threshold_mm=float(t)) for t in AUC_THRESHOLDS_MM]))
