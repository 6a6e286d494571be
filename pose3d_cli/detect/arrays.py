"""One person's keypoints in an array, as a script has them, into a track."""

from fractions import Fraction

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike

from pose3d_cli.detect.keypoint_layouts import PLACES, SHARES, SMALLEST_PX
from pose3d_cli.errors import NoPersonError, UsageError
from pose3d_cli.sequences import Track2D
from pose3d_cli.skeleton import COCO17


def track_of(keypoints: ArrayLike, *, fps: Fraction) -> Track2D:
    """Return a person's track, from the first frame in which they are seen to the last.

    Args:
        keypoints: (frames, keypoints, 2 or 3): x and y in pixels of the upright picture and, if told,
            confidence from 0 to 1; NaN where not seen. The number of keypoints says whose they are (``keypoint_layouts.py``).
        fps: frames a second.

    Raises:
        NoPersonError: nothing is seen in any frame.
        UsageError: the array has another shape, or is not in pixels.
    """
    joints = _coco(np.asarray(keypoints, np.float64))
    confidence = np.where(np.isfinite(joints).all(-1), joints[..., 2], 0).clip(0, 1)
    rows = np.flatnonzero(confidence.any(axis=1))
    if not len(rows):
        raise NoPersonError("no keypoint is seen in any frame")
    first, stretch = int(rows[0]), slice(rows[0], rows[-1] + 1)
    confidence = confidence[stretch]
    keypoints_px = np.where(confidence[..., None] > 0, joints[stretch, :, :2], np.nan)
    seen = np.asarray(confidence.any(axis=1))
    boxes_px = np.full((len(seen), 4), np.nan)
    boxes_px[seen, :2] = np.nanmin(keypoints_px[seen], axis=1)
    boxes_px[seen, 2:] = np.nanmax(keypoints_px[seen], axis=1)
    if np.nanmax(boxes_px[:, 2:] - boxes_px[:, :2]) < SMALLEST_PX:
        raise UsageError(
            f"the person is smaller than {SMALLEST_PX:g} pixels",
            hint=SHARES,
        )
    return Track2D(
        skeleton=COCO17,
        first_frame=first,
        times_s=(first + np.arange(len(seen))) / float(fps),
        fps=fps,
        boxes_px=boxes_px,
        keypoints_px=keypoints_px,
        confidence=confidence,
        seen=seen,
    )


def _coco(keypoints: Float[np.ndarray, "..."]) -> Float[np.ndarray, "f 17 3"]:
    """Return COCO's keypoints with their confidence, 1 if none is told."""
    if keypoints.ndim != 3 or keypoints.shape[1] not in PLACES or keypoints.shape[2] not in {2, 3}:
        counts = ", ".join(map(str, sorted(PLACES)))
        raise UsageError(
            f"keypoints of shape {keypoints.shape}: expected (frames, keypoints, 2 or 3)",
            hint=f"x, y and confidence of one person, with {counts} keypoints.",
        )
    told = np.ones((*keypoints.shape[:2], 3))
    told[..., : keypoints.shape[2]] = keypoints
    return told[:, list(PLACES[keypoints.shape[1]])]
