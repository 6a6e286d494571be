"""Which joints there are, how they hang together, and which are each other's mirror image."""

from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Skeleton:
    """A named tree of joints, parents before children."""

    name: str
    joints: tuple[str, ...]
    parents: tuple[int, ...]
    """Index of each joint's parent, −1 for the root."""
    mirror_pairs: tuple[tuple[int, int], ...]
    """(left, right) joints; all others mirror onto themselves."""

    def __post_init__(self) -> None:
        if len(self.joints) != len(self.parents):
            raise ValueError(f"{len(self.joints)} joints but {len(self.parents)} parents")

    def __len__(self) -> int:
        return len(self.joints)

    @cached_property
    def mirror(self) -> tuple[int, ...]:
        """The joint that takes each joint's place in a mirror."""
        order = list(range(len(self)))
        for left, right in self.mirror_pairs:
            order[left], order[right] = right, left
        return tuple(order)

    @cached_property
    def bones(self) -> tuple[tuple[int, int], ...]:
        """(parent, child) of every bone, in joint order."""
        return tuple((p, j) for j, p in enumerate(self.parents) if p >= 0)

    def index(self, joint: str) -> int:
        """Return the index of a joint by name."""
        return self.joints.index(joint)


COCO17 = Skeleton(
    name="coco17",
    joints=(
        "nose",
        "left_eye",
        "right_eye",
        "left_ear",
        "right_ear",
        "left_shoulder",
        "right_shoulder",
        "left_elbow",
        "right_elbow",
        "left_wrist",
        "right_wrist",
        "left_hip",
        "right_hip",
        "left_knee",
        "right_knee",
        "left_ankle",
        "right_ankle",
    ),
    parents=(-1, 0, 0, 1, 2, 0, 0, 5, 6, 7, 8, 5, 6, 11, 12, 13, 14),
    mirror_pairs=((1, 2), (3, 4), (5, 6), (7, 8), (9, 10), (11, 12), (13, 14), (15, 16)),
)
"""Keypoints of the COCO person data set, the order that YOLO-pose writes."""

H36M17 = Skeleton(
    name="h36m17",
    joints=(
        "pelvis",
        "right_hip",
        "right_knee",
        "right_ankle",
        "left_hip",
        "left_knee",
        "left_ankle",
        "spine",
        "thorax",
        "nose",
        "head",
        "left_shoulder",
        "left_elbow",
        "left_wrist",
        "right_shoulder",
        "right_elbow",
        "right_wrist",
    ),
    parents=(-1, 0, 1, 2, 0, 4, 5, 0, 7, 8, 9, 8, 11, 12, 8, 14, 15),
    mirror_pairs=((4, 1), (5, 2), (6, 3), (11, 14), (12, 15), (13, 16)),
)
"""The 17 joints of Human3.6M in the order that lifters are trained with (VideoPose3D, MotionBERT)."""

RIG = Skeleton(
    name="rig",
    joints=(
        "Hips",
        "Spine",
        "Spine1",
        "Neck",
        "Head",
        "HeadEnd",
        "LeftShoulder",
        "LeftArm",
        "LeftForeArm",
        "LeftHand",
        "LeftHandEnd",
        "RightShoulder",
        "RightArm",
        "RightForeArm",
        "RightHand",
        "RightHandEnd",
        "LeftUpLeg",
        "LeftLeg",
        "LeftFoot",
        "LeftFootEnd",
        "RightUpLeg",
        "RightLeg",
        "RightFoot",
        "RightFootEnd",
    ),
    parents=(-1, 0, 1, 2, 3, 4, 2, 6, 7, 8, 9, 2, 11, 12, 13, 14, 0, 16, 17, 18, 0, 20, 21, 22),
    mirror_pairs=tuple((left, left + 5) for left in range(6, 11))
    + tuple((left, left + 4) for left in range(16, 20)),
)
"""The animation rig: HumanIK names, which Mixamo, Maya, MotionBuilder, Blender and Rokoko know.

Joints without children ("…End") are end sites: they have a place but no rotation.
"""

RIG_OF_H36M = (0, 20, 21, 22, 16, 17, 18, 2, 3, 4, 5, 7, 8, 9, 12, 13, 14)
"""The rig joint that stands at each H36M joint."""
