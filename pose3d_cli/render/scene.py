"""The 3D view: people as mannequins on a stage, frame by frame."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, UInt8

from pose3d_cli.geometry.camera import Camera
from pose3d_cli.render.body import PARTS, limbs_m, size_of
from pose3d_cli.render.floor import Floor
from pose3d_cli.render.palette import Rgb, joint_colours
from pose3d_cli.render.shadow import cast_shadow
from pose3d_cli.render.shot import Shot, choose_shot
from pose3d_cli.render.solids import Cone, paint
from pose3d_cli.sequences import Person
from pose3d_cli.skeleton import H36M17

NEAREST_M = 0.3
"""What is closer to the camera than this is not drawn."""


@dataclass(frozen=True, slots=True, eq=False)
class _Figure:
    first_frame: int
    positions_m: Float[np.ndarray, "f j 3"]
    radii_m: Float[np.ndarray, "n 2"]
    colours: tuple[Rgb, ...]
    """Of each part."""


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """Everything that one clip's 3D view needs, worked out before the first frame."""

    shot: Shot
    floor: Floor
    figures: tuple[_Figure, ...]

    @classmethod
    def of(cls, people: Sequence[Person], *, width_px: int, height_px: int) -> "Scene":
        """Set the stage for people, with a camera that keeps them in view."""
        shot = choose_shot(people, width_px=width_px, height_px=height_px)
        return cls(shot, Floor.seen_in(shot), tuple(_figure(person) for person in people))

    def draw(self, rgb: UInt8[np.ndarray, "h w 3"], *, frame: int) -> None:
        """Fill ``rgb`` with the view in one frame of the clip, without people who are not there."""
        self.floor.draw(rgb, shift_m=self.shot.shift_m(frame))
        cones: list[Cone] = []
        for figure in self.figures:
            at = frame - figure.first_frame
            if 0 <= at < len(figure.positions_m):
                limbs = limbs_m(figure.positions_m[at])
                radii = figure.radii_m.mean(axis=1)
                cast_shadow(rgb, limbs, radii, shot=self.shot, frame=frame)
                cones += _cones(figure, self.shot.see(limbs, frame=frame), self.shot.camera)
        paint(rgb, cones)


def _figure(person: Person) -> _Figure:
    if person.world.skeleton != H36M17:
        raise ValueError(
            f"the mannequin is made for {H36M17.name}, not {person.world.skeleton.name}"
        )
    positions = person.world.positions_m
    colours = joint_colours(person.world.skeleton, person_id=person.id)
    return _Figure(
        person.poses_2d.first_frame,
        positions,
        size_of(positions) * np.array([part.radii_m for part in PARTS]),
        tuple(colours[person.world.skeleton.index(part.joint)] for part in PARTS),
    )


def _cones(
    figure: _Figure, limbs_camera_m: Float[np.ndarray, "n 2 3"], camera: Camera
) -> Iterator[Cone]:
    depths_m = limbs_camera_m[..., 2]
    px_per_m = camera.focal_px / np.maximum(depths_m, NEAREST_M)
    ends_px = camera.project(limbs_camera_m)
    radii_px = figure.radii_m * px_per_m
    middle_m = float(depths_m.mean())
    for i in np.flatnonzero(depths_m.min(axis=1) > NEAREST_M):
        yield Cone(
            ends_px=(_pair(ends_px[i, 0]), _pair(ends_px[i, 1])),
            depths_m=_pair(depths_m[i]),
            radii_px=_pair(radii_px[i]),
            px_per_m=float(px_per_m[i].mean()),
            colour=figure.colours[i],
            lit_to_m=middle_m,
        )


def _pair(two: Float[np.ndarray, "2"]) -> tuple[float, float]:
    first, second = two.tolist()
    return first, second
