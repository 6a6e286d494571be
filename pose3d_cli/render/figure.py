"""One person of the 3D view, frame by frame: a body, and the trails of hands and feet."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from pose3d_cli.geometry.camera import Camera
from pose3d_cli.render.body import PARTS, limbs_m, size_of
from pose3d_cli.render.label import Label
from pose3d_cli.render.opacity import opacity_in_space_of, presence_of
from pose3d_cli.render.palette import Palette, Rgb
from pose3d_cli.render.shot import Shot
from pose3d_cli.render.solids import Cones
from pose3d_cli.sequences import Person
from pose3d_cli.skeleton import H36M17

NEAREST_M = 0.3
"""What is closer to the camera than this is not drawn."""
TRAILS = ("left_wrist", "right_wrist", "left_ankle", "right_ankle")
TRAIL_RADII_M = (0.004, 0.016)
"""Of the oldest end and of the newest, for an adult."""
TRAIL_OPACITY = 0.75
"""Of the newest end; the oldest cannot be seen."""
MOST_PIECES = 30
"""Straight pieces of one trail."""
LABEL_M = 0.24
"""How far above the top of an adult's head their number is."""


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """Everything about a person that the 3D view needs."""

    label: Label | None
    first_frame: int
    positions_m: Float[np.ndarray, "f 17 3"]
    size: float
    """How big the person is beside an adult."""
    radii_m: Float[np.ndarray, "n 2"]
    colours: Int[np.ndarray, " n"]
    """Of each part: which of the scene's shades."""
    opacity: Float[np.ndarray, "f n"]
    presence: Float[np.ndarray, " f"]
    """From 0, for who is lost, to 1."""
    trail_frames: int
    trail_colours: Int[np.ndarray, " t"]

    @classmethod
    def of(
        cls,
        person: Person,
        *,
        label: Label | None,
        palette: Palette,
        shades: Sequence[Rgb],
        trail_s: float,
    ) -> "Figure":
        """Work out what does not change from frame to frame.

        Raises:
            ValueError: the person has other joints than Human3.6M's.
        """
        if person.world.skeleton != H36M17:
            raise ValueError(
                f"the mannequin is made for {H36M17.name}, not {person.world.skeleton.name}"
            )
        positions = person.world.positions_m
        joints = [H36M17.index(part.joint) for part in PARTS]
        colours = palette.joints(H36M17, person_id=person.id)
        shade_of = np.array([shades.index(colour) for colour in colours])
        size = size_of(positions)
        return cls(
            label,
            person.poses_2d.first_frame,
            positions,
            size,
            size * np.array([part.radii_m for part in PARTS]),
            shade_of[joints],
            opacity_in_space_of(person)[:, joints],
            presence_of(person.poses_2d),
            round(trail_s * float(person.poses_2d.fps)),
            shade_of[[H36M17.index(joint) for joint in TRAILS]],
        )

    def is_in(self, frame: int) -> bool:
        """Return whether the person has a pose in a frame of the clip, and is not lost."""
        at = frame - self.first_frame
        return 0 <= at < len(self.positions_m) and bool(self.presence[at] > 0)

    def limbs_m(self, shot: Shot, *, frame: int) -> Float[np.ndarray, "n 2 3"]:
        """Return both ends of every part on the stage."""
        return shot.stage(limbs_m(self.positions_m[frame - self.first_frame]), frame=frame)

    def body(self, limbs_m: Float[np.ndarray, "n 2 3"], shot: Shot, *, frame: int) -> Cones:
        """Return the body as the camera sees it, from ``limbs_m``."""
        seen_m = shot.see(limbs_m)
        return _cones(
            seen_m,
            self.radii_m,
            self.colours,
            self.opacity[frame - self.first_frame],
            lit_to_m=float(seen_m[..., 2].mean()),
            camera=shot.camera,
        )

    def trails(self, shot: Shot, *, frame: int, lit_to_m: float) -> Cones:
        """Return where hands and feet have been lately, as the camera sees it."""
        last = frame - self.first_frame
        count = min(last, self.trail_frames)
        step = max(1, math.ceil(self.trail_frames / MOST_PIECES))
        # Counted from the start of the clip: pieces must not slide along a trail.
        times = np.unique(
            [last - count, *range(-(-(last - count) // step) * step, last, step), last]
        )
        joints = [H36M17.index(joint) for joint in TRAILS]
        points = shot.see(shot.stage(self.positions_m[times][:, joints], frame=frame))
        newness = 1 - (last - times) / max(self.trail_frames, 1)
        pieces = np.stack([points[:-1], points[1:]], axis=2).reshape(-1, 2, 3)
        thin, thick = TRAIL_RADII_M
        radii = self.size * (thin + (thick - thin) * newness)
        ends = np.repeat(np.stack([radii[:-1], radii[1:]], axis=1), len(joints), axis=0)
        return _cones(
            pieces,
            ends,
            np.tile(self.trail_colours, len(times) - 1),
            np.repeat(TRAIL_OPACITY * newness[1:], len(joints)),
            lit_to_m=lit_to_m,
            camera=shot.camera,
        )

    def label_m(self, shot: Shot, *, frame: int) -> Float[np.ndarray, "3"]:
        """Return where the person's number is, in the axes of the camera."""
        head = self.positions_m[frame - self.first_frame, H36M17.index("head")]
        return shot.see(shot.stage(head + np.array([0, LABEL_M * self.size, 0]), frame=frame))


def _cones(
    seen_m: Float[np.ndarray, "n 2 3"],
    radii_m: Float[np.ndarray, "n 2"],
    colours: Int[np.ndarray, " n"],
    opacity: Float[np.ndarray, " n"],
    *,
    lit_to_m: float,
    camera: Camera,
) -> Cones:
    """Return what of some limbs, given in the axes of the camera, is before it."""
    before = seen_m[..., 2].min(axis=1) > NEAREST_M
    limbs = seen_m[before]
    px_per_m = camera.focal_px / limbs[..., 2]
    return Cones(
        ends_px=camera.project(limbs),
        depths_m=limbs[..., 2],
        radii_px=radii_m[before] * px_per_m,
        px_per_m=px_per_m.mean(axis=1),
        colours=colours[before],
        opacity=opacity[before],
        lit_to_m=lit_to_m,
    )
