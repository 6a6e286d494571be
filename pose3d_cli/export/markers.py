"""The joints as markers, for the file formats of biomechanics."""

import numpy as np
from jaxtyping import Float

from pose3d_cli.geometry.kinematics import joint_positions
from pose3d_cli.sequences import Motion
from pose3d_cli.skeleton import RIG, RIG_OF_H36M

MM_PER_M = 1000


def markers_mm(motion: Motion) -> Float[np.ndarray, "f 17 3"]:
    """Return the world places of Human3.6M's joints in a motion of ``RIG``.

    Raises:
        ValueError: the motion holds NaN, or is not one of ``RIG``.
    """
    if motion.skeleton != RIG:
        raise ValueError(f"the motion is one of '{motion.skeleton.name}', expected '{RIG.name}'")
    places_m = joint_positions(
        motion.offsets_m,
        parents=RIG.parents,
        root_m=motion.root_m,
        rotations_wxyz=motion.rotations_wxyz,
    )
    if not np.all(np.isfinite(places_m)):
        raise ValueError("the motion holds NaN")
    return np.asarray(places_m[:, list(RIG_OF_H36M)] * MM_PER_M)
