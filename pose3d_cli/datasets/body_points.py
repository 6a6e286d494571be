"""From the joints of any rig to the points of a corpus.

Rigs put joints elsewhere in trunk and head, so those points are placed by rules: the neck base
stays where it is on average above the shoulders, in the axes of the chest; the head looks ahead and
stands upright on average over all that a performer did, because rigs hold it pitched by up to 45°.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from pose3d_cli.datasets.articulated import Articulated
from pose3d_cli.datasets.joint_names import joints_by_role

_LEG_M = 0.8974
"""Thigh and shank of Human3.6M; recordings are scaled to it, since units are anybody's guess."""
_NECK_ABOVE_SHOULDERS_M = 0.03
_SKULL_M = (0.03, 0.0, 0.155)
"""Where the head pivots about the shoulders' middle: ahead, left, up."""
_OF_SKULL_M = {
    9: (0.024, 0.0, -0.023), 10: (0.048, 0.0, 0.090), 17: (0.115, 0.0, -0.020),
    18: (0.096, 0.032, 0.020), 19: (0.096, -0.032, 0.020),
    20: (0.019, 0.074, 0.020), 21: (0.019, -0.074, 0.020),
}  # fmt: skip
"""Face and crown about that pivot: ahead, left, up."""
_SPINE_SHARE = 0.476
"""How far up the spine Human3.6M's spine joint is."""
_LIMBS = {
    1: "right_hip", 2: "right_knee", 3: "right_ankle", 4: "left_hip", 5: "left_knee",
    6: "left_ankle", 11: "left_shoulder", 12: "left_elbow", 13: "left_wrist",
    14: "right_shoulder", 15: "right_elbow", 16: "right_wrist",
}  # fmt: skip

Axes = Float64[np.ndarray, "f 3 3"]


@dataclass(frozen=True, slots=True, eq=False)
class _Placed:
    """A recording in metres, z up, and what the rules need of it."""

    motion: Articulated
    roles: dict[str, int]
    chest: int
    """The last joint that arms and head have in common."""
    trunk: Axes
    """Columns: ahead, left, up."""

    def at(self, role: str) -> Float64[np.ndarray, "f 3"]:
        return self.motion.positions[:, self.roles[role]]

    @property
    def shoulders(self) -> Float64[np.ndarray, "f 3"]:
        return np.asarray((self.at("left_shoulder") + self.at("right_shoulder")) / 2)


def body_points(recordings: Sequence[Articulated]) -> list[Float64[np.ndarray, "f 24 3"]]:
    """Return the points of recordings of one performer, in metres, z up.

    Raises:
        InputError: a joint that a body needs has none of the names that are known.
    """
    placed = [_placed(recording) for recording in recordings]
    neck = _mean(
        [_local(p, p.chest, _above(p, (0.0, 0.0, _NECK_ABOVE_SHOULDERS_M))) for p in placed]
    )
    skull = _mean([_local(p, p.roles["head"], _above(p, _SKULL_M)) for p in placed])
    head = [p.motion.rotations[:, p.roles["head"]] for p in placed]
    ahead = _mean([_columns(h, p.trunk[:, :, 0]) for h, p in zip(head, placed, strict=True)])
    up = _mean([_columns(h, p.trunk[:, :, 2]) for h, p in zip(head, placed, strict=True)])
    face = _frame(ahead[None], up[None])[0]  # columns, in the axes of the head joint
    return [_points(p, neck=neck, skull=skull, face=face) for p in placed]


def _points(
    p: _Placed,
    *,
    neck: Float64[np.ndarray, "3"],
    skull: Float64[np.ndarray, "3"],
    face: Float64[np.ndarray, "3 3"],
) -> Float64[np.ndarray, "f 24 3"]:
    points = np.zeros((len(p.motion.positions), 24, 3))
    for point, role in _LIMBS.items():
        points[:, point] = p.at(role)
    points[:, 0] = (points[:, 1] + points[:, 4]) / 2
    points[:, 8] = _global(p, p.chest, neck)
    points[:, 7] = _along_spine(p, points[:, 0], points[:, 8])
    pivot = _global(p, p.roles["head"], skull)
    axes = p.motion.rotations[:, p.roles["head"]] @ face
    for point, offset in _OF_SKULL_M.items():
        points[:, point] = pivot + axes @ np.array(offset)
    for point, side in ((22, "left"), (23, "right")):
        toe = p.at(f"{side}_ankle") + p.trunk @ np.array([0.15, 0.0, -0.05])
        points[:, point] = p.at(f"{side}_toe") if f"{side}_toe" in p.roles else toe
    return points


