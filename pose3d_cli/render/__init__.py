"""The picture people share: the video with its skeleton, beside the motion in 3D."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Literal

import cv2
import numpy as np
from jaxtyping import UInt8

from pose3d_cli.geometry.camera import Camera
from pose3d_cli.render.layout import MAX_HEIGHT_PX, Layout
from pose3d_cli.render.overlay import Overlay
from pose3d_cli.render.scene import Scene
from pose3d_cli.sequences import Frame, Person, Pose2DSequence

NEAREST_M = 0.1
"""Fitted joints closer to the camera than this, or behind it, are drawn as if they were there."""
OverlayKind = Literal["seen", "fitted"]
"""Draw the joints as they were seen, or the fitted 3D joints projected into the picture."""


def render_frames(
    frames: Iterable[Frame],
    people: Sequence[Person],
    *,
    camera: Camera,
    overlay: OverlayKind = "seen",
    max_height_px: int = MAX_HEIGHT_PX,
) -> Iterator[tuple[UInt8[np.ndarray, "h w 3"], Fraction]]:
    """Yield each frame's composed picture (RGB) and presentation time, one by one.

    Everything that holds for the whole clip is worked out first, so that memory stays flat. People
    who have no pose in a frame are not drawn in it.
    """
    layout = Layout.beside(camera.width_px, camera.height_px, max_height_px=max_height_px)
    scene = Scene.of(people, width_px=layout.view_width_px, height_px=layout.height_px)
    scale = (layout.picture_width_px / camera.width_px, layout.height_px / camera.height_px)
    overlays = [
        Overlay.of(
            person.poses_2d if overlay == "seen" else _fitted(person, camera),
            person_id=person.id,
            scale=scale,
        )
        for person in people
    ]
    for frame in frames:
        composed = np.empty((layout.height_px, layout.width_px, 3), np.uint8)
        picture = composed[:, : layout.picture_width_px]
        picture[:] = _resized(frame.rgb, layout)
        for drawing in overlays:
            drawing.draw(picture, frame=frame.index)
        scene.draw(composed[:, layout.picture_width_px :], frame=frame.index)
        yield composed, frame.time_s


def _fitted(person: Person, camera: Camera) -> Pose2DSequence:
    """Return the fitted 3D joints as the camera would have seen them."""
    rotation, translation = np.split(person.world.camera_from_world[:3], [3], axis=1)
    points = person.world.positions_m @ rotation.T + translation[:, 0]
    points[..., 2] = np.maximum(points[..., 2], NEAREST_M)
    return replace(person.poses_2d, keypoints_px=camera.project(points))


def _resized(
    rgb: UInt8[np.ndarray, "h w 3"], layout: Layout
) -> UInt8[np.ndarray, "rows columns 3"]:
    size = (layout.picture_width_px, layout.height_px)
    height, width = rgb.shape[:2]
    if (width, height) == size:
        return rgb
    if layout.height_px > height:
        return cv2.resize(rgb, size, interpolation=cv2.INTER_CUBIC)
    # Averaging is best, but OpenCV is quick at it only for whole ratios.
    whole = width % size[0] == 0 and height % size[1] == 0
    return cv2.resize(rgb, size, interpolation=cv2.INTER_AREA if whole else cv2.INTER_LINEAR)
