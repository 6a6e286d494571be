"""Where is up, and where is the floor: from the camera's frame to the world's.

A picture does not tell how the camera is tilted. Somebody who walks towards it or away does: the
spots where their feet come down lie in the plane of the floor. Without such a walk, and where the
body contradicts it (stairs, lying, bending), the camera is taken to be level, as most nearly are.
"""

import numpy as np
from jaxtyping import Float

from pose3d_cli.geometry.rotations import matrix_from_euler, matrix_from_quaternion, swing, unit
from pose3d_cli.motion.bones import bone_lengths_m
from pose3d_cli.motion.rig import ankle_height_m
from pose3d_cli.skeleton import H36M17

ANKLES = [H36M17.index("left_ankle"), H36M17.index("right_ankle")]
THORAX = H36M17.index("thorax")
UP = np.array([0.0, 1.0, 0.0])
LEVEL = np.diag([1.0, -1.0, -1.0])
"""World axes from camera axes when the camera looks straight ahead."""

FLOOR_PERCENTILE = 5
"""Of the lower ankle's height: below it is noise, above it are jumps."""
LEAST_WALK_M = 0.3
"""Standard deviation of the steps, towards the camera and away from it, that counts as a walk."""
LEAST_TILT_DEG = 3.0
"""A smaller tilt cannot be told from none."""
MOST_LEAN_DEG = 15.0
"""A floor is believed if the body, on average, stands on it at right angles to within this."""
USUAL_TILT_DEG = np.array([2.0, 15.0])
"""Standard deviations of roll and pitch of the cameras that people film with."""
STEP_ERROR_M = 0.03
"""How much too high or low the steps in one part of the picture may come out."""
TOLERANCES_M = np.geomspace(1.0, 0.02, 12)
"""Height above the floor at which a foot counts a quarter, being lifted.

From coarse to fine, lest the fit settles on a wrong slope near the first guess.
"""


def world_from_camera(
    positions_camera_m: Float[np.ndarray, "f 17 3"],
    *,
    camera_pitch_rad: float | None = None,
    camera_roll_rad: float | None = None,
) -> Float[np.ndarray, "4 4"]:
    """Return the rigid transform that puts the subject onto the floor of the world, at x = z = 0.

    There is one floor for the whole clip, so that jumps leave it.

    Args:
        positions_camera_m: Joints of ``H36M17``; of several people, one after the other.
        camera_pitch_rad: How far the camera looks down; with neither angle given, the tilt is
            estimated from the subject's steps.
        camera_roll_rad: How far the camera is turned clockwise about its line of sight.
    """
    level = positions_camera_m @ LEVEL
    if camera_pitch_rad is None and camera_roll_rad is None:
        tilt = matrix_from_quaternion(swing(_floor_normal(level), UP))
    else:
        angles = np.array([-(camera_pitch_rad or 0.0), 0.0, -(camera_roll_rad or 0.0)])
        tilt = matrix_from_euler(angles, order="XYZ")
    world = level @ tilt.T
    ankle = np.percentile(world[:, ANKLES, 1].min(1), FLOOR_PERCENTILE)
    floor = ankle - ankle_height_m(bone_lengths_m(world))
    transform = np.eye(4)
    transform[:3, :3] = tilt @ LEVEL
    transform[:3, 3] = -world[0, 0, 0], -floor, -world[0, 0, 2]
    return transform


def _floor_normal(positions_m: Float[np.ndarray, "f 17 3"]) -> Float[np.ndarray, "3"]:
    """Return the upward normal of the plane in which the steps lie, or up where that is doubtful."""
    ankles = positions_m[:, ANKLES]
    lower = np.take_along_axis(ankles, ankles[..., 1].argmin(1)[:, None, None], axis=1)[:, 0]
    along_x, along_z = _slope(lower)
    normal = unit(np.array([-along_x, 1.0, -along_z]))
    body = unit((positions_m[:, THORAX] - ankles.mean(1)).mean(0))
    tilted = normal @ UP < np.cos(np.radians(LEAST_TILT_DEG))
    stands = normal @ body > np.cos(np.radians(MOST_LEAN_DEG))
    return normal if tilted and stands else UP


def _slope(feet_m: Float[np.ndarray, "f 3"]) -> Float[np.ndarray, "2"]:
    """Return how steeply the plane under the feet rises along x and z.

    Lifted feet are above it and lose their weight by that (Geman–McClure). The further the steps
    spread, the less the plane is held level, which it is more firmly from side to side.
    """
    prior = np.diag(np.tan(np.radians(USUAL_TILT_DEG)) ** -2)
    slope, walk = np.zeros(2), 0.0
    weight = np.ones(len(feet_m))
    for tolerance in TOLERANCES_M:
        share = weight / weight.sum()
        centred = feet_m - share @ feet_m
        across, rise = centred[:, ::2], centred[:, 1]
        information = across.T * share / STEP_ERROR_M**2
        slope = np.linalg.solve(information @ across + prior, information @ rise)
        weight = 1 / (1 + np.square((rise - across @ slope) / tolerance)) ** 2
        walk = np.sqrt(share @ across[:, 1] ** 2)
    return slope if walk > LEAST_WALK_M else np.zeros(2)
