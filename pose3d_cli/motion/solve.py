"""From poses about their own root to people of constant bones who move through one world."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float

from pose3d_cli.geometry.camera import Camera
from pose3d_cli.motion.adaptive import calmed
from pose3d_cli.motion.bones import bone_lengths_m, with_bone_lengths
from pose3d_cli.motion.calibration import DEFAULT_LIFTER, calibration_of
from pose3d_cli.motion.facing import Facing
from pose3d_cli.motion.footing import Footing
from pose3d_cli.motion.framing import framed
from pose3d_cli.motion.gravity import gravity_of, world_axes
from pose3d_cli.motion.ground import world_from_camera
from pose3d_cli.motion.ik import solve_rotations
from pose3d_cli.motion.pinning import pin_feet
from pose3d_cli.motion.placed import Placed
from pose3d_cli.motion.rig import h36m_positions
from pose3d_cli.motion.root import place_root
from pose3d_cli.motion.settings import MotionSettings
from pose3d_cli.motion.smoothing import smooth
from pose3d_cli.motion.stature import stature_m
from pose3d_cli.motion.trust import trust_in
from pose3d_cli.motion.unseen import out_of_the_floor
from pose3d_cli.sequences import Gravity, Person, Pose2DSequence, Pose3DSequence, WorldPoses

FOOTING_ROUNDS = 2
"""Where feet stand tells the path, and the path tells better where they stand."""


@dataclass(frozen=True, slots=True, eq=False)
class Sighting:
    """One person as a detector and a lifter have them."""

    id: int
    seen: Pose2DSequence
    lifted: Pose3DSequence
    lifter: str = DEFAULT_LIFTER
    """Its name, which tells how it errs."""


def solve(
    sightings: Sequence[Sighting], *, camera: Camera, settings: MotionSettings
) -> tuple[Person, ...]:
    """Return the people whom one camera saw, on one floor."""
    rigid = [_of_constant_bones(sighting, settings) for sighting in sightings]
    placed = [
        _placed(poses, sighting.seen, camera)
        for poses, sighting in zip(rigid, sightings, strict=True)
    ]
    gravity = _given(settings) or gravity_of(placed, calibration_of(sightings[0].lifter))
    up = world_axes(gravity)[1]
    for _ in range(FOOTING_ROUNDS if settings.pin_feet else 0):
        placed = [
            _on_its_feet(poses, before, up) for poses, before in zip(rigid, placed, strict=True)
        ]
    stands = [person.contacts(up) for person in placed]
    to_world = world_from_camera(placed, stands, gravity=gravity)
    people = [
        _in_world(sighting, person, feet, to_world, settings=settings, gravity=gravity)
        for sighting, person, feet in zip(sightings, placed, stands, strict=True)
    ]
    return tuple(framed(person, settings.root) for person in people)


def _of_constant_bones(sighting: Sighting, settings: MotionSettings) -> Pose3DSequence:
    """Return smooth poses with bones of constant lengths, as tall as is said."""
    cutoff = settings.cutoff_hz
    calm = calmed(sighting.lifted) if cutoff is None else smooth(sighting.lifted, cutoff_hz=cutoff)
    lengths = bone_lengths_m(calm.positions_m, weights=sighting.seen.confidence)
    rigid = with_bone_lengths(calm, lengths)
    height_m = settings.height_of(sighting.id)
    if height_m is None:
        return rigid
    size = height_m / stature_m(lengths)
    return replace(rigid, positions_m=rigid.positions_m * size)


def _placed(poses: Pose3DSequence, seen: Pose2DSequence, camera: Camera) -> Placed:
    root = place_root(poses, seen_as=seen, camera=camera)
    return Placed(seen, camera, poses.positions_m + root[:, None])


def _on_its_feet(poses: Pose3DSequence, before: Placed, up: Float[np.ndarray, "3"]) -> Placed:
    """Return the same person on a path that lets feet stand which seem to."""
    root = place_root(
        poses,
        seen_as=before.seen,
        camera=before.camera,
        start_m=before.positions_m[:, 0],
        footing=Footing(before.contacts(up), up, poses.fps),
    )
    return replace(before, positions_m=poses.positions_m + root[:, None])


def _given(settings: MotionSettings) -> Gravity | None:
    """Return the tilt that the user told; one angle alone means that the other is 0."""
    if settings.camera_pitch_rad is None and settings.camera_roll_rad is None:
        return None
    pitch, roll = settings.camera_pitch_rad or 0.0, settings.camera_roll_rad or 0.0
    return Gravity(pitch_rad=pitch, roll_rad=roll, source="option", confidence=1.0)


def _in_world(
    sighting: Sighting,
    person: Placed,
    stands: Bool[np.ndarray, "f 2"],
    to_world: Float[np.ndarray, "4 4"],
    *,
    settings: MotionSettings,
    gravity: Gravity,
) -> Person:
    seen = sighting.seen
    positions = person.positions_m @ to_world[:3, :3].T + to_world[:3, 3]
    positions = out_of_the_floor(positions, seen.lost_s)
    if settings.pin_feet:
        positions = pin_feet(positions, stands, fps=seen.fps)
    back = np.linalg.inv(to_world)
    facing = None if seen.face is None else Facing(seen.face, person.camera, back)
    motion = solve_rotations(positions, times_s=seen.times_s, fps=seen.fps, facing=facing)
    world = WorldPoses(seen.skeleton, h36m_positions(motion), back)
    fitted = replace(person, positions_m=world.positions_m @ back[:3, :3].T + back[:3, 3])
    trust = trust_in(
        fitted,
        sighting.lifted,
        stands=stands,
        gravity=gravity,
        scale_source="prior" if settings.height_of(sighting.id) is None else "option",
        calibration=calibration_of(sighting.lifter),
    )
    unfaced = replace(seen, face=None)  # the motion has it now
    return Person(sighting.id, unfaced, sighting.lifted, world, motion, trust)
