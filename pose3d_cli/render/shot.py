"""Where the 3D view is seen from: one view for the whole clip, so that motion is motion."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from pose3d_cli.geometry.camera import Camera
from pose3d_cli.render.easing import eased
from pose3d_cli.render.opacity import presence_of
from pose3d_cli.sequences import Person

AZIMUTH_DEG = 30.0
"""To the right of the real camera, which looks along −z: enough for depth to show."""
ELEVATION_DEG = 16.0
FOCAL = 1.35
"""Focal length over the picture's height: a 41° view from top to bottom."""
FILLED = (0.86, 0.78)
"""Share of the picture's width and height that joints and shadows may fill."""
FOLLOW_RATIO = 1.5
"""The camera follows people whom it would otherwise see from farther away, by this factor."""
FOLLOW_SMOOTHING_S = 0.7
FLOOR_PERCENTILE = 5
"""Of people's lowest joints: below it is noise."""
SUNK_M = 0.3
"""Nobody stands as deep in the floor: then the frame has none at y = 0, as the camera's own."""
EMPTY_STAGE_M = np.array([[[-0.5, 0, 0], [0.5, 1.8, 0]]])
"""What is looked at when nobody is there."""


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """A camera that stands before a stage, and a stage that the world glides and turns on.

    People are brought to the stage (x, y up, z) and then seen by a camera that never moves: light,
    shadows and the horizon stay where they are, and only the grid on the floor shows the way.
    """

    camera: Camera
    camera_from_stage: Float[np.ndarray, "3 3"]
    """Rotation only; the camera is upright."""
    eye_m: Float[np.ndarray, "3"]
    """Where the camera is on the stage."""
    centre_m: Float[np.ndarray, "3"]
    """The point of the stage's floor in the middle of people."""
    pivots_m: Float[np.ndarray, "f 3"]
    """The point of the world's floor that is at the stage's origin, frame by frame."""
    turns_rad: Float[np.ndarray, " f"]
    """How far the camera has gone round that point, counter-clockwise as seen from above."""

    @property
    def moves(self) -> bool:
        """Whether the floor looks different from frame to frame."""
        return bool(np.ptp(self.pivots_m, axis=0).any() or np.ptp(self.turns_rad).any())

    def pivot(self, frame: int) -> Float[np.ndarray, "3"]:
        """Return the point of the world that is at the stage's origin in a frame of the clip."""
        return np.asarray(self.pivots_m[min(frame, len(self.pivots_m) - 1)])

    def turn(self, frame: int) -> Float[np.ndarray, "3 3"]:
        """Return the rotation world_from_stage in a frame of the clip."""
        return about_y(self.turns_rad[min(frame, len(self.turns_rad) - 1)])

    def stage(
        self, points_m: Float[np.ndarray, "*n 3"], *, frame: int
    ) -> Float[np.ndarray, "*n 3"]:
        """Return world points on the stage in a frame of the clip."""
        staged: Float[np.ndarray, "*n 3"] = (points_m - self.pivot(frame)) @ self.turn(frame)
        return staged

    def see(self, staged_m: Float[np.ndarray, "*n 3"]) -> Float[np.ndarray, "*n 3"]:
        """Return points of the stage in the axes of the camera."""
        seen: Float[np.ndarray, "*n 3"] = (staged_m - self.eye_m) @ self.camera_from_stage.T
        return seen


def choose_shot(
    people: Sequence[Person], *, width_px: int, height_px: int, orbit_rad_s: float = 0.0
) -> Shot:
    """Return the view that holds everybody whenever they are seen.

    People who travel far are followed, without turning or zooming, instead of being shown tiny.
    """
    camera = Camera(width_px, height_px, FOCAL * height_px, "option")
    if not people:
        return _hold(EMPTY_STAGE_M, np.zeros(1, int), np.zeros((1, 3)), np.zeros(1), camera)
    seen = [presence_of(person.poses_2d) > 0 for person in people]
    frames = np.concatenate([_frames(p)[there] for p, there in zip(people, seen, strict=True)])
    points = np.concatenate([p.world.positions_m for p in people])[np.concatenate(seen)]
    fps = float(people[0].poses_2d.fps)
    path = _common_path(frames, points[:, 0], fps=fps)
    turns = np.arange(len(path)) * (orbit_rad_s / fps)
    middle = np.zeros(3)
    middle[1] = path[:, 1] = _floor_m(points)
    middle[[0, 2]] = (points.min(axis=(0, 1)) + points.max(axis=(0, 1)))[[0, 2]] / 2
    standing = _hold(points, frames, np.tile(middle, (len(path), 1)), turns, camera)
    following = _hold(points, frames, path, turns, camera)
    far, near = (float(np.linalg.norm(s.eye_m - s.centre_m)) for s in (standing, following))
    return following if far > FOLLOW_RATIO * near else standing


