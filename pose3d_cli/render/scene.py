"""The 3D view: people as mannequins on a stage, frame by frame."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int, UInt8, UInt32

from pose3d_cli.geometry.camera import Camera
from pose3d_cli.render.body import PARTS, limbs_m, size_of
from pose3d_cli.render.floor import Floor
from pose3d_cli.render.palette import Palette, Rgb
from pose3d_cli.render.shading import shades_of
from pose3d_cli.render.shadow import cast_shadow
from pose3d_cli.render.shot import Shot, choose_shot
from pose3d_cli.render.solids import Cones, paint
from pose3d_cli.render.theme import THEMES, Theme
from pose3d_cli.sequences import Person
from pose3d_cli.skeleton import H36M17

NEAREST_M = 0.3
"""What is closer to the camera than this is not drawn."""


@dataclass(frozen=True, slots=True, eq=False)
class _Figure:
    first_frame: int
    positions_m: Float[np.ndarray, "f j 3"]
    radii_m: Float[np.ndarray, "n 2"]
    colours: Int[np.ndarray, " n"]
    """Of each part: which of the scene's shades."""


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """Everything that one clip's 3D view needs, worked out before the first frame."""

    shot: Shot
    floor: Floor
    figures: tuple[_Figure, ...]
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
    ) -> "Scene":
        """Set the stage for people, with a camera that keeps them in view."""
        shot = choose_shot(people, width_px=width_px, height_px=height_px, orbit_rad_s=orbit_rad_s)
        colours = [theme.palette.left, theme.palette.right]
        colours += [theme.palette.middle(person.id) for person in people]
        figures = tuple(_figure(person, theme.palette, colours) for person in people)
        return cls(shot, Floor.seen_in(shot, theme), figures, shades_of(colours, theme))

    def draw(self, rgb: UInt8[np.ndarray, "h w 3"], *, frame: int) -> None:
        """Fill ``rgb`` with the view in one frame of the clip, without people who are not there."""
        self.floor.draw(rgb, frame=frame)
        bodies: list[Cones] = []
        for figure in self.figures:
            at = frame - figure.first_frame
            if 0 <= at < len(figure.positions_m):
                limbs = self.shot.stage(limbs_m(figure.positions_m[at]), frame=frame)
                radii = figure.radii_m.mean(axis=1)
                cast_shadow(rgb, limbs, radii, shot=self.shot, strength=self.floor.theme.shadow)
                bodies.append(_cones(figure, self.shot.see(limbs), self.shot.camera))
        paint(rgb, sorted(bodies, key=lambda body: -body.lit_to_m), self.shades)


def _figure(person: Person, palette: Palette, shades: Sequence[Rgb]) -> _Figure:
    if person.world.skeleton != H36M17:
        raise ValueError(
            f"the mannequin is made for {H36M17.name}, not {person.world.skeleton.name}"
        )
    positions = person.world.positions_m
    colours = palette.joints(H36M17, person_id=person.id)
    return _Figure(
        person.poses_2d.first_frame,
        positions,
        size_of(positions) * np.array([part.radii_m for part in PARTS]),
        np.array([shades.index(colours[H36M17.index(part.joint)]) for part in PARTS]),
    )


def _cones(figure: _Figure, limbs_camera_m: Float[np.ndarray, "n 2 3"], camera: Camera) -> Cones:
    before = limbs_camera_m[..., 2].min(axis=1) > NEAREST_M
    limbs = limbs_camera_m[before]
    depths_m = limbs[..., 2]
    px_per_m = camera.focal_px / depths_m
    return Cones(
        ends_px=camera.project(limbs),
        depths_m=depths_m,
        radii_px=figure.radii_m[before] * px_per_m,
        px_per_m=px_per_m.mean(axis=1),
        colours=figure.colours[before],
        opacity=np.ones(len(limbs)),
        lit_to_m=float(limbs_camera_m[..., 2].mean()),
    )
