"""A clip's frames, composed one by one, on any number of threads."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from jaxtyping import UInt8

from pose3d_cli.geometry.camera import Camera
from pose3d_cli.render.inset import Inset, freest_corner
from pose3d_cli.render.layout import Layout
from pose3d_cli.render.overlay import Overlay
from pose3d_cli.render.scene import Scene
from pose3d_cli.render.settings import RenderSettings
from pose3d_cli.render.theme import THEMES
from pose3d_cli.sequences import Frame, Person, Pose2DSequence

NEAREST_M = 0.1
"""Fitted joints closer to the camera than this, or behind it, are drawn as if they were there."""


@dataclass(frozen=True, slots=True, eq=False)
class Renderer:
    """All that holds for a whole clip, worked out before its first frame: memory stays flat."""

    layout: Layout
    overlays: tuple[Overlay, ...]
    scene: Scene | None
    inset: Inset | None

    @classmethod
    def of(
        cls, people: Sequence[Person], *, camera: Camera, settings: RenderSettings
    ) -> "Renderer":
        """Prepare to draw people into the clip that a camera took."""
        clip_px = (camera.width_px, camera.height_px)
        layout = Layout.named(
            settings.layout,
            clip_px,
            height_px=settings.height_px,
            corner=freest_corner(people, clip_px),
        )
        scene = inset = None
        if layout.view:
            size = {"width_px": layout.view.width_px, "height_px": layout.view.height_px}
            scene = Scene.of(
                people, **size, theme=THEMES[settings.theme], orbit_rad_s=settings.orbit_rad_s
            )
            inset = Inset.of_size(**size) if settings.layout == "pip" else None
        overlays: tuple[Overlay, ...] = ()
        if layout.picture:
            scale = (layout.picture.width_px / clip_px[0], layout.picture.height_px / clip_px[1])
            overlays = tuple(
                Overlay.of(
                    person.poses_2d if settings.overlay == "seen" else _fitted(person, camera),
                    person_id=person.id,
                    scale=scale,
                )
                for person in people
            )
        return cls(layout, overlays, scene, inset)

    def compose(self, frame: Frame) -> UInt8[np.ndarray, "h w 3"]:
        """Return the picture (RGB) of one frame, without people who have no pose in it."""
        rgb = np.empty((self.layout.height_px, self.layout.width_px, 3), np.uint8)
        if self.layout.picture:
            picture = self.layout.picture.of(rgb)
            _resize(frame.rgb, into=picture)
            for overlay in self.overlays:
                overlay.draw(picture, frame=frame.index)
        if self.layout.view and self.scene:
            part = self.layout.view.of(rgb)
            view = np.empty_like(part) if self.inset else part
            self.scene.draw(view, frame=frame.index)
            if self.inset:
                self.inset.lay(view, over=part)
        return rgb


def _fitted(person: Person, camera: Camera) -> Pose2DSequence:
    """Return the fitted 3D joints as the camera would have seen them."""
    rotation, translation = np.split(person.world.camera_from_world[:3], [3], axis=1)
    points = person.world.positions_m @ rotation.T + translation[:, 0]
    points[..., 2] = np.maximum(points[..., 2], NEAREST_M)
    return replace(person.poses_2d, keypoints_px=camera.project(points))


def _resize(rgb: UInt8[np.ndarray, "h w 3"], *, into: UInt8[np.ndarray, "rows columns 3"]) -> None:
    height_px, width_px = into.shape[:2]
    height, width = rgb.shape[:2]
    if rgb.shape == into.shape:
        into[:] = rgb
    elif height_px > height:
        into[:] = cv2.resize(rgb, (width_px, height_px), interpolation=cv2.INTER_CUBIC)
    else:
        # Averaging is best, but OpenCV is quick at it only for whole ratios.
        whole = width % width_px == 0 and height % height_px == 0
        how = cv2.INTER_AREA if whole else cv2.INTER_LINEAR
        into[:] = cv2.resize(rgb, (width_px, height_px), interpolation=how)
