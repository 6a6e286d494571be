"""Other frames than the world to move in: the camera's, or one spot."""

from dataclasses import replace

import numpy as np
from jaxtyping import Float

from pose3d_cli.geometry.rotations import multiply, quaternion_from_matrix, without_sign_flips
from pose3d_cli.motion.gravity import LEVEL
from pose3d_cli.motion.settings import Root
from pose3d_cli.sequences import Person


def framed(person: Person, root: Root) -> Person:
    """Return the person with their root moving in what is wanted."""
    if root is Root.CAMERA:
        to_camera = np.eye(4)
        to_camera[:3, :3] = LEVEL
        return _moved(person, to_camera @ person.world.camera_from_world)
    if root is Root.INPLACE:
        still = person.motion.root_m * [0.0, 1.0, 0.0]
        return replace(person, motion=replace(person.motion, root_m=still))
    return person


def _moved(person: Person, new_from_old: Float[np.ndarray, "4 4"]) -> Person:
    """Return the person in another frame; rotation and shift only."""
    turn, shift = new_from_old[:3, :3], new_from_old[:3, 3]
    motion, world = person.motion, person.world
    rotations = motion.rotations_wxyz.copy()
    rotations[:, 0] = multiply(quaternion_from_matrix(turn), rotations[:, 0])
    return replace(
        person,
        world=replace(
            world,
            positions_m=world.positions_m @ turn.T + shift,
            camera_from_world=world.camera_from_world @ np.linalg.inv(new_from_old),
        ),
        motion=replace(
            motion,
            root_m=motion.root_m @ turn.T + shift,
            rotations_wxyz=without_sign_flips(rotations),
        ),
    )
