"""Undo left/right mix-ups: for a moment a detector takes a front for a back, or a leg for the other.

In every frame legs and arms are labelled "as detected" or "swapped", so that joints accelerate
least and the torso is not twisted (Viterbi over pairs of frames). Acceleration and not distance,
because when legs cross in a walk seen from the side, exchanging them in passing would be the
shorter way. Only short bursts are undone, and only if each of their two ends is clearly wrong: a
missed mix-up costs a few frames, an invented one would cross the legs of somebody who did nothing
of the kind.
"""

from dataclasses import replace
from itertools import pairwise, product

import numpy as np
from jaxtyping import Bool, Float, Int

from pose3d_cli.sequences import SEEN, Track2D
from pose3d_cli.skeleton import COCO17

SWITCH_COST = 0.2
"""Acceleration, in body sizes, that must vanish at each end of a burst before it is believed."""
SWAPPED_COST = 0.02
"""What every swapped frame costs besides: detectors are right most of the time."""
LONGEST_BURST_S = 0.5
"""What lasts longer is believed."""
LONGEST_LOOK_S = 0.15
"""Frames further apart than this say nothing about each other."""

LIMBS = (("hip", "knee", "ankle"), ("shoulder", "elbow", "wrist"))
"""Joints that are taken for their mirror images together."""
_SIDED = np.array(
    [
        [[COCO17.index(f"{side}_{name}") for name in limb] for side in ("left", "right")]
        for limb in LIMBS
    ]
)
"""Keypoint by limb, side (``s``) and place along the limb (``k``)."""
_LABELS = np.array(list(product((0, 1), repeat=len(LIMBS))))
"""Each row says which limbs are swapped; ``l`` in shapes counts rows."""


def untangle(track: Track2D) -> Track2D:
    """Return the track with left and right exchanged wherever limbs were briefly mixed up."""
    if track.skeleton is not COCO17:
        raise ValueError(f"expected the joints of {COCO17.name}, got {track.skeleton.name}")
    rows = np.flatnonzero(track.seen)
    if len(rows) < 3:
        return track
    times_s = track.times_s[rows]
    limbs = track.keypoints_px[rows][:, _SIDED] / _size_px(track)
    trusted = track.confidence[rows][:, _SIDED].min(axis=(2, 3)) >= SEEN
    jerks = _jerks(limbs, trusted, times_s=times_s)
    labels = _LABELS[_least_costly(jerks, _twists(limbs, trusted))]
    keypoints_px, confidence = track.keypoints_px.copy(), track.confidence.copy()
    for (left, right), swapped in zip(_SIDED, labels.T == 1, strict=True):
        burst = rows[_bursts(swapped, times_s=times_s), None]
        for values in (keypoints_px, confidence):
            values[burst, [*left, *right]] = values[burst, [*right, *left]]
    return replace(track, keypoints_px=keypoints_px, confidence=confidence)


def _size_px(track: Track2D) -> float:
    width_px, height_px = (track.boxes_px[track.seen, 2:] - track.boxes_px[track.seen, :2]).T
    return float(np.median(np.sqrt(width_px * height_px)))


def _jerks(
    limbs: Float[np.ndarray, "f limb s k 2"],
    trusted: Bool[np.ndarray, "f limb"],
    *,
    times_s: Float[np.ndarray, " f"],
) -> Float[np.ndarray, "f l l l"]:
    """Return how far from its straight course a joint arrives, by the labels of three frames.

    ``jerks[t, a, b, c]`` is for labels a, b and c at t − 2, t − 1 and t; in body sizes, averaged
    over the joints of a limb, summed over limbs. Whatever is unknown or long ago costs nothing.
    """
    steps_s = np.diff(times_s)
    stretch = (steps_s[1:] / steps_s[:-1])[:, None, None, None, None]
    near = np.maximum(steps_s[1:], steps_s[:-1]) <= LONGEST_LOOK_S
    known = near[:, None] & trusted[:-2] & trusted[1:-1] & trusted[2:]
    sides = (limbs, limbs[:, :, ::-1])
    by_limb = np.zeros((len(times_s), len(LIMBS), 2, 2, 2))
    for a, b, c in product((0, 1), repeat=3):
        before, now, after = sides[a][:-2], sides[b][1:-1], sides[c][2:]
        off = np.linalg.norm(now + (now - before) * stretch - after, axis=-1)
        by_limb[2:, :, a, b, c] = off.mean(axis=(2, 3)) * known
    jerks = np.zeros((len(times_s), len(_LABELS), len(_LABELS), len(_LABELS)))
    for limb, swapped in enumerate(_LABELS.T):
        jerks += by_limb[:, limb][:, swapped[:, None, None], swapped[:, None], swapped]
    return jerks


def _twists(
    limbs: Float[np.ndarray, "f limb s k 2"], trusted: Bool[np.ndarray, "f limb"]
) -> Float[np.ndarray, "f l"]:
    """Return by label how much longer the torso's two sides are than if they did not cross."""
    hips, shoulders = limbs[:, 0, :, 0], limbs[:, 1, :, 0]
    straight = np.linalg.norm(hips - shoulders, axis=-1).sum(axis=-1)
    crossed = np.linalg.norm(hips - shoulders[:, ::-1], axis=-1).sum(axis=-1)
    excess = np.where(trusted.all(axis=1), straight - crossed, 0)
    one_swapped = _LABELS.sum(axis=1) == 1
    return np.maximum(np.where(one_swapped, -excess[:, None], excess[:, None]), 0)


def _least_costly(
    jerks: Float[np.ndarray, "f l l l"], twists: Float[np.ndarray, "f l"]
) -> Int[np.ndarray, " f"]:
    """Return the label of each frame, such that the sum of all costs is least."""
    alone = twists + SWAPPED_COST * _LABELS.any(axis=1)
    switch = SWITCH_COST * (1 - np.eye(len(_LABELS)))
    best = alone[0][:, None] + alone[1] + switch  # of all frames so far, by the last two labels
    origins = np.zeros((len(jerks), *switch.shape), int)
    for frame in range(2, len(jerks)):
        total = best[:, :, None] + jerks[frame] + switch + alone[frame]
        origins[frame] = total.argmin(axis=0)
        best = total.min(axis=0)
    labels = np.zeros(len(jerks), int)
    labels[-2:] = np.unravel_index(best.argmin(), best.shape)
    for frame in range(len(jerks) - 1, 1, -1):
        labels[frame - 2] = origins[frame, labels[frame - 1], labels[frame]]
    return labels


def _bursts(
    swapped: Bool[np.ndarray, " f"], *, times_s: Float[np.ndarray, " f"]
) -> Bool[np.ndarray, " f"]:
    """Keep those runs of ``True`` that are short and do not touch an end of the track."""
    edges = np.flatnonzero(np.diff(swapped)) + 1
    kept = np.zeros_like(swapped)
    for start, stop in pairwise(edges):
        if swapped[start] and times_s[stop] - times_s[start] <= LONGEST_BURST_S:
            kept[start:stop] = True
    return kept
