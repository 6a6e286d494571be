"""A clip's frames, composed one by one, on any number of threads."""

from collections.abc import Sequence
from dataclasses import dataclass

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
from pose3d_cli.sequences import Frame, Person


@dataclass(frozen=True, slots=True, eq=False)
class Renderer:
    """All that holds for a whole clip, worked out before its first frame: memory stays flat."""

    layout: Layout
    overlay: Overlay | None
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
                people,
                **size,
                theme=THEMES[settings.theme],
                orbit_rad_s=settings.orbit_rad_s,
                trail_s=settings.trail_s,
            )
            inset = Inset.of_size(**size) if settings.layout == "pip" else None
        overlay = None
        if layout.picture:
            panel_px = (layout.picture.width_px, layout.picture.height_px)
            overlay = Overlay.of(people, camera=camera, panel_px=panel_px, kind=settings.overlay)
        return cls(layout, overlay, scene, inset)

    def compose(self, frame: Frame) -> UInt8[np.ndarray, "h w 3"]:
        """Return the picture (RGB) of one frame, without people who have no pose in it."""
        rgb = np.empty((self.layout.height_px, self.layout.width_px, 3), np.uint8)
        if self.layout.picture and self.overlay:
            picture = self.layout.picture.of(rgb)
            _resize(frame.rgb, into=picture)
            self.overlay.draw(picture, frame=frame.index)
        if self.layout.view and self.scene:
            part = self.layout.view.of(rgb)
            view = np.empty_like(part) if self.inset else part
            self.scene.draw(view, frame=frame.index)
            if self.inset:
                self.inset.lay(view, over=part)
        return rgb


def _resize(rgb: UInt8[np.ndarray, "h w 3"], *, into: UInt8[np.ndarray, "rows columns 3"]) -> None:
    height_px, width_px = into.shape[:2]
    height, width = rgb.shape[:2]
    if rgb.shape == into.shape:
        into[:] = rgb
    elif height_px > height:
        cv2.resize(rgb, (width_px, height_px), dst=into, interpolation=cv2.INTER_CUBIC)
    else:
        # Averaging is best, but OpenCV is quick at it only for whole ratios.
        whole = width % width_px == 0 and height % height_px == 0
        how = cv2.INTER_AREA if whole else cv2.INTER_LINEAR
        cv2.resize(rgb, (width_px, height_px), dst=into, interpolation=how)
