"""Knees that a recording's skeleton bends although the person stands straight.

Rigs that are fitted to markers often put the knee too far ahead. The straightest legs of CMU's and
HDM05's subjects, who all walk and stand, are then bent by 10 to 20 degrees, where a healthy leg is
extended to within 5 degrees at every step (Perry & Burnfield, "Gait Analysis", 2010). A lifter that
learns from them makes everybody crouch.
"""

from collections.abc import Hashable, Sequence

import numpy as np
from jaxtyping import Bool, Float, Float32

LEGS = ((1, 2, 3, 23), (4, 5, 6, 22))
"""Hip, knee, ankle, toe, of each side."""
STRAIGHTEST_SHARE = 0.03
"""How often legs are straight, at least, in a recording that says how its rig bends them."""
STRAIGHT_RAD, MOST_RAD = np.radians(3.0), np.radians(15.0)
"""What a straight leg may be bent by, and by how much legs are unbent at most: some people crouch."""
HARDLY_RAD = np.radians(20.0)

Points = Float32[np.ndarray, "n 24 3"]


def straightened(
    clips: Sequence[Float32[np.ndarray, "_ 24 3"]],
    *,
    sources: Sequence[str],
    subjects: Sequence[str],
) -> list[Float32[np.ndarray, "_ 24 3"]]:
    """Return clips in which the straightest legs of every subject are straight.

    Nothing changes in a source whose legs, all together, do get straight: its rigs are right, and
    who is never seen with straight legs there really sits or crouches.

    Args:
        clips: motion in metres.
        sources: where each clip comes from.
        subjects: whose skeleton each clip has; all clips of one are unbent alike.
    """
    rigs = [*zip(sources, subjects, strict=True)]
    bent = [np.concatenate([flexion(clip, leg) for leg in LEGS]) for clip in clips]
    by_source, by_rig = _excess(bent, groups=sources), _excess(bent, groups=rigs)
    return [
        unbent(clip, by_rad=by_rig[rig]) if by_source[rig[0]] else clip
        for clip, rig in zip(clips, rigs, strict=True)
    ]


def both_straight(points: Points) -> Bool[np.ndarray, " n"]:
    """Return where nobody would say that a leg is bent: by less than ``HARDLY_RAD``."""
    return np.asarray(np.all([flexion(points, leg) < HARDLY_RAD for leg in LEGS], axis=0))


def flexion(points: Points, leg: tuple[int, int, int, int]) -> Float[np.ndarray, " n"]:
    """Return by how much a knee is bent, in radians; 0 is a straight leg."""
    hip, knee, ankle, _ = (points[:, joint].astype(np.float64) for joint in leg)
    thigh, shin = knee - hip, ankle - knee
    across = np.linalg.norm(np.cross(thigh, shin), axis=-1)
    return np.asarray(np.arctan2(across, (thigh * shin).sum(-1)))


def unbent(points: Points, *, by_rad: float) -> Points:
    """Return motion, in metres, with knees bent by ``by_rad`` less, down to straight.

    Bones keep their lengths, and ankles their direction from the hip, nearly: the foot goes along as
    the leg becomes longer.
    """
    result = points.astype(np.float64)
    for leg in LEGS:
        hip, knee, ankle, toe = leg
        bent = flexion(points, leg)
        less = np.maximum(bent - by_rad, 0.0)
        line = result[:, ankle] - result[:, hip]
        line /= np.maximum(np.linalg.norm(line, axis=-1, keepdims=True), 1e-9)
        thigh, shin = result[:, knee] - result[:, hip], result[:, ankle] - result[:, knee]
        along = (thigh * line).sum(-1, keepdims=True) * line
        # The height of a triangle over its longest side goes with the tangent of half its bend.
        nearer = np.tan(less / 2) / np.maximum(np.tan(bent / 2), 1e-9)
        turned_thigh = along + nearer[:, None] * (thigh - along)
        turned_shin = thigh + shin - turned_thigh
        new_knee = result[:, hip] + _of_length(turned_thigh, like=thigh)
        moved = new_knee + _of_length(turned_shin, like=shin) - result[:, ankle]
        result[:, knee] = new_knee
        result[:, ankle] += moved
        result[:, toe] += moved
    return result.astype(np.float32)


def _excess(
    bent: Sequence[Float[np.ndarray, " _"]], *, groups: Sequence[Hashable]
) -> dict[Hashable, float]:
    """Return by how many radians the straightest legs of each group are bent, within reason."""
    together: dict[Hashable, list[np.ndarray]] = {}
    for part, group in zip(bent, groups, strict=True):
        together.setdefault(group, []).append(part)
    return {
        group: float(
            np.clip(
                np.quantile(np.concatenate(parts), STRAIGHTEST_SHARE) - STRAIGHT_RAD, 0.0, MOST_RAD
            )
        )
        for group, parts in together.items()
    }


def _of_length(
    direction: Float[np.ndarray, "n 3"], *, like: Float[np.ndarray, "n 3"]
) -> Float[np.ndarray, "n 3"]:
    norm = np.maximum(np.linalg.norm(direction, axis=-1, keepdims=True), 1e-9)
    return np.asarray(direction / norm * np.linalg.norm(like, axis=-1, keepdims=True))
