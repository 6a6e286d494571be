"""Fill the holes of a track, so that whatever comes after it never meets one."""

import numpy as np
from jaxtyping import Bool, Float
from scipy.interpolate import PchipInterpolator

from pose3d_cli.sequences import SEEN, Pose2DSequence, Track2D
from pose3d_cli.skeleton import COCO17

_STANDING = np.array(
    [
        *((0.0, 0.00), (0.02, -0.02), (-0.02, -0.02), (0.05, -0.01), (-0.05, -0.01)),
        *((0.11, 0.13), (-0.11, 0.13), (0.13, 0.31), (-0.13, 0.31), (0.14, 0.46), (-0.14, 0.46)),
        *((0.07, 0.42), (-0.07, 0.42), (0.07, 0.66), (-0.07, 0.66), (0.07, 0.88), (-0.07, 0.88)),
    ]
)
"""COCO17 on somebody who faces the camera with hanging arms; y down, their height is about 1."""
_CARRIED = {
    COCO17.index(f"{side}_{joint}"): (COCO17.index(f"{side}_{by}"), share)
    for side in ("left", "right")
    for joint, by, share in (
        *(("elbow", "shoulder", 1.0), ("wrist", "elbow", 1.0)),
        *(("knee", "hip", 0.5), ("ankle", "knee", 0.5)),
    )
}
"""Who carries a joint along, and how much of the way: arms hang, and legs half the time stand."""


def fill_gaps(track: Track2D) -> Pose2DSequence:
    """Return the track without holes; what was filled has confidence 0 and was not observed.

    Joints that are unseen, or too doubtful, are interpolated in time (monotone cubics: no
    overshoot, straight motion stays straight), arms about the joints that they hang from, legs halfway
    between that and the picture. Before they are first and after they are last seen, joints hold still about
    what they hang from. A joint that is never seen goes where somebody standing there would have it.
    """
    if track.skeleton is not COCO17:
        raise ValueError(f"expected the joints of {COCO17.name}, got {track.skeleton.name}")
    if not track.seen.any():
        raise ValueError("nobody was seen in this track")
    observed = (
        track.seen[:, None]
        & (track.confidence >= SEEN)
        & np.isfinite(track.keypoints_px).all(axis=-1)
    )
    keypoints_px = np.full(track.keypoints_px.shape, np.nan)
    known = observed.any(axis=0)
    for joint in np.flatnonzero(known).tolist():
        joint_px, was_seen = track.keypoints_px[:, joint], observed[:, joint]
        by, share = _CARRIED.get(joint, (joint, 0.0))
        if share and known[by]:
            filled_px = _carried(
                joint_px, was_seen, base=keypoints_px[:, by], share=share, times_s=track.times_s
            )
        else:
            filled_px = _interpolated(joint_px, was_seen, times_s=track.times_s)
        keypoints_px[:, joint] = filled_px
    if not known.all():
        keypoints_px[:, ~known] = _standing_px(track, keypoints_px, known)[:, ~known]
    return Pose2DSequence(
        skeleton=track.skeleton,
        first_frame=track.first_frame,
        times_s=track.times_s,
        fps=track.fps,
        keypoints_px=keypoints_px,
        confidence=np.where(observed, track.confidence, 0.0),
        observed=observed,
    )


def _carried(
    values: Float[np.ndarray, "f d"],
    known: Bool[np.ndarray, " f"],
    *,
    base: Float[np.ndarray, "f d"],
    share: float,
    times_s: Float[np.ndarray, " f"],
) -> Float[np.ndarray, "f d"]:
    """Return ``values`` with the unknown ones drawn about a share of the base.

    Before the first known one and after the last they move as the base does.
    """
    between = _interpolated(values - share * base, known, times_s=times_s) + share * base
    frames = np.arange(len(values))
    nearest = frames.clip(*np.flatnonzero(known)[[0, -1]])
    beyond = values[nearest] + (base - base[nearest])
    filled = np.where((frames == nearest)[:, None], between, beyond)
    return np.where(known[:, None], values, filled)


def _interpolated(
    values: Float[np.ndarray, "f d"],
    known: Bool[np.ndarray, " f"],
    *,
    times_s: Float[np.ndarray, " f"],
) -> Float[np.ndarray, "f d"]:
    """Return ``values`` with the unknown ones drawn from the known ones about them."""
    if known.sum() == 1:
        return np.broadcast_to(values[known], values.shape)
    nodes_s = times_s[known]
    curve = PchipInterpolator(nodes_s, values[known])
    filled = curve(np.clip(times_s, nodes_s[0], nodes_s[-1]))
    return np.where(known[:, None], values, filled)


def _standing_px(
    track: Track2D, keypoints_px: Float[np.ndarray, "f j 2"], known: Bool[np.ndarray, " j"]
) -> Float[np.ndarray, "f j 2"]:
    """Return somebody upright, in every frame as near to the known joints as moving them gets.

    Their size is the same throughout. They are never turned: two shoulders seen from behind would
    put them on their head.
    """
    height_px = _box_height_px(track)
    if known.any():
        anchor = _STANDING[known].mean(axis=0)
        anchor_px = keypoints_px[:, known].mean(axis=1)
    else:
        anchor = np.average([_STANDING.min(axis=0), _STANDING.max(axis=0)], axis=0)
        middle_px = (track.boxes_px[:, :2] + track.boxes_px[:, 2:]) / 2
        anchor_px = _interpolated(middle_px, track.seen, times_s=track.times_s)
    if known.sum() > 1:
        spread_px = np.linalg.norm(keypoints_px[:, known] - anchor_px[:, None], axis=(1, 2))
        height_px = float(np.median(spread_px) / np.linalg.norm(_STANDING[known] - anchor))
    return np.asarray(anchor_px[:, None] + (_STANDING - anchor) * height_px)


def _box_height_px(track: Track2D) -> float:
    heights_px = track.boxes_px[track.seen, 3] - track.boxes_px[track.seen, 1]
    return float(np.median(heights_px))
