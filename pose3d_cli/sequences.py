"""The values that flow from stage to stage, and the conventions that all of them share.

Axes in shape annotations: ``f`` frames, ``p`` people, ``j`` joints.

Picture   pixels of the upright frame, origin at its top left corner, x right, y down.
Camera    metres, x right, y down, z forward (OpenCV).
World     metres, right-handed, y up, floor at y = 0; +z points back towards the camera, so that
          somebody who faces the camera faces +z and has their left hand at +x.

Every value is frozen, and no stage writes into an array that it was given. A stronger promise is
another type: ``Track2D`` may have holes, ``Pose2DSequence`` never has.
"""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float, Float32, Float64, UInt8

from pose3d_cli.filming import AS_FILED, Filming
from pose3d_cli.geometry.camera import Camera
from pose3d_cli.skeleton import Skeleton

SEEN = 0.3
"""A keypoint of less confidence counts as not seen."""


@dataclass(frozen=True, slots=True)
class Clip:
    """What is known of a video before it is decoded."""

    path: Path
    width_px: int
    """Width of the upright picture, after all rotation."""
    height_px: int
    fps: Fraction
    """Exact average rate in life, at which the file plays but for slow motion: 30000/1001, never 29."""
    rotation_deg: int
    """Clockwise turn that makes the stored picture upright (0, 90, 180, 270); already applied."""
    has_audio: bool
    claimed_frames: int
    """What the header says, for a progress bar; real files lie, so nothing else may use it."""
    filming: Filming = AS_FILED
    """What the file does not tell."""

    @property
    def played_fps(self) -> Fraction:
        """At which rate the file plays."""
        return self.fps / self.filming.slow_motion


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One upright picture."""

    index: int
    time_s: Fraction
    """Exact presentation time, from where the file begins; sound may come before the first frame."""
    rgb: UInt8[np.ndarray, "h w 3"]


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """Everybody who was found in one frame, best first."""

    index: int
    time_s: Fraction
    boxes_px: Float[np.ndarray, "p 4"]
    """x0, y0, x1, y1."""
    scores: Float[np.ndarray, " p"]
    keypoints_px: Float[np.ndarray, "p j 2"]
    confidence: Float[np.ndarray, "p j"]
    """0 to 1."""
    looks: Float32[np.ndarray, "p c"] | None = None
    """What they wear, for `detect/looks.py` to compare; NaN where it was not seen."""
    starts_scene: bool = False
    """Whether the film cuts here: nobody can be followed into this frame."""


@dataclass(frozen=True, slots=True, eq=False)
class Track2D:
    """One person over consecutive frames of a clip; NaN where they were not seen."""

    skeleton: Skeleton
    first_frame: int
    times_s: Float64[np.ndarray, " f"]
    fps: Fraction
    boxes_px: Float[np.ndarray, "f 4"]
    keypoints_px: Float[np.ndarray, "f j 2"]
    confidence: Float[np.ndarray, "f j"]
    """0 where not seen."""
    seen: Bool[np.ndarray, " f"]
    scene: int = 0
    """Counts the cuts before it: who is in another scene stands on another floor."""


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """What was seen of somebody's face: nose, left and right eye, left and right ear."""

    keypoints_px: Float[np.ndarray, "f 5 2"]
    confidence: Float[np.ndarray, "f 5"]
    """0 where not seen."""


@dataclass(frozen=True, slots=True, eq=False)
class Pose2DSequence:
    """One person's joints over consecutive frames: always finite, holes filled."""

    skeleton: Skeleton
    first_frame: int
    times_s: Float64[np.ndarray, " f"]
    fps: Fraction
    keypoints_px: Float[np.ndarray, "f j 2"]
    confidence: Float[np.ndarray, "f j"]
    observed: Bool[np.ndarray, "f j"]
    """Where a joint was really seen, not filled in."""
    face: Face | None = None
    """None if nobody told, or if the motion, which says how heads are turned, is known."""

    @property
    def lost_s(self) -> Float64[np.ndarray, " f"]:
        """How far in time the nearest frame is in which any joint was seen; 0 if there is none."""
        seen_s = self.times_s[self.observed.any(axis=1)]
        if not len(seen_s):
            return np.zeros(len(self.times_s))
        after = np.searchsorted(seen_s, self.times_s)
        around_s = seen_s[np.stack([after - 1, after]).clip(0, len(seen_s) - 1)]
        return np.asarray(np.abs(around_s - self.times_s).min(axis=0))


