"""How far a solved motion can be believed, joint by joint.

Four things speak against a joint: the detector hardly saw it; the lifter answers otherwise when it
is asked otherwise (the mirrored clip, another window); the rig, put back before the camera, is not
where the joint was seen; and the joint is one that lifters get wrong. How much each of them counts
was fitted to each lifter (``motion/calibration.py``). A fifth speaks against all joints at once: that
nobody has seen the person for a while.
"""

import numpy as np
from jaxtyping import Bool, Float

from pose3d_cli.motion.bones import bone_lengths_m
from pose3d_cli.motion.calibration import Calibration
from pose3d_cli.motion.placed import Placed
from pose3d_cli.motion.stature import stature_m
from pose3d_cli.sequences import Gravity, Pose3DSequence, Trust

EVIDENCE = ("unseen", "unsure", "disagreement", "off the picture")
SINGLE_ANSWER_M = 0.04
"""Disagreement of a lifter that was asked but once."""
LEAST_M, MOST_M = 0.01, 0.5
"""Disagreements count by their logarithm between these."""

LOST_S = 0.1
"""Who is seen within this time is not lost."""
LOST = 0.72
"""What to take off the log-odds each time that being lost takes e times as long: a logistic regression
on planted clips of both lifters (``python -m bench.lost``, ``docs/motion.md``)."""


def trust_in(
    found: Placed,
    lifted: Pose3DSequence,
    *,
    stands: Bool[np.ndarray, "f 2"],
    gravity: Gravity,
    scale_source: str,
    calibration: Calibration,
) -> Trust:
    """Return what speaks for a motion and what against it."""
    odds = calibration.joints + evidence(found, lifted) @ calibration.evidence
    odds -= LOST * np.log(np.maximum(found.seen.lost_s, LOST_S) / LOST_S)[:, None]
    off_m, observed = _fit_errors_m(found.positions_m, lifted.positions_m), found.seen.observed
    return Trust(
        confidence=1 / (1 + np.exp(-odds)),
        stands=stands,
        gravity=gravity,
        height_m=stature_m(bone_lengths_m(found.positions_m)),
        scale_source=scale_source,
        fit_error_m=float(off_m.mean()),
        fit_error_seen_m=float(off_m[observed].mean()) if observed.any() else None,
    )


def evidence(found: Placed, lifted: Pose3DSequence) -> Float[np.ndarray, "f 17 4"]:
    """Return what speaks against every joint, in the order of ``EVIDENCE``."""
    seen, joints = found.seen, found.positions_m
    doubt = lifted.doubt_m
    if doubt is None:
        doubt = np.full(joints.shape[:2], SINGLE_ANSWER_M)
    ray = found.camera.rays(seen.keypoints_px)[..., :2]
    off = np.linalg.norm(joints[..., :2] - ray * joints[..., 2:], axis=-1)
    unsure = np.where(seen.observed, 1 - seen.confidence, 0.0)
    off = np.where(seen.observed, off, SINGLE_ANSWER_M)
    return np.stack([~seen.observed, unsure, _logarithm(doubt), _logarithm(off)], axis=-1)


def _logarithm(distance_m: Float[np.ndarray, "f 17"]) -> Float[np.ndarray, "f 17"]:
    return np.asarray(np.log(np.clip(distance_m, LEAST_M, MOST_M) / SINGLE_ANSWER_M))


def _fit_errors_m(
    found_m: Float[np.ndarray, "f 17 3"], lifted_m: Float[np.ndarray, "f 17 3"]
) -> Float[np.ndarray, "f 17"]:
    """Return the distances to the lifter's joints, at one size, frames laid on each other."""
    ours, theirs = (v - v.mean(1, keepdims=True) for v in (found_m, lifted_m))
    size = (ours * theirs).sum() / max(np.square(theirs).sum(), 1e-12)
    return np.asarray(np.linalg.norm(ours - size * theirs, axis=-1))
