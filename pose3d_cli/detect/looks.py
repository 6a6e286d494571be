"""What people wear: colours of the torso and of the thighs, as a tracker can compare them.

Histograms in CIELAB of what lies between the keypoints, so that neither the background nor the pose
matters much. Not a face, not a gait: two people in the same clothes look alike.
"""

import numpy as np
from jaxtyping import Float, Float32, UInt8

from pose3d_cli.sequences import Detections
from pose3d_cli.skeleton import COCO17

BINS = 5
"""Of lightness and of both colour axes: two coats of one colour in sun and shade stay neighbours."""
WIDEST_CHROMA = 48.0
"""Colours beyond this distance from grey, in units of CIELAB, count as equally strong."""
MIN_CONFIDENCE = 0.3

_SHARES = np.linspace(0.1, 0.9, 9)
_TORSO = tuple(map(COCO17.index, ("left_shoulder", "right_shoulder", "left_hip", "right_hip")))
_THIGHS = tuple(map(COCO17.index, ("left_hip", "right_hip", "left_knee", "right_knee")))
_ARMS = tuple(map(COCO17.index, ("left_shoulder", "right_shoulder", "left_elbow", "right_elbow")))
REGION = BINS**3
_CORNERS = np.array(list(np.ndindex(2, 2, 2)))


def looks_of(rgb: UInt8[np.ndarray, "h w 3"], found: Detections) -> Float32[np.ndarray, "p c"]:
    """Return everybody's looks in one frame; NaN for the half of a body that was not seen."""
    people = zip(found.keypoints_px, found.confidence, strict=True)
    rows = [_looks(rgb, keypoints, confidence) for keypoints, confidence in people]
    return np.array(rows, np.float32).reshape(-1, 2 * REGION)


def alikeness(a: Float32[np.ndarray, " c"], b: Float32[np.ndarray, " c"]) -> float | None:
    """Return 1 for the same colours, 0 for none in common; None if nothing can be compared.

    Bhattacharyya's coefficient, averaged over the halves of the body that both were seen of.
    """
    halves = np.sqrt(a * b).reshape(2, REGION).sum(axis=1)
    known = np.isfinite(halves)
    return float(halves[known].mean()) if known.any() else None


def blend(
    old: Float32[np.ndarray, " c"], new: Float32[np.ndarray, " c"], *, share: float
) -> Float32[np.ndarray, " c"]:
    """Return ``old`` with a share of ``new`` mixed in; what only one of them knows is kept."""
    mixed = (1 - np.float32(share)) * old + np.float32(share) * new
    return np.where(np.isnan(old), new, np.where(np.isnan(new), old, mixed))


def _looks(
    rgb: UInt8[np.ndarray, "h w 3"],
    keypoints_px: Float[np.ndarray, "17 2"],
    confidence: Float[np.ndarray, " 17"],
) -> Float[np.ndarray, " c"]:
    unseen = np.full(REGION, np.nan)
    if confidence[list(_TORSO)].min() < MIN_CONFIDENCE:
        upper = unseen
    else:
        within = _between(keypoints_px[list(_TORSO)], _SHARES)
        sleeves = _between(keypoints_px[list(_ARMS)], _SHARES[[0, -1]])
        upper = _histogram(rgb, np.concatenate([within, sleeves]))
    if confidence[list(_THIGHS)].min() < MIN_CONFIDENCE:
        return np.concatenate([upper, unseen])
    trousers = _between(keypoints_px[list(_THIGHS)], _SHARES[[0, -1]])
    return np.concatenate([upper, _histogram(rgb, trousers)])


def _between(
    corners_px: Float[np.ndarray, "4 2"], across: Float[np.ndarray, " n"]
) -> Float[np.ndarray, "m 2"]:
    """Return points between two keypoints on the left, two on the right, the upper ones first."""
    across, down = np.meshgrid(across, _SHARES)
    right, low = across.reshape(-1, 1), down.reshape(-1, 1)
    top = (1 - right) * corners_px[0] + right * corners_px[1]
    bottom = (1 - right) * corners_px[2] + right * corners_px[3]
    return np.asarray((1 - low) * top + low * bottom)


def _histogram(
    rgb: UInt8[np.ndarray, "h w 3"], points_px: Float[np.ndarray, "n 2"]
) -> Float[np.ndarray, " bins"]:
    import cv2

    height_px, width_px = rgb.shape[:2]
    columns, rows = np.clip(points_px, 0, [width_px - 1, height_px - 1]).astype(int).T
    pixels = rgb[rows, columns][None].astype(np.float32) / 255
    lab = cv2.cvtColor(pixels, cv2.COLOR_RGB2LAB)[0] - [0, -WIDEST_CHROMA, -WIDEST_CHROMA]
    at = np.clip(lab / [100, 2 * WIDEST_CHROMA, 2 * WIDEST_CHROMA], 0, 1) * (BINS - 1)
    low = np.minimum(at.astype(int), BINS - 2)
    # A colour between two bins counts for both, in shares: for the eight corners around it.
    shares = np.where(_CORNERS[:, None], at - low, 1 + low - at).prod(axis=-1)
    bins = (low + _CORNERS[:, None]) @ (BINS**2, BINS, 1)
    return np.bincount(bins.ravel(), shares.ravel(), minlength=REGION) / len(points_px)
