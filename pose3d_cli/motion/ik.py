"""Find the joint rotations that make the rig follow a person's joints.

Seventeen points say where each bone points, but not how it is turned about itself. That twist comes
from what else is known: pelvis and chest from the lines of hips and shoulders, upper arms and
thighs from the plane in which elbow or knee is bent, the head from the face, everything else from turning no further than
the bone needs.
"""

from fractions import Fraction

import numpy as np
from jaxtyping import Float, Float64

from pose3d_cli.geometry.rotations import (
    inverse,
    multiply,
    quaternion_from_matrix,
    quaternion_from_vector,
    rotate,
    swing,
    unit,
    without_sign_flips,
)
from pose3d_cli.motion.bones import bone_lengths_m, fit_bones
from pose3d_cli.motion.facing import Facing
from pose3d_cli.motion.feet import foot_on_floor
from pose3d_cli.motion.rig import rest_offsets_m
from pose3d_cli.motion.twist import hinge_twist
from pose3d_cli.sequences import Motion
from pose3d_cli.skeleton import RIG, RIG_OF_H36M

HINGES = {
    "LeftArm": (0.0, -1.0, 0.0),
    "RightArm": (0.0, 1.0, 0.0),
    "LeftUpLeg": (1.0, 0.0, 0.0),
    "RightUpLeg": (1.0, 0.0, 0.0),
}
"""The axis, at rest, about which the next joint bends: elbows forwards, knees backwards."""
STANDS_AT = {"Spine": "Hips", "LeftShoulder": "Neck", "RightShoulder": "Neck"}
"""Joints of the rig that Human3.6M has no joint of their own for."""
TRUNK = ("Hips", "Spine", "Spine1")
"""The first joints of ``RIG``, in its order."""


def solve_rotations(
    positions_world_m: Float[np.ndarray, "f 17 3"],
    *,
    times_s: Float64[np.ndarray, " f"],
    fps: Fraction,
    facing: Facing | None = None,
) -> Motion:
    """Return the motion of ``RIG`` that follows the joints of ``H36M17`` (world, metres).

    With a face the head is turned as that tells, else as the chest is.

    If the bones keep their lengths the joints are met exactly, else in the sense of least squares.
    """
    lengths = bone_lengths_m(positions_world_m)
    offsets = rest_offsets_m(lengths)
    joints = np.zeros((len(times_s), len(RIG), 3))
    joints[:, list(RIG_OF_H36M)] = fit_bones(positions_world_m, lengths)
    for unseen, place in STANDS_AT.items():
        joints[:, RIG.index(unseen)] = joints[:, RIG.index(place)]
    world = _world_rotations(joints, offsets, fps=float(fps), facing=facing)
    local = world.copy()
    for parent, joint in RIG.bones:
        local[:, joint] = multiply(inverse(world[:, parent]), world[:, joint])
    root = joints[:, 0].copy()  # a view would keep all joints
    return Motion(RIG, times_s, fps, offsets, root, without_sign_flips(local))


def _world_rotations(
    joints_m: Float[np.ndarray, "f 24 3"],
    offsets_m: Float[np.ndarray, "24 3"],
    *,
    fps: float,
    facing: Facing | None,
) -> Float[np.ndarray, "f 24 4"]:
    """Return world_from_joint, parents first; in ``RIG`` a bone's far end is the next joint."""
    directions = unit(np.diff(joints_m, axis=1))
    rest = unit(offsets_m)
    world = np.zeros((*joints_m.shape[:2], 4))
    world[:, : len(TRUNK)] = _trunk(joints_m, rest)
    for parent, joint in RIG.bones[len(TRUNK) - 1 :]:
        name, above = RIG.joints[joint], world[:, parent]
        if name.endswith(("End", "Hand")):
            world[:, joint] = above
        elif name.endswith("Foot"):
            world[:, joint] = foot_on_floor(above, joints_m[:, joint], offsets_m[joint + 1])
        else:
            along = directions[:, joint]
            turned = multiply(swing(rotate(above, rest[joint + 1]), along), above)
            if name in HINGES:
                axis = rotate(turned, np.array(HINGES[name]))
                beyond = directions[:, joint + 1]
                twist = hinge_twist(along, beyond, axis=axis, fps=fps, knee="Leg" in name)
                turned = multiply(quaternion_from_vector(twist[:, None] * along), turned)
            if name == "Head" and facing is not None:
                twist = facing.twist(turned, along, at_m=joints_m[:, joint], fps=fps)
                turned = multiply(quaternion_from_vector(twist[:, None] * along), turned)
            world[:, joint] = turned
    return world


def _trunk(
    joints_m: Float[np.ndarray, "f 24 3"], rest: Float[np.ndarray, "24 3"]
) -> Float[np.ndarray, "f 3 4"]:
    """Return world_from_joint of hips, spine and chest, each twisted as far as hips and shoulders.

    The hips' axis is met exactly and so is the direction of each part of the spine; what hips and
    lower spine share of a forward bend cannot be seen, so the hips take all of it.
    """
    hips = _across(joints_m, "UpLeg")
    shoulders = _across(joints_m, "Arm")
    lower = unit(joints_m[:, RIG.index("Spine1")] - joints_m[:, 0])
    upper = unit(joints_m[:, RIG.index("Neck")] - joints_m[:, RIG.index("Spine1")])
    x = np.array([1.0, 0.0, 0.0])
    lower_rest, upper_rest = rest[RIG.index("Spine1")], rest[RIG.index("Neck")]
    parts = (
        _aimed(x, hips, aside=lower_rest, towards=lower),
        _aimed(lower_rest, lower, aside=x, towards=unit(hips + shoulders)),
        _aimed(upper_rest, upper, aside=x, towards=shoulders),
    )
    return np.stack(parts, axis=1)


def _across(joints_m: Float[np.ndarray, "f 24 3"], joint: str) -> Float[np.ndarray, "f 3"]:
    """Return the direction from the right one of a pair of joints to the left one."""
    left, right = RIG.index(f"Left{joint}"), RIG.index(f"Right{joint}")
    return unit(joints_m[:, left] - joints_m[:, right])


def _aimed(
    axis: Float[np.ndarray, "3"],
    along: Float[np.ndarray, "f 3"],
    *,
    aside: Float[np.ndarray, "3"],
    towards: Float[np.ndarray, "f 3"],
) -> Float[np.ndarray, "f 4"]:
    """Return the rotation that lays ``axis`` along a direction, and ``aside`` nearest another."""
    return quaternion_from_matrix(_frame(along, towards) @ np.swapaxes(_frame(axis, aside), -1, -2))


def _frame(
    first: Float[np.ndarray, "*n 3"], second: Float[np.ndarray, "*n 3"]
) -> Float[np.ndarray, "*n 3 3"]:
    third = unit(np.cross(first, second))
    return np.stack([first, np.cross(third, first), third], axis=-1)
