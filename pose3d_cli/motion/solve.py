"""From poses about their own root to people of constant bones who move through one world."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from pose3d_cli.geometry.camera import Camera
from pose3d_cli.motion.bones import bone_lengths_m, with_bone_lengths
from pose3d_cli.motion.ground import world_from_camera
from pose3d_cli.motion.ik import solve_rotations
from pose3d_cli.motion.rig import h36m_positions
from pose3d_cli.motion.root import place_root
from pose3d_cli.motion.settings import MotionSettings
from pose3d_cli.motion.smoothing import smooth
from pose3d_cli.sequences import Person, Pose2DSequence, Pose3DSequence, WorldPoses


@dataclass(frozen=True, slots=True, eq=False)
class Sighting:
    """One person as a detector and a lifter have them."""

    id: int
    seen: Pose2DSequence
    lifted: Pose3DSequence


def solve(
    sightings: Sequence[Sighting], *, camera: Camera, settings: MotionSettings
) -> tuple[Person, ...]:
    """Return the people whom one camera saw, on one floor."""
    placed = [_in_front_of(camera, sighting, settings) for sighting in sightings]
    to_world = world_from_camera(
        np.concatenate(placed),
        camera_pitch_rad=settings.camera_pitch_rad,
        camera_roll_rad=settings.camera_roll_rad,
    )
    return tuple(
        _in_world(
            sighting, positions @ to_world[:3, :3].T + to_world[:3, 3], np.linalg.inv(to_world)
        )
        for sighting, positions in zip(sightings, placed, strict=True)
    )


def _in_front_of(
    camera: Camera, sighting: Sighting, settings: MotionSettings
) -> Float[np.ndarray, "f 17 3"]:
    """Return the joints where the camera sees them, in its axes, with constant bones."""
    calm = smooth(sighting.lifted, cutoff_hz=settings.cutoff_hz)
    lengths = bone_lengths_m(calm.positions_m, weights=sighting.seen.confidence)
    rigid = with_bone_lengths(calm, lengths)
    root = place_root(rigid, seen_as=sighting.seen, camera=camera)
    return np.asarray(rigid.positions_m + root[:, None])


def _in_world(
    sighting: Sighting,
    positions_m: Float[np.ndarray, "f 17 3"],
    camera_from_world: Float[np.ndarray, "4 4"],
) -> Person:
    seen = sighting.seen
    motion = solve_rotations(positions_m, times_s=seen.times_s, fps=seen.fps)
    world = WorldPoses(seen.skeleton, h36m_positions(motion), camera_from_world)
    return Person(sighting.id, seen, sighting.lifted, world, motion)
