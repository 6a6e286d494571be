"""All that is measured on one clip of predicted poses. Poses are (f, 17, 3) in metres."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float

from pose3d_cli.evaluation.frame_errors import acceleration_errors_mm, auc, pck, position_errors_mm
from pose3d_cli.evaluation.metrics import Poses, mpjpe_mm, mpjve_mm, n_mpjpe_mm, p_mpjpe_mm
from pose3d_cli.skeleton import H36M17

_LEFT = tuple(H36M17.index(joint) for joint in ("left_shoulder", "left_hip"))
_RIGHT = tuple(H36M17.index(joint) for joint in ("right_shoulder", "right_hip"))
_PELVIS, _THORAX = H36M17.index("pelvis"), H36M17.index("thorax")


def pck_percent(predicted: Poses, truth: Poses) -> float:
    """Share of joints within 150 mm of the truth."""
    return pck(position_errors_mm(1e3 * predicted, 1e3 * truth))


def auc_percent(predicted: Poses, truth: Poses) -> float:
    """Mean of that share over thresholds from 0 to 150 mm."""
    return auc(position_errors_mm(1e3 * predicted, 1e3 * truth))


def acceleration_mm(predicted: Poses, truth: Poses) -> float:
    """Mean per-joint acceleration error, millimetres a frame²; 0 for fewer than three frames."""
    if len(predicted) < 3:
        return 0.0
    return float(acceleration_errors_mm(1e3 * predicted, 1e3 * truth).mean())


def trunk_deg(predicted: Poses, truth: Poses) -> float:
    """Mean angle by which the trunk must be turned to be as the true one, about any axis."""
    turn = np.swapaxes(trunk_axes(predicted), -1, -2) @ trunk_axes(truth)
    cosine = (np.trace(turn, axis1=-2, axis2=-1) - 1) / 2
    return float(np.degrees(np.arccos(np.clip(cosine, -1, 1))).mean())


def tilt_deg(predicted: Poses, truth: Poses) -> float:
    """Mean angle between the predicted and the true direction from pelvis to neck."""
    cosine = (trunk_axes(predicted)[..., 1, :] * trunk_axes(truth)[..., 1, :]).sum(-1)
    return float(np.degrees(np.arccos(np.clip(cosine, -1, 1))).mean())


def trunk_axes(poses: Poses) -> Float[np.ndarray, "f 3 3"]:
    """Return the trunk's axes in rows: left, up along the spine, ahead."""
    up = _unit(poses[:, _THORAX] - poses[:, _PELVIS])
    left = poses[:, list(_LEFT)].mean(1) - poses[:, list(_RIGHT)].mean(1)
    left = _unit(left - (left * up).sum(-1, keepdims=True) * up)
    return np.stack([left, up, np.cross(left, up)], axis=1)


MEASURES: dict[str, Callable[[Poses, Poses], float]] = {
    "MPJPE": mpjpe_mm,
    "N-MPJPE": n_mpjpe_mm,
    "P-MPJPE": p_mpjpe_mm,
    "MPJVE": mpjve_mm,
    "accel": acceleration_mm,
    "PCK": pck_percent,
    "AUC": auc_percent,
    "trunk": trunk_deg,
    "tilt": tilt_deg,
}
"""Every measure by its name in tables."""

UNITS = {"PCK": "percent", "AUC": "percent", "trunk": "deg", "tilt": "deg"}
"""Those that are not in millimetres."""


def _unit(vectors: Float[np.ndarray, "f 3"]) -> Float[np.ndarray, "f 3"]:
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(length, 1e-9))
