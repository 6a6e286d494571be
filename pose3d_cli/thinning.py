"""Lift films of high or changing rates at even ones that lifters know.

Lifters take frames to be equally far apart. Phones leave some out in the dark, and programs that record
screens many; whoever moves seems to dart then.

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
UNEVEN = 0.5
"""Intervals that differ by more of the average are not even."""
MOST_TIMES = 2.0
"""More frames than these times those that there are would be made up."""


def thinned(seen: Pose2DSequence) -> Pose2DSequence:
    """Return what to lift: all frames up to some 90 a second, else about 60; evenly apart."""
    if _is_uneven(seen):
        return _evened(seen)
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
    if np.array_equal(poses.times_s, seen.times_s):
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


def _is_uneven(seen: Pose2DSequence) -> bool:
    """Tell whether frames are missing; that times are rounded is nothing."""
    steps_s = np.diff(seen.times_s)
    return len(steps_s) > 1 and bool(np.ptp(steps_s) * float(seen.fps) > UNEVEN)


def _evened(seen: Pose2DSequence) -> Pose2DSequence:
    """Return keypoints on straight lines between frames, at the rate of those that are near together."""
    times_s, length_s = seen.times_s, float(np.ptp(seen.times_s))
    near_hz = 1 / float(np.percentile(np.diff(times_s), 25))
    steps = max(1, round(length_s * min(near_hz, MOST_TIMES * float(seen.fps), KNOWN_HZ)))
    even_s = np.linspace(times_s[0], times_s[-1], steps + 1)
    nearest = np.searchsorted((times_s[1:] + times_s[:-1]) / 2, even_s)
    paths_px = seen.keypoints_px.reshape(len(times_s), -1).T
    keypoints_px = np.stack([np.interp(even_s, times_s, path) for path in paths_px], axis=-1)
    return replace(
        seen,
        times_s=even_s,
        fps=Fraction(steps / length_s).limit_denominator(1001),
        keypoints_px=keypoints_px.reshape(-1, *seen.keypoints_px.shape[1:]),
        confidence=seen.confidence[nearest],
        observed=seen.observed[nearest],
        face=None,
    )


def _rows(seen: Pose2DSequence) -> Int[np.ndarray, " n"]:
    """Return rows that are nearly evenly apart, the first and the last among them."""
    last = len(seen.times_s) - 1
    steps = -(-last // max(1, round(seen.fps / KNOWN_HZ)))
    return np.round(np.linspace(0, last, steps + 1)).astype(int)
