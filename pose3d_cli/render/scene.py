"""The 3D view: people as mannequins on a stage, frame by frame."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import UInt8, UInt32

from pose3d_cli.render.figure import NEAREST_M, Figure
from pose3d_cli.render.floor import Floor
from pose3d_cli.render.label import labels_of
from pose3d_cli.render.shading import shades_of
from pose3d_cli.render.shadow import cast_shadow
from pose3d_cli.render.shot import Shot, choose_shot
from pose3d_cli.render.solids import Cones, paint
from pose3d_cli.render.theme import THEMES, Theme
from pose3d_cli.sequences import Person


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """Everything that one clip's 3D view needs, worked out before the first frame."""

    shot: Shot
    floor: Floor
    figures: tuple[Figure, ...]
    shades: UInt32[np.ndarray, "c s s"]

    @classmethod
    def of(
        cls,
        people: Sequence[Person],
        *,
        width_px: int,
        height_px: int,
        theme: Theme = THEMES["dark"],
        orbit_rad_s: float = 0.0,
        trail_s: float = 0.0,
    ) -> "Scene":
        """Set the stage for people, with a camera that keeps them in view."""
        shot = choose_shot(people, width_px=width_px, height_px=height_px, orbit_rad_s=orbit_rad_s)
        palette = theme.palette
        colours = [palette.left, palette.right, *(palette.middle(p.id) for p in people)]
        labels = labels_of(people, palette, panel_height_px=height_px)
        figures = tuple(
            Figure.of(person, label=label, palette=palette, shades=colours, trail_s=trail_s)
            for person, label in zip(people, labels, strict=True)
        )
        return cls(shot, Floor.seen_in(shot, theme), figures, shades_of(colours, theme))

    def draw(self, rgb: UInt8[np.ndarray, "h w 3"], *, frame: int) -> None:
        """Fill ``rgb`` with the view in one frame of the clip, without people who are not there."""
        self.floor.draw(rgb, frame=frame)
        bodies: list[Cones] = []
        trails: list[Cones] = []
        for figure in self.figures:
            if figure.is_in(frame):
                limbs = figure.limbs_m(self.shot, frame=frame)
                radii = figure.radii_m.mean(axis=1)
                shadow = self.floor.theme.shadow * figure.presence[frame - figure.first_frame]
                cast_shadow(rgb, limbs, radii, shot=self.shot, strength=shadow)
                body = figure.body(limbs, self.shot, frame=frame)
                bodies.append(body)
                if figure.trail_frames:
                    trails.append(figure.trails(self.shot, frame=frame, lit_to_m=body.lit_to_m))
        bodies.sort(key=lambda body: -body.lit_to_m)
        # Trails come last: where they are in front of somebody they are a veil over them.
        paint(rgb, [*bodies, *trails], self.shades)
        self._draw_labels(rgb, frame=frame)

    def _draw_labels(self, rgb: UInt8[np.ndarray, "h w 3"], *, frame: int) -> None:
        for figure in self.figures:
            if figure.label and figure.is_in(frame):
                place_m = figure.label_m(self.shot, frame=frame)
                if place_m[2] > NEAREST_M:
                    figure.label.draw(rgb, at_px=self.shot.camera.project(place_m))
