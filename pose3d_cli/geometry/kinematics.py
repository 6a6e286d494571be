"""Where the joints of a rig are."""

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
    positions, rotations = [root_m], [rotations_wxyz[:, 0]]
    for joint, parent in list(enumerate(parents))[1:]:
        positions.append(positions[parent] + rotate(rotations[parent], offsets_m[joint]))
        rotations.append(multiply(rotations[parent], rotations_wxyz[:, joint]))
    return np.stack(positions, axis=1)
