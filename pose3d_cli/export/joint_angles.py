"""Joint angles of a motion in degrees, as movement science names them.

Angles with three parts are Cardan angles of the moving segment in the fixed one, in the order of
the International Society of Biomechanics (ISB): first about the fixed segment's left–right axis
(flexion), then about the floating axis (towards a side), last about the moving segment's long axis.
Zero everywhere is the anatomical position: upright, arms and legs hanging.

    trunk_flexion, _bend, _rotation   chest in pelvis: forwards; to the left; towards the left
    lean_forward, lean_left           chest against the vertical, as seen from the person
    hip_flexion, _abduction, _rotation   thigh in pelvis: knee forwards; outwards; inwards
    knee_flexion, elbow_flexion       between the two bones, 0 where they are in line; never below
    shoulder_elevation, _plane        upper arm in chest: 0 hanging, 180 upwards; and in which plane,
                                      0 sideways, 90 forwards, undefined while it hangs

Left and right have the same signs. What seventeen joints cannot show is not here, or only as good
as the rig's guess: feet and hands are unseen, so ankles and wrists have no angle; knees and elbows
that bend backwards cannot be told from bent ones; ``hip_rotation`` follows the knee's plane and
means nothing while the knee is straight; and the pelvis is seen by its hips alone, so that
``hip_flexion`` takes up what the lower back bends.

References: G. Wu et al., "ISB recommendation on definitions of joint coordinate system … part I:
ankle, hip, and spine", J. Biomech. 35 (2002); "… part II: shoulder, elbow, wrist and hand",
J. Biomech. 38 (2005), section 2.4 for the arm in the chest; E. S. Grood, W. J. Suntay, "A joint
coordinate system for the clinical description of three-dimensional motions", J. Biomech. Eng. 105
(1983).
"""

from collections.abc import Mapping

import numpy as np
from jaxtyping import Float, Float64

from pose3d_cli.geometry.kinematics import joint_positions, world_rotations
from pose3d_cli.geometry.rotations import (
    euler_from_matrix,
    inverse,
    matrix_from_quaternion,
    multiply,
    rotate,
    unit,
)
from pose3d_cli.sequences import Motion
from pose3d_cli.skeleton import RIG

ISB_ORDER = "XZY"
"""Our axes are x left, y up, z forwards; ISB's Z, X, Y are the same ones in the same order."""
SIDES = {"left": 1.0, "right": -1.0}
"""Where each side is along x."""
ALONG_PELVIS_AND_THIGH = {"hip_flexion": -1.0, "hip_abduction": 1.0, "hip_rotation": -1.0}
"""Signs of turns about x, z, y of a left leg; the latter two are mirrored for a right one."""
FARTHEST_BACK_DEG = -120.0
"""Where hip flexion jumps by a full turn: legs come up to the chest, but never there."""

Angles = Mapping[str, Float64[np.ndarray, " f"]]


def joint_angles_deg(motion: Motion) -> Angles:
    """Return every angle over the frames, by name; those of a side start with ``left_``, ``right_``.

    Raises:
        ValueError: the motion is not one of ``RIG``.
    """
    if motion.skeleton != RIG:
        raise ValueError(f"the motion is one of '{motion.skeleton.name}', expected '{RIG.name}'")
    turned = world_rotations(unit(motion.rotations_wxyz), parents=RIG.parents)
    places_m = joint_positions(
        motion.offsets_m,
        parents=RIG.parents,
        root_m=motion.root_m,
        rotations_wxyz=unit(motion.rotations_wxyz),
    )
    angles = _trunk(turned[:, RIG.index("Hips")], turned[:, RIG.index("Spine1")])
    for side in SIDES:
        angles |= _leg(side, places_m, turned) | _arm(side, places_m, turned)
    return angles


def _trunk(
    pelvis: Float[np.ndarray, "f 4"], chest: Float[np.ndarray, "f 4"]
) -> dict[str, Float64[np.ndarray, " f"]]:
    flexion, bend, rotation = _cardan_deg(multiply(inverse(pelvis), chest))
    up = rotate(chest, np.array([0.0, 1.0, 0.0]))
    ahead = unit(rotate(pelvis, np.array([0.0, 0.0, 1.0])) * [1, 0, 1])
    to_left = np.cross([0.0, 1.0, 0.0], ahead)
    return {
        "trunk_flexion": flexion,
        "trunk_bend": -bend,
        "trunk_rotation": rotation,
        "lean_forward": _deg(np.arctan2((up * ahead).sum(-1), up[:, 1])),
        "lean_left": _deg(np.arctan2((up * to_left).sum(-1), up[:, 1])),
    }


def _leg(
    side: str, places_m: Float[np.ndarray, "f 24 3"], turned: Float[np.ndarray, "f 24 4"]
) -> dict[str, Float64[np.ndarray, " f"]]:
    hip, knee, ankle = (RIG.index(side.title() + name) for name in ("UpLeg", "Leg", "Foot"))
    thigh_in_pelvis = multiply(inverse(turned[:, RIG.index("Hips")]), turned[:, hip])
    parts = zip(
        ALONG_PELVIS_AND_THIGH.items(),
        (1.0, *[SIDES[side]] * 2),
        _cardan_deg(thigh_in_pelvis),
        strict=True,
    )
    hips = {f"{side}_{name}": sign * mirror * part for (name, sign), mirror, part in parts}
    hips[f"{side}_hip_flexion"] = (hips[f"{side}_hip_flexion"] - FARTHEST_BACK_DEG) % 360 + (
        FARTHEST_BACK_DEG
    )
    return hips | {f"{side}_knee_flexion": _between_deg(places_m, hip, knee, ankle)}


def _arm(
    side: str, places_m: Float[np.ndarray, "f 24 3"], turned: Float[np.ndarray, "f 24 4"]
) -> dict[str, Float64[np.ndarray, " f"]]:
    shoulder, elbow, wrist = (RIG.index(side.title() + name) for name in ("Arm", "ForeArm", "Hand"))
    upper = unit(places_m[:, elbow] - places_m[:, shoulder])
    outwards, up, ahead = (rotate(inverse(turned[:, RIG.index("Spine1")]), upper)).T
    outwards = outwards * SIDES[side]
    return {
        f"{side}_shoulder_elevation": _deg(np.arctan2(np.hypot(outwards, ahead), -up)),
        f"{side}_shoulder_plane": _deg(np.arctan2(ahead, outwards)),
        f"{side}_elbow_flexion": _between_deg(places_m, shoulder, elbow, wrist),
    }


def _cardan_deg(rotation: Float[np.ndarray, "f 4"]) -> Float64[np.ndarray, "3 f"]:
    """Return turns about x, then z, then y; the middle one from −90 to 90."""
    # as one frame of many joints: a continuous curve would change to angles beyond that range
    triples = euler_from_matrix(matrix_from_quaternion(rotation)[None], order=ISB_ORDER)[0]
    return np.asarray(np.degrees(triples.T))


def _between_deg(
    places_m: Float[np.ndarray, "f 24 3"], start: int, middle: int, end: int
) -> Float64[np.ndarray, " f"]:
    before = places_m[:, middle] - places_m[:, start]
    after = places_m[:, end] - places_m[:, middle]
    # arctan2 stays exact where the arc cosine loses half its digits: at a straight limb
    sine = np.linalg.norm(np.cross(before, after), axis=-1)
    return _deg(np.arctan2(sine, (before * after).sum(-1)))


def _deg(radians: Float[np.ndarray, "*n"]) -> Float64[np.ndarray, "*n"]:
    return np.asarray(np.degrees(radians), np.float64)