def _placed(motion: Articulated) -> _Placed:
    """Scale a recording to Human3.6M's legs and turn it to z up."""
    roles = joints_by_role(motion.names)

    def at(role: str) -> Float64[np.ndarray, "f 3"]:
        return motion.positions[:, roles[role]]

    leg = np.mean(
        [
            np.linalg.norm(at(f"{side}_hip") - at(f"{side}_knee"), axis=-1)
            + np.linalg.norm(at(f"{side}_knee") - at(f"{side}_ankle"), axis=-1)
            for side in ("left", "right")
        ]
    )
    to_z_up = _to_z_up(motion)
    positions = motion.positions @ to_z_up.T * (_LEG_M / leg)
    turned = Articulated(
        motion.names,
        motion.parents,
        positions,
        to_z_up @ motion.rotations,
        motion.bones,
        motion.fps,
    )
    middle = [
        (positions[:, roles[f"left_{p}"]] + positions[:, roles[f"right_{p}"]]) / 2
        for p in ("hip", "shoulder")
    ]
    left = positions[:, roles["left_hip"]] - positions[:, roles["right_hip"]]
    up = middle[1] - middle[0]
    trunk = _frame(np.cross(left, up), up)
    return _Placed(turned, roles, _chest(motion, roles), trunk)


def _to_z_up(motion: Articulated) -> Float64[np.ndarray, "3 3"]:
    """Return a rotation that makes the file's vertical z: rest poses stand, y or z upwards."""
    head = joints_by_role(motion.names)["head"]
    height, joint = np.zeros(3), head
    while joint >= 0:
        height, joint = height + motion.bones[joint], motion.parents[joint]
    if abs(height[2]) > abs(height[1]):
        return np.eye(3)
    return np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])


def _chest(motion: Articulated, roles: dict[str, int]) -> int:
    chains = [
        _ancestors(motion, roles[role]) for role in ("left_shoulder", "right_shoulder", "head")
    ]
    return next(joint for joint in chains[0] if all(joint in chain for chain in chains))


def _ancestors(motion: Articulated, joint: int) -> list[int]:
    chain = []
    while (joint := motion.parents[joint]) >= 0:
        chain.append(joint)
    return chain


def _along_spine(
    p: _Placed, pelvis: Float64[np.ndarray, "f 3"], neck: Float64[np.ndarray, "f 3"]
) -> Float64[np.ndarray, "f 3"]:
    """Return the place at a share of the way along the rig's spine."""
    between = [j for j in (p.chest, *_ancestors(p.motion, p.chest)) if p.motion.parents[j] >= 0]
    way = np.stack([pelvis, *(p.motion.positions[:, j] for j in reversed(between)), neck], axis=1)
    steps = np.linalg.norm(np.diff(way, axis=1), axis=-1)
    gone = np.concatenate([np.zeros((len(way), 1)), steps.cumsum(1)], axis=1)
    wanted = _SPINE_SHARE * gone[:, -1:]
    before = np.minimum((gone <= wanted).sum(1) - 1, steps.shape[1] - 1)
    rows = np.arange(len(way))
    share = (wanted[:, 0] - gone[rows, before]) / np.maximum(steps[rows, before], 1e-9)
    step = way[rows, before + 1] - way[rows, before]
    return np.asarray(way[rows, before] + share[:, None] * step)


def _above(p: _Placed, offset: tuple[float, float, float]) -> Float64[np.ndarray, "f 3"]:
    return np.asarray(p.shoulders + p.trunk @ np.array(offset))


def _local(
    p: _Placed, joint: int, points: Float64[np.ndarray, "f 3"]
) -> Float64[np.ndarray, "f 3"]:
    return _columns(p.motion.rotations[:, joint], points - p.motion.positions[:, joint])


def _global(p: _Placed, joint: int, local: Float64[np.ndarray, "3"]) -> Float64[np.ndarray, "f 3"]:
    return np.asarray(p.motion.positions[:, joint] + p.motion.rotations[:, joint] @ local)


def _columns(axes: Axes, vectors: Float64[np.ndarray, "f 3"]) -> Float64[np.ndarray, "f 3"]:
    return np.asarray(np.einsum("fji,fj->fi", axes, vectors))


def _mean(parts: Sequence[Float64[np.ndarray, "_ 3"]]) -> Float64[np.ndarray, "3"]:
    return np.asarray(np.concatenate(parts).mean(axis=0))


def _frame(
    ahead: Float64[np.ndarray, "f 3"], up: Float64[np.ndarray, "f 3"]
) -> Float64[np.ndarray, "f 3 3"]:
    """Return axes in columns: ahead as near as it can be to what is wanted, left, and up."""
    up = up / np.linalg.norm(up, axis=-1, keepdims=True)
    left = np.cross(up, ahead)
    left = left / np.linalg.norm(left, axis=-1, keepdims=True)
    return np.stack([np.cross(left, up), left, up], axis=-1)
