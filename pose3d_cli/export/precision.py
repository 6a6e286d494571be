"""Round a result to what files store, so that every export of it agrees to the last digit.

A number rounded here and printed with as many decimals reads back as the very same float, and
rounding it again changes nothing. Writers therefore round first: BVH from memory and BVH from a
``result.json`` are the same bytes.
"""

from dataclasses import replace

import numpy as np
from jaxtyping import Float, Float64

from pose3d_cli.export.trust_fields import rounded_trust
from pose3d_cli.sequences import Motion, Person, Result

TIME_S_DECIMALS = 6
PIXEL_DECIMALS = 1
CONFIDENCE_DECIMALS = 2
JOINT_M_DECIMALS = 4
"""Of joint positions: far below what a single camera can tell."""
RIG_M_DECIMALS = 6
"""Of bone offsets and the root; four decimals in the centimetres of a BVH."""
QUATERNION_DECIMALS = 6
"""Fewer would move hands and feet visibly, because errors add up along the chain."""


def rounded(result: Result) -> Result:
    """Return the result as ``read_json`` would give it back, except for the clip's folder."""
    return replace(
        result,
        times_s=to_decimals(result.times_s, TIME_S_DECIMALS),
        people=tuple(_rounded_person(person) for person in result.people),
    )


def rounded_motion(motion: Motion) -> Motion:
    """Return the motion with the decimals that JSON and BVH store."""
    return replace(
        motion,
        times_s=to_decimals(motion.times_s, TIME_S_DECIMALS),
        offsets_m=to_decimals(motion.offsets_m, RIG_M_DECIMALS),
        root_m=to_decimals(motion.root_m, RIG_M_DECIMALS),
        rotations_wxyz=to_decimals(motion.rotations_wxyz, QUATERNION_DECIMALS),
    )


def to_decimals(values: Float[np.ndarray, "*n"], decimals: int) -> Float64[np.ndarray, "*n"]:
    """Return the nearest decimal numbers as doubles, without −0."""
    # single precision cannot hold them, and NumPy's kernels may differ in the last bit by layout
    return np.round(np.array(values, np.float64, order="C"), decimals) + 0.0


def _rounded_person(person: Person) -> Person:
    seen, raw, world = person.poses_2d, person.poses_3d, person.world
    return replace(
        person,
        poses_2d=replace(
            seen,
            times_s=to_decimals(seen.times_s, TIME_S_DECIMALS),
            keypoints_px=to_decimals(seen.keypoints_px, PIXEL_DECIMALS),
            confidence=to_decimals(seen.confidence, CONFIDENCE_DECIMALS),
        ),
        poses_3d=replace(
            raw,
            times_s=to_decimals(raw.times_s, TIME_S_DECIMALS),
            positions_m=to_decimals(raw.positions_m, JOINT_M_DECIMALS),
        ),
        world=replace(
            world,
            positions_m=to_decimals(world.positions_m, JOINT_M_DECIMALS),
            camera_from_world=np.asarray(world.camera_from_world, np.float64),
        ),
        motion=rounded_motion(person.motion),
        trust=None if person.trust is None else rounded_trust(person.trust),
    )
