"""A frame's journey, top to bottom: video → people → joints → space → world."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path

import numpy as np
from jaxtyping import Float64

from pose3d_cli.detect import PoseDetector
from pose3d_cli.detect.choosing import RANKINGS, choose
from pose3d_cli.detect.cropping import Looking
from pose3d_cli.detect.doubts import doubts, settled
from pose3d_cli.detect.gaps import fill_gaps
from pose3d_cli.detect.remap import coco_to_h36m
from pose3d_cli.detect.store import DetectionStore
from pose3d_cli.detect.swaps import untangle
from pose3d_cli.detect.tracking import follow
from pose3d_cli.errors import InputError, NoPersonError
from pose3d_cli.filming import AS_FILED, Filming
from pose3d_cli.finding import find, find_again
from pose3d_cli.geometry.camera import Camera
from pose3d_cli.lifting import Lifter
from pose3d_cli.memory import give_back
from pose3d_cli.motion.settings import MotionSettings
from pose3d_cli.motion.solve import Sighting, solve
from pose3d_cli.sequences import (
    Clip,
    Detections,
    ModelUsed,
    Result,
    Track2D,
)
from pose3d_cli.streams import ahead
from pose3d_cli.thinning import at_every_frame, thinned
from pose3d_cli.video import lens
from pose3d_cli.video.reader import probe
from pose3d_cli.video.selection import EVERYTHING, Stretch
from pose3d_cli.watch import Watch

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a user can choose about a clip."""

    focal_px: float | None = None
    """Focal length in pixels of the upright picture; None takes what the file says, else a typical one."""
    motion: MotionSettings = field(default_factory=MotionSettings)
    stretch: Stretch = EVERYTHING
    """Which part of the clip is looked at, by the file's times."""
    filming: Filming = AS_FILED
    """What the file does not tell of how it was filmed."""
    person: str = "largest"
    """Who is lifted, in the words of `detect/choosing.py`."""


@dataclass(frozen=True, slots=True)
class Models:
    """The networks, ready to run."""

    detector: PoseDetector
    lifter: Lifter


def estimate(
    source: Path,
    models: Models,
    settings: Settings,
    *,
    watch: Watch,
    store: DetectionStore | None = None,
) -> Result:
    """Find people in a video and the motion in the world of those who are wanted.

    With a store, what was detected before is not detected again.

    Raises:
        InputError: the file is not a video that can be read.
        NoPersonError: nobody was found in it, or not the person who is wanted.
    """
    clip = settings.stretch.of(probe(source, settings.filming))
    camera = _camera(clip, settings)
    tracks, times_s = find_people(
        clip, models.detector, watch=watch, stretch=settings.stretch, store=store
    )
    chosen = choose(settings.person, tracks)
    if len(chosen) < len(tracks) and settings.person in RANKINGS:
        logger.warning(
            "%d people in %s; lifting person %d, the %s (see `pose3d people`)",
            len(tracks),
            clip.path.name,
            chosen[0] + 1,
            settings.person,
        )
    unknown = set(settings.motion.heights_m) - {place + 1 for place in chosen}
    if unknown:
        logger.warning("--height is told of people who are not lifted: %s", sorted(unknown))
    tracks = look_again(clip, tracks, chosen, models.detector, watch=watch, store=store)
    slower = float(clip.filming.slow_motion)
    tracks = tuple(replace(track, times_s=track.times_s / slower) for track in tracks)
    sightings = [lifted(i + 1, tracks[i], models.lifter, camera, watch=watch) for i in chosen]
    give_back()
    with watch.stage("Solving motion"):
        people = tuple(
            person
            for _, together in groupby(sightings, key=lambda s: tracks[s.id - 1].scene)
            for person in solve(list(together), camera=camera, settings=settings.motion)
        )
    used = (_used("detector", models.detector), _used("lifter", models.lifter))
    return Result(clip, times_s / slower, camera, people, used)


def find_people(
    clip: Clip,
    detector: PoseDetector,
    *,
    watch: Watch,
    stretch: Stretch = EVERYTHING,
    store: DetectionStore | None = None,
) -> tuple[tuple[Track2D, ...], Float64[np.ndarray, " f"]]:
    """Return everybody in a video, in the order in which they appear, and the time of each frame.

    Times are the file's own.

    Raises:
        InputError: the stretch has no picture.
        NoPersonError: nobody was found in it.
    """
    times_s: list[float] = []
    with (
        closing(ahead(find(clip, detector, stretch=stretch, store=store))) as found,
        closing(watch.each("Finding people", found, total=clip.claimed_frames)) as counted,
    ):
        tracks = follow(_noting_times(counted, times_s), fps=clip.fps)
    give_back()
    if not times_s:
        raise InputError(
            f"{clip.path} has no picture in the part that was chosen",
            hint="Choose --start, --end or --duration within the video, in seconds.",
        )
    if not tracks:
        raise NoPersonError(f"nobody was found in {clip.path}", hint="Is a whole person visible?")
    return tracks, np.array(times_s)


def look_again(
    clip: Clip,
    tracks: tuple[Track2D, ...],
    people: Sequence[int],
    detector: PoseDetector,
    *,
    watch: Watch,
    store: DetectionStore | None = None,
) -> tuple[Track2D, ...]:
    """Return the tracks with some people found where they were lost for a moment, if they can be."""
    missing = doubts(tracks, people)
    if not missing or not isinstance(detector, Looking):
        return tracks
    with (
        closing(find_again(clip, tracks, missing, detector, store=store)) as found,
        closing(watch.each("Looking again", found, total=len(missing))) as counted,
    ):
        return settled(tracks, missing, counted)


def _camera(clip: Clip, settings: Settings) -> Camera:
    width_px, height_px = clip.width_px, clip.height_px
    if settings.focal_px is not None:
        return Camera(width_px, height_px, settings.focal_px, "option")
    written_px = lens.focal_px(clip.path, width_px=width_px, height_px=height_px)
    if written_px is not None:
        return Camera(width_px, height_px, written_px, "metadata")
    return Camera.assumed(width_px, height_px)


def _noting_times(detections: Iterable[Detections], times_s: list[float]) -> Iterator[Detections]:
    for found in detections:
        times_s.append(float(found.time_s))
        yield found


def lifted(
    number: int, track: Track2D, lifter: Lifter, camera: Camera, *, watch: Watch
) -> Sighting:
    """Lift one track, its holes filled and its sides untangled."""
    with watch.stage("Lifting to 3D"):
        seen = coco_to_h36m(fill_gaps(untangle(track)))
        poses = at_every_frame(lifter.lift(thinned(seen), camera=camera), seen)
        return Sighting(number, seen, poses, lifter.name)


def _used(role: str, model: PoseDetector | Lifter) -> ModelUsed:
    return ModelUsed(role, model.name, model.sha256, model.licence)
