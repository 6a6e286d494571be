"""The animation rig at rest, and where its joints are when it moves.

At rest the rig stands in a T-pose, y up, facing +z, arms along ±x. Trunk, neck and clavicles are
not straight but bent as in somebody who stands at ease; otherwise standing would come out as a bent
pose, and whoever puts the motion onto another character would copy that bend. How much is the median
of what our lifter makes of people who stand or stroll upright, in 54 planted clips. Ankles at rest are
8 cm above the floor, as those of standing feet are in recorded motion (CMU, subjects for training).
"""

import numpy as np
from jaxtyping import Float

from pose3d_cli.geometry.kinematics import joint_positions
from pose3d_cli.sequences import Motion
from pose3d_cli.skeleton import H36M17, RIG, RIG_OF_H36M

REST_BONES: dict[str, tuple[str, float, str, float]] = {
    "Spine1": ("spine", 1.0, "up_forward", -2.0),
    "Neck": ("thorax", 1.0, "up_forward", 2.0),
    "Head": ("nose", 1.0, "up_forward", 17.0),
    "HeadEnd": ("head", 1.0, "up_forward", -6.0),
    "LeftShoulder": ("thorax", 1.0, "up_forward", 2.0),
    "LeftArm": ("left_shoulder", 1.0, "left_down", 10.0),
    "LeftForeArm": ("left_elbow", 1.0, "left_down", 0.0),
    "LeftHand": ("left_wrist", 1.0, "left_down", 0.0),
    "LeftHandEnd": ("left_wrist", 0.4, "left_down", 0.0),
    "LeftUpLeg": ("left_hip", 1.0, "left_down", 0.0),
    "LeftLeg": ("left_knee", 1.0, "left_down", 90.0),
    "LeftFoot": ("left_ankle", 1.0, "left_down", 90.0),
    "LeftFootEnd": ("left_ankle", 0.5, "forward_down", 22.0),
}
"""How a joint hangs on its parent: along which bone of ``H36M17``, over how much of its length, in
which plane, and at how many degrees from that plane's first direction towards its second.

The right side is the left one's mirror image. ``Spine`` stands where ``Hips`` does.
"""

PLANES = {
    "up_forward": ((0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    "left_down": ((1.0, 0.0, 0.0), (0.0, -1.0, 0.0)),
    "forward_down": ((0.0, 0.0, 1.0), (0.0, -1.0, 0.0)),
}


def rest_offsets_m(lengths_m: Float[np.ndarray, "17"]) -> Float[np.ndarray, "24 3"]:
    """Return the rig's offsets for bones of these lengths (``bone_lengths_m``)."""
    offsets = np.zeros((len(RIG), 3))
    for joint, (bone, share, plane, degrees) in REST_BONES.items():
        first, second = np.array(PLANES[plane])
        angle = np.radians(degrees)
        direction = np.cos(angle) * first + np.sin(angle) * second
        offsets[RIG.index(joint)] = share * lengths_m[H36M17.index(bone)] * direction
    for left, right in RIG.mirror_pairs:
        offsets[right] = offsets[left] * [-1.0, 1.0, 1.0]
    return offsets


def ankle_height_m(lengths_m: Float[np.ndarray, "17"]) -> float:
    """Return how high the ankles are when the rig stands with its toes on the floor."""
    return -float(rest_offsets_m(lengths_m)[RIG.index("LeftFootEnd"), 1])


def forward_kinematics(motion: Motion) -> Float[np.ndarray, "f j 3"]:
    """Return the world position of every joint of the motion's skeleton."""
    return joint_positions(
        motion.offsets_m,
        parents=motion.skeleton.parents,
        root_m=motion.root_m,
        rotations_wxyz=motion.rotations_wxyz,
    )


def h36m_positions(motion: Motion) -> Float[np.ndarray, "f 17 3"]:
    """Return the world positions of Human3.6M's joints in a motion of ``RIG``."""
    return forward_kinematics(motion)[:, list(RIG_OF_H36M)]
