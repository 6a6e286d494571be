"""BVH: one rig's motion, for Blender, Maya, MotionBuilder, Unity, three.js and most others.

The format has no standard, so what is written is what every importer understands alike: the root's
OFFSET is zero (three.js adds it to the position channels, Blender does not), only the root has
position channels, numbers have no exponent, names no colon (three.js drops such tracks), and
nothing stands before HIERARCHY. Up is y; all channels at zero show the rest pose.

References: M. Meredith, S. Maddock, "Motion Capture File Formats Explained" (2001); the readers
``three/examples/jsm/loaders/BVHLoader.js`` and Blender's ``io_anim_bvh/import_bvh.py``.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from jaxtyping import Float

from pose3d_cli.export.bvh_style import ANGLE_DECIMALS, DECIMALS, UNITS_A_METRE, BvhStyle, styled
from pose3d_cli.export.constant_rate import at_constant_rate
from pose3d_cli.export.per_person import one_path_a_person
from pose3d_cli.export.precision import rounded_motion, to_decimals
from pose3d_cli.export.whole_clip import over_clip
from pose3d_cli.files import written_whole
from pose3d_cli.geometry.rotations import euler_from_matrix, matrix_from_quaternion, unit
from pose3d_cli.sequences import Motion, Result

USUAL = BvhStyle()


def write_bvh(path: Path, motion: Motion, *, style: BvhStyle = USUAL) -> None:
    """Write one motion, at a constant frame rate.

    Raises:
        OutputError: the file cannot be written.
        ValueError: the motion holds NaN.
    """
    motion = styled(at_constant_rate(rounded_motion(motion)), style)
    order = _depth_first(motion.skeleton.parents)
    lines = [*_hierarchy(motion, order, style), *_frames(motion, order, style)]
    with written_whole(path) as part:
        part.write_text("\n".join(lines) + "\n", encoding="ascii", newline="\n")


def write_people_bvh(path: Path, result: Result, *, style: BvhStyle = USUAL) -> tuple[Path, ...]:
    """Write one file per person, because importers read one root; return where.

    Each is as long as the clip.

    Raises:
        OutputError: a file cannot be written.
        ValueError: a motion holds NaN.
    """
    paths = one_path_a_person(path, len(result.people))
    for person_path, person in zip(paths, result.people, strict=True):
        write_bvh(person_path, over_clip(person, result.times_s), style=style)
    return paths


def _depth_first(parents: tuple[int, ...], joint: int = 0) -> list[int]:
    """Return the joints in the order in which a nested text names them."""
    children = [child for child, parent in enumerate(parents) if parent == joint]
    return [joint, *(below for child in children for below in _depth_first(parents, child))]


def _is_end(motion: Motion, joint: int) -> bool:
    return joint not in motion.skeleton.parents


def _hierarchy(motion: Motion, order: list[int], style: BvhStyle) -> Iterator[str]:
    skeleton = motion.skeleton
    offsets = np.concatenate([np.zeros((1, 3)), motion.offsets_m[1:] * UNITS_A_METRE[style.unit]])
    yield "HIERARCHY"
    open_joints: list[int] = []
    for joint in order:
        while open_joints and open_joints[-1] != skeleton.parents[joint]:
            open_joints.pop()
            yield "\t" * len(open_joints) + "}"
        indent = "\t" * len(open_joints)
        name = skeleton.joints[joint]
        if _is_end(motion, joint):
            yield indent + "End Site"
        else:
            yield f"{indent}{'JOINT' if open_joints else 'ROOT'} {style.name_of(name)}"
        yield indent + "{"
        yield f"{indent}\tOFFSET {_numbers(offsets[joint], DECIMALS[style.unit])}"
        rotations = " ".join(f"{axis}rotation" for axis in style.order_of(name))
        if joint == order[0]:
            yield f"{indent}\tCHANNELS 6 Xposition Yposition Zposition {rotations}"
        elif not _is_end(motion, joint):
            yield f"{indent}\tCHANNELS 3 {rotations}"
        open_joints.append(joint)
    for depth in reversed(range(len(open_joints))):
        yield "\t" * depth + "}"


def _frames(motion: Motion, order: list[int], style: BvhStyle) -> Iterator[str]:
    angles_deg = np.hstack(
        [
            _angles_deg(
                motion.rotations_wxyz[:, joint], style.order_of(motion.skeleton.joints[joint])
            )
            for joint in order
            if not _is_end(motion, joint)
        ]
    )
    places = motion.root_m * UNITS_A_METRE[style.unit]
    if not np.all(np.isfinite(places)) or not np.all(np.isfinite(angles_deg)):
        raise ValueError("the motion holds NaN")
    yield "MOTION"
    yield f"Frames: {len(places)}"
    yield f"Frame Time: {float(1 / motion.fps):.10f}"
    for place, row_deg in zip(places, angles_deg, strict=True):
        yield f"{_numbers(place, DECIMALS[style.unit])} {_numbers(row_deg, ANGLE_DECIMALS)}"


def _angles_deg(rotations: Float[np.ndarray, "f 4"], order: str) -> Float[np.ndarray, "f 3"]:
    angles_rad = euler_from_matrix(matrix_from_quaternion(unit(rotations)), order=order)
    return np.asarray(np.degrees(angles_rad))


def _numbers(values: Float[np.ndarray, " n"], decimals: int) -> str:
    return " ".join(f"{value:.{decimals}f}" for value in to_decimals(values, decimals))