@dataclass(frozen=True, slots=True, eq=False)
class Pose3DSequence:
    """Poses about their own root, in the axes of the camera."""

    skeleton: Skeleton
    times_s: Float64[np.ndarray, " f"]
    fps: Fraction
    positions_m: Float[np.ndarray, "f j 3"]
    """Camera axes; joint 0 is the origin in every frame."""
    doubt_m: Float[np.ndarray, "f j"] | None = None
    """How far the lifter's answers differ, mirrored or not, in one window or another; None if it
    gave a single one."""


@dataclass(frozen=True, slots=True, eq=False)
class Motion:
    """A rig that moves in the world: constant bones, a travelling root, local rotations."""

    skeleton: Skeleton
    times_s: Float64[np.ndarray, " f"]
    fps: Fraction
    offsets_m: Float[np.ndarray, "j 3"]
    """Each joint's place in its parent's frame; with all rotations at identity, a T-pose."""
    root_m: Float[np.ndarray, "f 3"]
    """World position of joint 0."""
    rotations_wxyz: Float[np.ndarray, "f j 4"]
    """Local rotation of each joint: parent_from_joint."""


@dataclass(frozen=True, slots=True, eq=False)
class WorldPoses:
    """One person's joints in the world, and the way back into the picture."""

    skeleton: Skeleton
    positions_m: Float[np.ndarray, "f j 3"]
    camera_from_world: Float[np.ndarray, "4 4"]


@dataclass(frozen=True, slots=True)
class Gravity:
    """How a camera is tilted, and how that is known."""

    pitch_rad: float
    """How far it looks down."""
    roll_rad: float
    """How far it is turned clockwise about its line of sight."""
    source: str
    """``"option"``, what told it (``"body and steps"``), or ``"assumed"``."""
    confidence: float
    """Chance that the way up is right to within 8°."""


@dataclass(frozen=True, slots=True, eq=False)
class Trust:
    """How far one person's motion can be believed, and why."""

    confidence: Float[np.ndarray, "f j"]
    """Chance that a joint is within 10 cm of where it really is about the root."""
    stands: Bool[np.ndarray, "f 2"]
    """Whether the left and the right foot stand on the floor."""
    gravity: Gravity
    height_m: float
    """Standing height of the person in the result."""
    scale_source: str
    """``"option"`` if the user gave it, ``"prior"`` if people are taken to be of average size."""
    fit_error_m: float
    """Mean distance between the joints that the lifter found and those of the rig: constant bones and
    standing feet cost it."""
    fit_error_seen_m: float | None = None
    """The same of the joints that were seen, since elsewhere the lifter dreams; None if none was, or
    in results of versions that did not tell."""


@dataclass(frozen=True, slots=True, eq=False)
class Person:
    """Everything that was found out about one person."""

    id: int
    """1 for the first."""
    poses_2d: Pose2DSequence
    poses_3d: Pose3DSequence
    """What the lifter said, before smoothing and before bones were made constant."""
    world: WorldPoses
    """The fitted motion's joints: what is drawn, and what every export shows."""
    motion: Motion
    trust: Trust | None = None
    """None in results of versions that did not tell."""


@dataclass(frozen=True, slots=True)
class ModelUsed:
    """Provenance of one network."""

    role: str
    """``"detector"`` or ``"lifter"``."""
    name: str
    sha256: str
    licence: str


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """A clip and the people in it: what ``result.json`` holds."""

    clip: Clip
    times_s: Float64[np.ndarray, " f"]
    """Of every decoded frame, as in life: the presentation time but for slow motion."""
    camera: Camera
    people: tuple[Person, ...]
    models: tuple[ModelUsed, ...]

    @property
    def played_s(self) -> Float64[np.ndarray, " f"]:
        """When the file shows each frame."""
        return self.times_s * float(self.clip.filming.slow_motion)
