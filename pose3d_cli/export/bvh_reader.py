"""Read the motion of a BVH file back into the rig's terms."""

from fractions import Fraction

import numpy as np

from pose3d_cli.geometry.bvh_file import POSITIONS, ROTATIONS, Bvh, read_bvh
from pose3d_cli.geometry.rotations import matrix_from_euler, quaternion_from_matrix
from pose3d_cli.sequences import Motion
from pose3d_cli.skeleton import Skeleton

__all__ = ["Bvh", "motion_from_bvh", "read_bvh"]


def motion_from_bvh(bvh: Bvh, *, unit_m: float = 0.01) -> Motion:
    """Return the motion, given how long the file's unit is; mirror pairs are left out.

    Raises:
        ValueError: a joint below the root moves by position channels, or one has not three
            rotations: a rig with constant bones cannot do that.
    """
    rates_hz = Fraction(1 / bvh.frame_time_s).limit_denominator(1001)
    columns = np.split(bvh.rows, np.cumsum([len(names) for names in bvh.channels])[:-1], axis=1)
    root_m = np.tile(bvh.offsets[0], (len(bvh.rows), 1)) * unit_m
    rotations = np.tile([1.0, 0.0, 0.0, 0.0], (len(bvh.rows), len(bvh.names), 1))
    for joint, (names, values) in enumerate(zip(bvh.channels, columns, strict=True)):
        turns = [place for place, name in enumerate(names) if name in ROTATIONS]
        moves = [place for place, name in enumerate(names) if name in POSITIONS]
        if len(turns) not in {0, 3} or (moves and joint > 0):
            raise ValueError(f"{bvh.names[joint]} has the channels {' '.join(names)}")
        for place in moves:
            root_m[:, POSITIONS.index(names[place])] += values[:, place] * unit_m
        if turns:
            order = "".join(names[place][0] for place in turns)
            matrices = matrix_from_euler(np.radians(values[:, turns]), order=order)
            rotations[:, joint] = quaternion_from_matrix(matrices)
    return Motion(
        skeleton=Skeleton("bvh", bvh.names, bvh.parents, mirror_pairs=()),
        times_s=np.arange(len(bvh.rows)) / float(rates_hz),
        fps=rates_hz,
        offsets_m=bvh.offsets * unit_m,
        root_m=root_m,
        rotations_wxyz=rotations,
    )
