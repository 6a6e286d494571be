"""Where the joints of a rig are, and how they are turned."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from pose3d_cli.geometry.rotations import multiply, rotate


def joint_positions(
    offsets_m: Float[np.ndarray, "j 3"],
    *,
    parents: Sequence[int],
    root_m: Float[np.ndarray, "f 3"],
    rotations_wxyz: Float[np.ndarray, "f j 4"],
) -> Float[np.ndarray, "f j 3"]:
    """Return every joint's place: the parent's place plus the bone, turned as the parent is.

    Joint 0 stands at ``root_m``; its offset does not count. Parents come before their children.
    """
    turned = world_rotations(rotations_wxyz, parents=parents)
    positions = [root_m]
    for joint, parent in list(enumerate(parents))[1:]:
        positions.append(positions[parent] + rotate(turned[:, parent], offsets_m[joint]))
    return np.stack(positions, axis=1)


def world_rotations(
    rotations_wxyz: Float[np.ndarray, "f j 4"], *, parents: Sequence[int]
) -> Float[np.ndarray, "f j 4"]:
    """Return world_from_joint, given every joint's parent_from_joint."""
    world = [rotations_wxyz[:, 0]]
    for joint, parent in list(enumerate(parents))[1:]:
        world.append(multiply(world[parent], rotations_wxyz[:, joint]))
    return np.stack(world, axis=1)
