"""Recorded motion as its file has it: named joints that turn and move in the world."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from pose3d_cli.geometry.bvh_file import POSITIONS, ROTATIONS, Bvh
from pose3d_cli.geometry.rotations import matrix_from_euler


@dataclass(frozen=True, slots=True, eq=False)
class Articulated:
    """One recording, in the units and axes of its file."""

    names: tuple[str, ...]
    parents: tuple[int, ...]
    positions: Float64[np.ndarray, "f j 3"]
    rotations: Float64[np.ndarray, "f j 3 3"]
    """world_from_joint; all identity in the rest pose."""
    bones: Float64[np.ndarray, "j 3"]
    """Each joint's place about its parent at rest: what tells one performer from another."""
    fps: float


def from_bvh(bvh: Bvh) -> Articulated:
    """Return the motion of a BVH file. Position channels below the root replace the offset."""
    frames, joints = len(bvh.rows), len(bvh.names)
    positions = np.zeros((frames, joints, 3))
    rotations = np.tile(np.eye(3), (frames, joints, 1, 1))
    columns = np.split(bvh.rows, np.cumsum([len(names) for names in bvh.channels])[:-1], axis=1)
    for joint, (parent, names, values) in enumerate(
        zip(bvh.parents, bvh.channels, columns, strict=True)
    ):
        turns = [i for i, name in enumerate(names) if name in ROTATIONS]
        local = np.tile(bvh.offsets[joint], (frames, 1))
        for axis, channel in enumerate(POSITIONS):
            if channel in names:
                moved = values[:, names.index(channel)]
                local[:, axis] = moved + (bvh.offsets[joint, axis] if parent < 0 else 0.0)
        if len(turns) == 3:
            order = "".join(names[i][0] for i in turns)
            rotations[:, joint] = matrix_from_euler(np.radians(values[:, turns]), order=order)
        if parent >= 0:
            above = rotations[:, parent]
            local = positions[:, parent] + np.einsum("fab,fb->fa", above, local)
            rotations[:, joint] = above @ rotations[:, joint]
        positions[:, joint] = local
    return Articulated(
        bvh.names, bvh.parents, positions, rotations, bvh.offsets, fps=1 / bvh.frame_time_s
    )
