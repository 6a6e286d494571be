"""Which way is up for the camera, as told by people and their feet.

A picture does not tell how the camera is tilted. Three things do, each a little: people film nearly
level; people stand upright, on average over a clip; and the places where feet stand lie in one
plane. The tilt is what all three together make most likely. How well it is known depends on the
clip, and is said.
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from pose3d_cli.geometry.rotations import matrix_from_euler, unit
from pose3d_cli.motion.calibration import Calibration
from pose3d_cli.motion.cues import Cue, body_cue, floor_cue, leaning, steps_m
from pose3d_cli.motion.placed import Placed
from pose3d_cli.sequences import Gravity

LEVEL = np.diag([1.0, -1.0, -1.0])
"""World axes from camera axes when the camera looks straight ahead."""
USUAL_TILT_DEG = np.array([3.0, 12.0])
"""Standard deviations of roll and pitch of the cameras that people film with."""
UNUSUAL = 2.5
"""At so many of them that people film level counts half: some phones lean, and do not pull back."""
LEAST_TILT_DEG = 3.0
"""A smaller tilt cannot be told from none."""
ROUNDS = 5
"""Which feet stand depends on the way up, and the other way round."""
MOST_LEAN_DEG, MOST_OFF_M, MOST_SPREAD_M = 60.0, 0.3, 3.0
STAIRS_DEG = 20.0
"""Feet whose plane leans this much against the body are on stairs, or climb."""
UNKNOWN_OFF_M = 0.1
ALONE = Cue.of(np.zeros(2), sd_deg=np.array([60.0, 60.0]))


def gravity_of(people: Sequence[Placed], calibration: Calibration) -> Gravity:
    """Return the tilt of the camera that saw these people."""
    bodies = [body_cue(person.positions_m) for person in people]
    body = sum(bodies, start=Cue.nothing())
    floor, steps, slopes = Cue.nothing(), [], (body + ALONE).slopes
    for _ in range(ROUNDS):
        before = body + _usual_camera(slopes)
        steps = [steps_m(person, up_of((before + floor).slopes)) for person in people]
        floor = floor_cue(steps, so_far=before)
        if _contradicts(floor, before):
            floor = Cue.nothing()
        slopes = (before + floor).slopes
    up = up_of(slopes)
    told_by = ["body"] * any(cue.information.any() for cue in bodies)
    told_by += ["steps"] * bool(floor.information.any())
    level = -np.eye(3)[1]
    found = up if up @ level < np.cos(np.radians(LEAST_TILT_DEG)) else level
    return Gravity(
        pitch_rad=float(np.arcsin(-found[2])),
        roll_rad=float(np.arctan2(-found[0], -found[1])),
        source=" and ".join(told_by) or "assumed",
        confidence=float(1 / (1 + np.exp(-calibration.gravity @ [1.0, *flaws(people, steps, up)]))),
    )


def world_axes(gravity: Gravity) -> Float[np.ndarray, "3 3"]:
    """Return the world's axes in the camera's, as rows: a rotation world_from_camera."""
    angles = np.array([-gravity.pitch_rad, 0.0, -gravity.roll_rad])
    return np.asarray(matrix_from_euler(angles, order="XYZ") @ LEVEL)


def up_of(slopes: Float[np.ndarray, "2"]) -> Float[np.ndarray, "3"]:
    """Return the normal of a floor with these slopes, in the axes of the camera."""
    return unit(np.array([slopes[0], -1.0, slopes[1]]))


def flaws(
    people: Sequence[Placed], steps: Sequence[Float[np.ndarray, "s 4"]], up: Float[np.ndarray, "3"]
) -> Float[np.ndarray, "3"]:
    """Return what speaks for and against a way up.

    Degrees that the body leans off it on average, metres that steps are off their floor, metres that
    steps spread away from the camera.
    """
    lean = np.concatenate([leaning(person.positions_m) @ up for person in people])
    lean_deg = float(np.degrees(np.arccos(np.clip(lean, -1.0, 1.0))).mean())
    off_m, spread_m = UNKNOWN_OFF_M, 0.0
    for where in steps:
        if len(where) > 1:
            height = where[:, :3] @ up
            off_m = float(np.sqrt(np.cov(height, aweights=where[:, 3], ddof=0)))
            spread_m = max(spread_m, float(np.ptp(where[:, 2])))
    most = MOST_LEAN_DEG, MOST_OFF_M, MOST_SPREAD_M
    return np.minimum([lean_deg, off_m, spread_m], most)


def _usual_camera(slopes: Float[np.ndarray, "2"]) -> Cue:
    """Return the belief that people film level; it counts the less the less this camera is."""
    off = np.degrees(np.arctan(slopes)) / (UNUSUAL * USUAL_TILT_DEG)
    return Cue.of(np.zeros(2), sd_deg=USUAL_TILT_DEG * np.sqrt(1 + np.square(off)))


def _contradicts(floor: Cue, body: Cue) -> bool:
    alone, upright = up_of((floor + ALONE).slopes), up_of(body.slopes)
    return bool(alone @ upright < np.cos(np.radians(STAIRS_DEG)))
