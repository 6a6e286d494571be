"""Where the 3D view is seen from: one view for the whole clip, so that motion is motion."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from pose3d_cli.geometry.camera import Camera
from pose3d_cli.render.easing import eased
from pose3d_cli.sequences import Person

AZIMUTH_DEG = 30.0
"""To the right of the real camera, which looks along −z: enough for depth to show."""
ELEVATION_DEG = 16.0
FOCAL = 1.35
"""Focal length over the picture's height: a 41° view from top to bottom."""
FILLED = (0.86, 0.78)
"""Share of the picture's width and height that joints and shadows may fill."""
FOLLOW_RATIO = 1.8
"""The camera follows people whom it would otherwise see from farther away, by this factor."""
FOLLOW_SMOOTHING_S = 0.7
EMPTY_STAGE_M = np.array([[[-0.5, 0, 0], [0.5, 1.8, 0]]])
"""What is looked at when nobody is there."""


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """A camera that keeps its direction, and that stands or glides above the floor."""

    camera: Camera
    camera_from_world: Float[np.ndarray, "3 3"]
    """Rotation only."""
    eye_m: Float[np.ndarray, "3"]
    """Where the camera is when its path is at the origin."""
    centre_m: Float[np.ndarray, "3"]
    """The point of the floor in the middle of people when the path is at the origin."""
    path_m: Float[np.ndarray, "f 3"]
    """The camera's way over the floor, frame by frame; all zero for one that stands."""

    def shift_m(self, frame: int) -> Float[np.ndarray, "3"]:
        """Return how far the camera has gone by a frame of the clip."""
        return np.asarray(self.path_m[min(frame, len(self.path_m) - 1)])

    def see(self, points_m: Float[np.ndarray, "*n 3"], *, frame: int) -> Float[np.ndarray, "*n 3"]:
        """Return world points in the axes of the camera."""
        from_eye = points_m - self.eye_m - self.shift_m(frame)
        seen: Float[np.ndarray, "*n 3"] = from_eye @ self.camera_from_world.T
        return seen


def choose_shot(people: Sequence[Person], *, width_px: int, height_px: int) -> Shot:
    """Return the view that holds everybody over the whole clip.

    People who travel far are followed, without turning or zooming, instead of being shown tiny.
    """
    camera = Camera(width_px, height_px, FOCAL * height_px, "option")
    if not people:
        return _hold(EMPTY_STAGE_M, np.zeros(1, int), np.zeros((1, 3)), camera)
    frames = np.concatenate([_frames(person) for person in people])
    points = np.concatenate([person.world.positions_m for person in people])
    path = _common_path(frames, points[:, 0], fps=float(people[0].poses_2d.fps))
    standing = _hold(points, frames, np.zeros_like(path), camera)
    following = _hold(points, frames, path, camera)
    far, near = (float(np.linalg.norm(s.eye_m - s.centre_m)) for s in (standing, following))
    return following if far > FOLLOW_RATIO * near else standing


def _frames(person: Person) -> Int[np.ndarray, " f"]:
    return person.poses_2d.first_frame + np.arange(len(person.world.positions_m))


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
    path_m: Float[np.ndarray, "f 3"],
    camera: Camera,
) -> Shot:
    """Return the nearest shot along a path that has all points, and their shadows, in it.

    A point is inside when |x − x₀| ≤ t (z − z₀): so the outermost x − t z and −x − t z bound the
    distance −z₀, and where both touch, x₀ is in the middle between them. The same holds for y.
    """
    rotation = _looking(math.radians(AZIMUTH_DEG), math.radians(ELEVATION_DEG))
    points = points_m - path_m[frames, None]
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
    return Shot(camera, rotation, eye, centre, path_m)


def _looking(azimuth: float, elevation: float) -> Float[np.ndarray, "3 3"]:
    """Return camera_from_world of an upright camera that looks at the origin from there."""
    back = np.array(
        [
            math.cos(elevation) * math.sin(azimuth),
            math.sin(elevation),
            math.cos(elevation) * math.cos(azimuth),
        ]
    )
    right = np.array([math.cos(azimuth), 0, -math.sin(azimuth)])
    return np.stack([right, np.cross(right, back), -back])
