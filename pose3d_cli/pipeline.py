"""A frame's journey, top to bottom: video → people → joints → space → world."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float

from pose3d_cli.detect import PoseDetector
from pose3d_cli.detect.gaps import fill_gaps
from pose3d_cli.detect.remap import coco_to_h36m
from pose3d_cli.detect.swaps import untangle
from pose3d_cli.detect.tracking import follow, main_person
from pose3d_cli.errors import NoPersonError
from pose3d_cli.geometry.camera import Camera
from pose3d_cli.lift.lifter import Lifter
from pose3d_cli.motion.bones import bone_lengths_m, with_bone_lengths
from pose3d_cli.motion.ground import world_from_camera
from pose3d_cli.motion.ik import solve_rotations
from pose3d_cli.motion.rig import h36m_positions
from pose3d_cli.motion.root import place_root
from pose3d_cli.motion.smoothing import smooth
from pose3d_cli.sequences import (
    Clip,
    Detections,
    ModelUsed,
    Person,
    Pose2DSequence,
    Pose3DSequence,
    Result,
    Track2D,
    WorldPoses,
)
from pose3d_cli.streams import ahead
from pose3d_cli.video.reader import probe, read_frames
from pose3d_cli.watch import Watch


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a user can choose about a clip."""

    cutoff_hz: float = 6.0
    """Joints' movements above this rate are noise to be smoothed away; 0 keeps everything."""
    focal_px: float | None = None
    """Focal length in pixels of the upright picture; None takes a typical one."""
    camera_pitch_rad: float | None = None
    """How far the camera looks down; None estimates it where the clip allows."""
    camera_roll_rad: float | None = None


@dataclass(frozen=True, slots=True)
class Models:
    """The networks, ready to run."""

    detector: PoseDetector
    lifter: Lifter


@dataclass(frozen=True, slots=True, eq=False)
class _Placed:
    """One person in front of the camera."""

    seen: Pose2DSequence
    lifted: Pose3DSequence
    positions_camera_m: Float[np.ndarray, "f 17 3"]


def estimate(source: Path, models: Models, settings: Settings, *, watch: Watch) -> Result:
    """Find the main person of a video and their motion in the world.

    Raises:
        InputError: the file is not a video that can be read.
        NoPersonError: nobody was found in it.
    """
    clip = probe(source)
    camera = _camera(clip, settings)
    times_s: list[float] = []
    with (
        closing(ahead(read_frames(clip))) as frames,
        closing(ahead(models.detector.detect(frames))) as found,
        closing(watch.each("Finding people", found, total=clip.claimed_frames)) as counted,
    ):
        tracks = follow(_noting_times(counted, times_s), fps=clip.fps)
    if not tracks:
        raise NoPersonError(f"nobody was found in {source}", hint="Is a whole person visible?")
    placed = [_in_front_of(camera, main_person(tracks), models.lifter, settings, watch=watch)]
    with watch.stage("Solving motion"):
        people = _in_world(placed, settings)
    used = (_used("detector", models.detector), _used("lifter", models.lifter))
    return Result(clip, np.array(times_s), camera, people, used)


def _camera(clip: Clip, settings: Settings) -> Camera:
    if settings.focal_px is None:
        return Camera.assumed(clip.width_px, clip.height_px)
    return Camera(clip.width_px, clip.height_px, settings.focal_px, "option")


def _noting_times(detections: Iterable[Detections], times_s: list[float]) -> Iterator[Detections]:
    for found in detections:
        times_s.append(float(found.time_s))
        yield found


def _in_front_of(
    camera: Camera, track: Track2D, lifter: Lifter, settings: Settings, *, watch: Watch
) -> _Placed:
    """Lift one track and place it where the camera sees it."""
    with watch.stage("Lifting to 3D"):
        seen = coco_to_h36m(fill_gaps(untangle(track)))
        lifted = lifter.lift(seen, camera=camera)
    with watch.stage("Solving motion"):
        calm = smooth(lifted, cutoff_hz=settings.cutoff_hz)
        rigid = with_bone_lengths(calm, bone_lengths_m(calm.positions_m, weights=seen.confidence))
        root = place_root(rigid, seen_as=seen, camera=camera)
    return _Placed(seen, lifted, rigid.positions_m + root[:, None])


def _in_world(placed: Sequence[_Placed], settings: Settings) -> tuple[Person, ...]:
    """Put everybody onto one floor and fit the rig to them."""
    to_world = world_from_camera(
        np.concatenate([person.positions_camera_m for person in placed]),
        camera_pitch_rad=settings.camera_pitch_rad,
        camera_roll_rad=settings.camera_roll_rad,
    )
    back = np.linalg.inv(to_world)
    people = []
    for number, person in enumerate(placed, start=1):
        positions = person.positions_camera_m @ to_world[:3, :3].T + to_world[:3, 3]
        motion = solve_rotations(positions, times_s=person.seen.times_s, fps=person.seen.fps)
        world = WorldPoses(person.seen.skeleton, h36m_positions(motion), back)
        people.append(Person(number, person.seen, person.lifted, world, motion))
    return tuple(people)


def _used(role: str, model: PoseDetector | Lifter) -> ModelUsed:
    return ModelUsed(role, model.name, model.sha256, model.licence)
