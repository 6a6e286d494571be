"""The field's error measures. Poses are (f, j, 3) in metres; errors are in millimetres."""

import numpy as np
from jaxtyping import Float

from pose3d_cli.geometry.align import aligned

Poses = Float[np.ndarray, "f j 3"]


def mpjpe_mm(predicted: Poses, truth: Poses) -> float:
    """Mean per-joint position error (Ionescu et al. 2014), protocol 1 for root-relative poses."""
    return float(1e3 * np.linalg.norm(predicted - truth, axis=-1).mean())


def n_mpjpe_mm(predicted: Poses, truth: Poses) -> float:
    """MPJPE after the best scale of each frame (Rhodin et al. 2018)."""
    dot = (predicted * truth).sum((-2, -1), keepdims=True)
    norm = np.square(predicted).sum((-2, -1), keepdims=True)
    return mpjpe_mm(dot / np.maximum(norm, 1e-12) * predicted, truth)


def p_mpjpe_mm(predicted: Poses, truth: Poses) -> float:
    """MPJPE after the best similarity transform of each frame (protocol 2)."""
    return mpjpe_mm(aligned(predicted, to=truth), truth)


def mpjve_mm(predicted: Poses, truth: Poses) -> float:
    """Mean per-joint velocity error, millimetres a frame (Pavllo et al. 2019); 0 for one frame."""
    if len(predicted) < 2:
        return 0.0
    return mpjpe_mm(np.diff(predicted, axis=0), np.diff(truth, axis=0))
