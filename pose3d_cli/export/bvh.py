"""BVH: one rig's motion, for Blender, Maya, MotionBuilder, Unity, three.js and most others.

The format has no standard, so what is written is what every importer understands alike: the root's
OFFSET is zero (three.js adds it to the position channels, Blender does not), only the root has
position channels, numbers have no exponent, and nothing stands before HIERARCHY. Units are
centimetres with y up; all channels at zero show the T-pose.

References: M. Meredith, S. Maddock, "Motion Capture File Formats Explained" (2001); the readers
``three/examples/jsm/loaders/BVHLoader.js`` and Blender's ``io_anim_bvh/import_bvh.py``.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from jaxtyping import Float

from pose3d_cli.export.constant_rate import at_constant_rate
from pose3d_cli.export.per_person import one_path_a_person
from pose3d_cli.export.precision import rounded_motion, to_decimals
from pose3d_cli.files import written_whole
from pose3d_cli.geometry.rotations import euler_from_matrix, matrix_from_quaternion, unit
from pose3d_cli.sequences import Motion, Result

ORDER = "ZXY"
"""Of the rotation channels, the first outermost; the common one."""
CM_PER_M = 100
DECIMALS = 4
"""Of centimetres and degrees: 0.003 mm at the end of a chain of bones."""


def write_bvh(path: Path, motion: Motion) -> None:
    """Write one motion, at a constant frame rate.

    Raises:
        OutputError: the file cannot be written.
        ValueError: the motion holds NaN.
    """
    motion = at_constant_rate(rounded_motion(motion))
    order = _depth_first(motion.skeleton.parents)
    lines = [*_hierarchy(motion, order), *_frames(motion, order)]
    with written_whole(path) as part:
        part.write_text("\n".join(lines) + "\n", encoding="ascii", newline="\n")


def write_people_bvh(path: Path, result: Result) -> tuple[Path, ...]:
    """Write one file per person, because importers read one root; return where.

    Raises:
        OutputError: a file cannot be written.
    """
    paths = one_path_a_person(path, len(result.people))
    for person_path, person in zip(paths, result.people, strict=True):
        write_bvh(person_path, person.motion)
    return paths


def _depth_first(parents: tuple[int, ...], joint: int = 0) -> list[int]:
    """Return the joints in the order in which a nested text names them."""
    children = [child for child, parent in enumerate(parents) if parent == joint]
    return [joint, *(below for child in children for below in _depth_first(parents, child))]


def _is_end(motion: Motion, joint: int) -> bool:
    return joint not in motion.skeleton.parents


def _hierarchy(motion: Motion, order: list[int]) -> Iterator[str]:
    skeleton = motion.skeleton
    rotations = " ".join(f"{axis}rotation" for axis in ORDER)
    offsets_cm = np.concatenate([np.zeros((1, 3)), motion.offsets_m[1:] * CM_PER_M])
    yield "HIERARCHY"
    open_joints: list[int] = []
    for joint in order:
        while open_joints and open_joints[-1] != skeleton.parents[joint]:
            open_joints.pop()
            yield "\t" * len(open_joints) + "}"
        indent = "\t" * len(open_joints)
        if _is_end(motion, joint):
            yield indent + "End Site"
        else:
            yield f"{indent}{'JOINT' if open_joints else 'ROOT'} {skeleton.joints[joint]}"
        yield indent + "{"
        yield f"{indent}\tOFFSET {_numbers(offsets_cm[joint])}"
        if joint == order[0]:
            yield f"{indent}\tCHANNELS 6 Xposition Yposition Zposition {rotations}"
        elif not _is_end(motion, joint):
            yield f"{indent}\tCHANNELS 3 {rotations}"
        open_joints.append(joint)
    for depth in reversed(range(len(open_joints))):
        yield "\t" * depth + "}"


def _frames(motion: Motion, order: list[int]) -> Iterator[str]:
    turning = [joint for joint in order if not _is_end(motion, joint)]
    matrices = matrix_from_quaternion(unit(motion.rotations_wxyz[:, turning]))
    angles_deg = np.degrees(euler_from_matrix(matrices, order=ORDER))
    count = len(motion.root_m)
    yield "MOTION"
    yield f"Frames: {count}"
    yield f"Frame Time: {float(1 / motion.fps):.10f}"
    channels = np.hstack([motion.root_m * CM_PER_M, angles_deg.reshape(count, -1)])
    if not np.all(np.isfinite(channels)):
        raise ValueError("the motion holds NaN")
    yield from map(_numbers, channels)


def _numbers(values: Float[np.ndarray, " n"]) -> str:
    return " ".join(f"{value:.{DECIMALS}f}" for value in to_decimals(values, DECIMALS))
