"""Lift films of high rates at the rates that lifters know.

A window of 243 frames is a second of 240 a second, in which hardly anybody moves as far as in the
motion that lifters learned from; and neighbouring frames tell nearly the same.
"""

from dataclasses import replace
from fractions import Fraction

import numpy as np
from jaxtyping import Int
from scipy.interpolate import CubicSpline

from pose3d_cli.sequences import Pose2DSequence, Pose3DSequence

KNOWN_HZ = 60
"""Six of 100 clips of training have more frames a second, 120."""


def thinned(seen: Pose2DSequence) -> Pose2DSequence:
    """Return the frames to lift: all up to some 90 a second, else about 60 of them."""
    rows = _rows(seen)
    if len(rows) == len(seen.times_s):
        return seen
    return replace(
        seen,
        times_s=seen.times_s[rows],
        fps=seen.fps * Fraction(len(rows) - 1, len(seen.times_s) - 1),
        keypoints_px=seen.keypoints_px[rows],
        confidence=seen.confidence[rows],
        observed=seen.observed[rows],
        face=None,
    )


def at_every_frame(poses: Pose3DSequence, seen: Pose2DSequence) -> Pose3DSequence:
    """Return poses of all frames from those of a few, by cubics through them."""
    if len(poses.times_s) == len(seen.times_s):
        return poses
    doubt_m = poses.doubt_m
    if doubt_m is not None:
        by_joint = (np.interp(seen.times_s, poses.times_s, joint) for joint in doubt_m.T)
        doubt_m = np.stack(list(by_joint), axis=-1)
    return replace(
        poses,
        times_s=seen.times_s,
        fps=seen.fps,
        positions_m=CubicSpline(poses.times_s, poses.positions_m)(seen.times_s),
        doubt_m=doubt_m,
    )


def _rows(seen: Pose2DSequence) -> Int[np.ndarray, " n"]:
    """Return rows that are nearly evenly apart, the first and the last among them."""
    last = len(seen.times_s) - 1
    steps = -(-last // max(1, round(seen.fps / KNOWN_HZ)))
    return np.round(np.linspace(0, last, steps + 1)).astype(int)