def _frames(person: Person) -> Int[np.ndarray, " f"]:
    return person.poses_2d.first_frame + np.arange(len(person.world.positions_m))


def _floor_m(points_m: Float[np.ndarray, "n j 3"]) -> float:
    """Return how high the floor is: at 0, or under people who are not on one."""
    lowest_m = float(np.percentile(points_m[..., 1].min(axis=1), FLOOR_PERCENTILE))
    return lowest_m if lowest_m < -SUNK_M else 0.0


def _common_path(
    frames: Int[np.ndarray, " n"], roots_m: Float[np.ndarray, "n 3"], *, fps: float
) -> Float[np.ndarray, "f 3"]:
    """Return the smoothed way over the floor of the middle of everybody in each frame."""
    count = np.bincount(frames)
    seen = np.flatnonzero(count)
    path = np.zeros((len(count), 3))
    for axis in (0, 2):
        middle = np.bincount(frames, weights=roots_m[:, axis])[seen] / count[seen]
        path[:, axis] = np.interp(np.arange(len(count)), seen, middle)
    return eased(path, frames=FOLLOW_SMOOTHING_S * fps)


def _hold(
    points_m: Float[np.ndarray, "n j 3"],
    frames: Int[np.ndarray, " n"],
    pivots_m: Float[np.ndarray, "f 3"],
    turns_rad: Float[np.ndarray, " f"],
    camera: Camera,
) -> Shot:
    """Return the nearest shot that has all points, and their shadows, in it.

    A point is inside when |x − x₀| ≤ t (z − z₀): so the outermost x − t z and −x − t z bound the
    distance −z₀, and where both touch, x₀ is in the middle between them. The same holds for y.
    """
    rotation = _looking(math.radians(AZIMUTH_DEG), math.radians(ELEVATION_DEG))
    points = (points_m - pivots_m[frames, None]) @ about_y(turns_rad)[frames]
    shadows = points * [1, 0, 1]
    inside = np.concatenate([points, shadows]).reshape(-1, 3) @ rotation.T
    slope = np.array(FILLED) * [camera.width_px, camera.height_px] / 2 / camera.focal_px
    above, below = ((sign * inside[:, :2] - slope * inside[:, 2:]).max(axis=0) for sign in (1, -1))
    distance = ((above + below) / 2 / slope).max()
    middle = (above - below) / 2
    for _ in range(20):  # along the axis with room to spare, the middle moves with the distance
        depth = inside[:, 2:] + distance
        seen = (inside[:, :2] - middle) / depth
        middle += (seen.max(axis=0) + seen.min(axis=0)) / 2 * depth.min()
    eye = np.array([*middle, -distance]) @ rotation
    centre = (shadows.min(axis=(0, 1)) + shadows.max(axis=(0, 1))) / 2
    return Shot(camera, rotation, eye, centre, pivots_m, turns_rad)


def about_y(angle_rad: Float[np.ndarray, "*n"] | float) -> Float[np.ndarray, "*n 3 3"]:
    """Return turns about the vertical that take +z towards +x."""
    angles = np.asarray(angle_rad)
    turn = np.zeros((*angles.shape, 3, 3))
    turn[..., 1, 1] = 1
    turn[..., 0, 0] = turn[..., 2, 2] = np.cos(angles)
    turn[..., 0, 2] = np.sin(angles)
    turn[..., 2, 0] = -turn[..., 0, 2]
    return turn


def _looking(azimuth: float, elevation: float) -> Float[np.ndarray, "3 3"]:
    """Return camera_from_stage of an upright camera that looks at the origin from there."""
    back = np.array(
        [
            math.cos(elevation) * math.sin(azimuth),
            math.sin(elevation),
            math.cos(elevation) * math.cos(azimuth),
        ]
    )
    right = np.array([math.cos(azimuth), 0, -math.sin(azimuth)])
    return np.stack([right, np.cross(right, back), -back])
