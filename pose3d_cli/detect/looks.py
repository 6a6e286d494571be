"""What people wear: colours of the torso and of the thighs, as a tracker can compare them.

Histograms in CIELAB of what lies between the keypoints, so that neither the background nor the pose
matters much. Not a face, not a gait: two people in the same clothes look alike.
"""

import numpy as np
from jaxtyping import Float, Float32, Int, UInt8

from pose3d_cli.sequences import SEEN, Detections
from pose3d_cli.skeleton import COCO17

BINS = 5
"""Of lightness and of both colour axes: two coats of one colour in sun and shade stay neighbours."""
WIDEST_CHROMA = 48.0
"""Colours beyond this distance from grey, in units of CIELAB, count as equally strong."""

REGION = BINS**3
_CORNERS = np.array(list(np.ndindex(2, 2, 2)))


def _between(upper: str, lower: str, across: Float[np.ndarray, " n"]) -> Float[np.ndarray, "m 17"]:
    """Return weights of the keypoints: places between a pair on the left and right, and one below."""
    right, down = (grid.ravel() for grid in np.meshgrid(across, _SHARES))
    weights = np.zeros((len(right), len(COCO17)))
    for joint, downwards in ((upper, 1 - down), (lower, down)):
        weights[:, COCO17.index(f"left_{joint}")] = (1 - right) * downwards
        weights[:, COCO17.index(f"right_{joint}")] = right * downwards
    return weights


_SHARES = np.linspace(0.1, 0.9, 9)
_EDGES = _SHARES[[0, -1]]
_HALVES = (
    np.concatenate([_between("shoulder", "hip", _SHARES), _between("shoulder", "elbow", _EDGES)]),
    _between("hip", "knee", _EDGES),
)
"""Where to look at shirt and sleeves, and at trousers."""
_PLACES = np.concatenate(_HALVES)
_LOOKED_AT = np.array([len(half) for half in _HALVES])
_NEEDED = np.array(
    [
        [COCO17.index(f"{side}_{joint}") for joint in joints for side in ("left", "right")]
        for joints in (("shoulder", "hip"), ("hip", "knee"))
    ]
)
"""Keypoints without which a half of the body was not seen."""


def looks_of(rgb: UInt8[np.ndarray, "h w 3"], found: Detections) -> Float32[np.ndarray, "p c"]:
    """Return everybody's looks in one frame; NaN for the half of a body that was not seen."""
    if not len(found.scores):
        return np.empty((0, 2 * REGION), np.float32)
    height_px, width_px = rgb.shape[:2]
    points_px = np.clip(_PLACES @ found.keypoints_px, 0, [width_px - 1, height_px - 1])
    columns, rows = points_px.reshape(-1, 2).astype(int).T
    bins, shares = _bins(rgb[rows, columns])
    halves = 2 * len(found.scores)
    half = np.arange(halves).repeat(np.tile(_LOOKED_AT, len(found.scores)))
    counts = np.bincount(
        (bins + REGION * half).ravel(), shares.ravel(), minlength=halves * REGION
    ).reshape(-1, 2, REGION)
    unseen = found.confidence[:, _NEEDED].min(axis=-1) < SEEN
    looks = np.where(unseen[..., None], np.nan, counts / _LOOKED_AT[:, None])
    return looks.reshape(-1, 2 * REGION).astype(np.float32)


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


def _bins(
    rgb: UInt8[np.ndarray, "n 3"],
) -> tuple[Int[np.ndarray, "8 n"], Float[np.ndarray, "8 n"]]:
    """Return the eight bins around each colour, and its share in each of them."""
    import cv2

    lab = cv2.cvtColor(rgb[None].astype(np.float32) / 255, cv2.COLOR_RGB2LAB)[0]
    lab = lab - [0, -WIDEST_CHROMA, -WIDEST_CHROMA]
    at = np.clip(lab / [100, 2 * WIDEST_CHROMA, 2 * WIDEST_CHROMA], 0, 1) * (BINS - 1)
    low = np.minimum(at.astype(int), BINS - 2)
    # A colour between two bins counts for both, in shares: for the eight corners around it.
    shares = np.where(_CORNERS[:, None], at - low, 1 + low - at).prod(axis=-1)
    return (low + _CORNERS[:, None]) @ (BINS**2, BINS, 1), shares
