"""From the rows that a YOLO-pose network ends in to the people it means."""

import numpy as np
from jaxtyping import Float, Int

MOST_PEOPLE = 300
SAME_BOX = 0.7
"""Two boxes that overlap more than this are one person. Both as Ultralytics' predictor has them."""

_CORNERS, _KEYPOINTS = 4, 17 * 3

Rows = Float[np.ndarray, "n 56"]
"""x0, y0, x1, y1, score, then x, y and visibility of each keypoint, best first."""


def people_in(output: Float[np.ndarray, "a b"], *, min_score: float) -> Rows:
    """Return one row a person.

    Args:
        output: 56 × anchors (centre, size, score, keypoints) from a network that finds everybody
            several times, or people × 57 (corners, score, class, keypoints) from one that does not.
            Of a network that knows several kinds of people there is a score for each.
        min_score: people below are not reported.
    """
    if output.shape[1] == _CORNERS + 2 + _KEYPOINTS:
        return _best_first(np.delete(output, 5, axis=1), min_score=min_score)
    scores = output[_CORNERS:-_KEYPOINTS].max(axis=0)
    centre, half = output[:2], output[2:_CORNERS] / 2
    rows = np.vstack([centre - half, centre + half, scores, output[-_KEYPOINTS:]]).T
    found = _best_first(rows, min_score=min_score)
    return np.asarray(found[_best_of_each(found[:, :_CORNERS])])


def _best_first(rows: Float[np.ndarray, "everybody 56"], *, min_score: float) -> Rows:
    found = rows[rows[:, 4] > min_score].astype(np.float64)
    return np.asarray(found[np.argsort(-found[:, 4], kind="stable")])


def _best_of_each(boxes_px: Float[np.ndarray, "n 4"]) -> Int[np.ndarray, " kept"]:
    """Return which boxes, sorted best first, overlap no better one that was kept."""
    areas = np.prod(boxes_px[:, 2:] - boxes_px[:, :2], axis=1)
    left, kept = np.arange(len(boxes_px)), list[int]()
    while len(left) and len(kept) < MOST_PEOPLE:
        best, left = left[0], left[1:]
        kept.append(int(best))
        low = np.maximum(boxes_px[best, :2], boxes_px[left, :2])
        high = np.minimum(boxes_px[best, 2:], boxes_px[left, 2:])
        shared = np.prod(np.maximum(high - low, 0), axis=1)
        left = left[shared <= SAME_BOX * (areas[best] + areas[left] - shared)]
    return np.array(kept, int)
