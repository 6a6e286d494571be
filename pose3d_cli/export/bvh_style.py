"""What a user can choose about a BVH: names, rest pose, rotation order, unit, travel."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from pose3d_cli.export.bvh_names import BvhNames, joint_names
from pose3d_cli.geometry.kinematics import joint_positions
from pose3d_cli.geometry.rotations import inverse, multiply, quaternion_from_vector, rotate
from pose3d_cli.sequences import Motion

RestPose = Literal["t", "a"]
RotationOrder = Literal["zxy", "mixed"]
BvhUnit = Literal["cm", "m"]

A_POSE_DEG = 45.0
"""How far arms hang below the horizontal in an A-pose."""
ARM_JOINTS = ("Arm", "ForeArm", "Hand", "HandEnd")
LEG_JOINTS = ("UpLeg", "Leg", "Foot")
"""They hinge about x: in the middle of three angles, that locks at a right angle."""
UNITS_A_METRE: Mapping[BvhUnit, int] = {"cm": 100, "m": 1}
DECIMALS: Mapping[BvhUnit, int] = {"cm": 4, "m": 6}
"""Of lengths."""
ANGLE_DECIMALS = 4
"""Of degrees: 0.003 mm at the end of a chain of bones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BvhStyle:
    """How a BVH tells a motion."""

    names: BvhNames = "humanik"
    rest: RestPose = "t"
    """What all channels at zero show: arms sideways, or hanging at 45°."""
    reference_frame: bool = False
    """Begin with one frame of the rest pose, as MotionBuilder likes it."""
    order: RotationOrder = "zxy"
    """``mixed``: ZYX for legs, whose knees and hips then pass right angles without a lock."""
    unit: BvhUnit = "cm"
    in_place: bool = False
    """Stay above the origin; rising and turning remain."""

    def name_of(self, joint: str) -> str:
        """Return what a joint of ``RIG`` is called; joints of other rigs keep their names."""
        return joint_names(self.names).get(joint, joint)

    def order_of(self, joint: str) -> str:
        """Return the rotation channels of a joint, the first outermost."""
        return "ZYX" if self.order == "mixed" and joint.endswith(LEG_JOINTS) else "ZXY"


def styled(motion: Motion, style: BvhStyle) -> Motion:
    """Return the motion with the rest pose, the travel and the first frame that a style asks for."""
    if style.rest == "a":
        motion = _resting_with_hanging_arms(motion)
    if style.in_place:
        motion = replace(motion, root_m=motion.root_m * [0, 1, 0])
    return _with_rest_first(motion) if style.reference_frame else motion


def _resting_with_hanging_arms(motion: Motion) -> Motion:
    """Return the same motion of a rig that rests otherwise: no joint moves."""
    turns = np.zeros((len(motion.skeleton), 3))
    for joint, name in enumerate(motion.skeleton.joints):
        if name.endswith(ARM_JOINTS):
            turns[joint, 2] = np.radians(A_POSE_DEG) * (1 if name.startswith("Right") else -1)
    rest = quaternion_from_vector(turns)
    offsets_m, local = motion.offsets_m.copy(), motion.rotations_wxyz.copy()
    local[:, 0] = multiply(local[:, 0], inverse(rest[0]))
    for parent, joint in motion.skeleton.bones:
        offsets_m[joint] = rotate(rest[parent], offsets_m[joint])
        local[:, joint] = multiply(multiply(rest[parent], local[:, joint]), inverse(rest[joint]))
    return replace(motion, offsets_m=offsets_m, rotations_wxyz=local)


def _with_rest_first(motion: Motion) -> Motion:
    """Return the motion after a frame of the rest pose, which stands where the motion begins."""
    standing = np.tile([1.0, 0, 0, 0], (1, len(motion.skeleton), 1))
    places_m = joint_positions(
        motion.offsets_m,
        parents=motion.skeleton.parents,
        root_m=motion.root_m[:1] * [1, 0, 1],
        rotations_wxyz=standing,
    )
    root_m = places_m[:, 0] - [0, places_m[..., 1].min(), 0]
    before_s = motion.times_s[:1] - 1 / float(motion.fps)
    return replace(
        motion,
        times_s=np.concatenate([before_s, motion.times_s]),
        root_m=np.concatenate([root_m, motion.root_m]),
        rotations_wxyz=np.concatenate([standing, motion.rotations_wxyz]),
    )
