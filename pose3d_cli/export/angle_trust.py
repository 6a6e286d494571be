"""How far joint angles can be believed: no more than the joints between which they are measured."""

from collections.abc import Iterable, Mapping

import numpy as np
from jaxtyping import Float64

from pose3d_cli.sequences import Trust
from pose3d_cli.skeleton import H36M17

DOUBTFUL = 0.5
"""Below it one of the joints is likelier off by 10 cm than not."""

_HIPS, _SHOULDERS = ("pelvis", "left_hip", "right_hip"), ("left_shoulder", "right_shoulder")
_TRUNK = (*_HIPS, "spine", "thorax", *_SHOULDERS)
_OF_TRUNK = ("trunk_flexion", "trunk_bend", "trunk_rotation", "lean_forward", "lean_left")
_OF_SIDE: Mapping[str, tuple[str, ...]] = {
    "hip_flexion": ("knee",),
    "hip_abduction": ("knee",),
    "hip_rotation": ("knee", "ankle"),
    "knee_flexion": ("hip", "knee", "ankle"),
    "shoulder_elevation": ("elbow",),
    "shoulder_plane": ("elbow",),
    "elbow_flexion": ("shoulder", "elbow", "wrist"),
}
_BESIDES: Mapping[str, tuple[str, ...]] = {"hip": _HIPS, "shoulder": ("thorax", *_SHOULDERS)}
"""What the angles of a thigh and of an upper arm are told against."""


def angle_confidence(trust: Trust, names: Iterable[str]) -> Mapping[str, Float64[np.ndarray, " f"]]:
    """Return the least chance, of the joints of each angle, to be within 10 cm of the truth."""
    return {
        name: np.asarray(trust.confidence[:, [H36M17.index(joint) for joint in _joints(name)]])
        .min(axis=1)
        .astype(np.float64)
        for name in names
    }


def _joints(name: str) -> tuple[str, ...]:
    if name in _OF_TRUNK:
        return _TRUNK
    side, _, angle = name.partition("_")
    own = tuple(f"{side}_{joint}" for joint in _OF_SIDE[angle])
    return _BESIDES.get(angle.partition("_")[0], ()) + own
