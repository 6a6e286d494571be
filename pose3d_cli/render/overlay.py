"""The skeleton over the original picture: flat in place, but lit and hidden as it is in depth."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int, UInt8, UInt32

from pose3d_cli.geometry.camera import Camera
from pose3d_cli.render.easing import eased
from pose3d_cli.render.label import Label, labels_of
from pose3d_cli.render.opacity import opacity_of, presence_of
from pose3d_cli.render.palette import ON_DARK, OUTLINE
from pose3d_cli.render.settings import OverlayKind
from pose3d_cli.render.shading import flat_shade, shades_of
from pose3d_cli.render.solids import Cones, paint
from pose3d_cli.render.theme import THEMES
from pose3d_cli.sequences import Person
from pose3d_cli.skeleton import H36M17

THICKNESS = 0.02
"""Radius of a hip over the size of a person in the picture."""
THINNER = {"knee": 0.85, "ankle": 0.6, "elbow": 0.7, "wrist": 0.5, "shoulder": 0.85, "nose": 0.6}
"""Radius of joints over that of a hip; 0.85 for all others."""
THINNEST_PX = 1.6
THINNEST_EDGE_PX = 0.7
EDGE = 0.22
"""Width of the dark line around a limb over its radius: limbs stand out from bright and dark."""
EDGE_BEHIND_M = 0.15
"""Where the dark line is: behind its own body, but over whatever limb is farther away."""
SIZE_SMOOTHING_S = 0.5
SEEN_SMOOTHING_S = 0.1
"""Of the way between where a joint was seen and where the motion has it."""
NEAREST_M = 0.1
"""Fitted joints closer to the camera than this, or behind it, are drawn as if they were there."""
LABEL = 0.14
"""How far above the head a person's number is, over their size in the picture."""


@dataclass(frozen=True, slots=True, eq=False)
class _Sketch:
    """One person, in pixels of the output."""

    label: Label | None
    first_frame: int
    bones: tuple[tuple[int, int], ...]
    shades: Int[np.ndarray, " j"]
    """Of each joint; a bone has its child's."""
    joints_px: Float[np.ndarray, "f j 2"]
    depths_m: Float[np.ndarray, "f j"]
    size_px: Float[np.ndarray, " f"]
    radii_px: Float[np.ndarray, "f j"]
    opacity: Float[np.ndarray, "f j"]
    is_present: Bool[np.ndarray, " f"]
    focal_px: float


@dataclass(frozen=True, slots=True, eq=False)
class Overlay:
    """Everybody's skeleton, ready to be drawn into any frame."""

    sketches: tuple[_Sketch, ...]
    shades: UInt32[np.ndarray, "c s s"]

    @classmethod
    def of(
        cls,
        people: Sequence[Person],
        *,
        camera: Camera,
        panel_px: tuple[int, int],
        kind: OverlayKind = "seen",
    ) -> "Overlay":
        """Work out lines as thick as people are big, as opaque as their joints are certain.

        Args:
            people: whom to draw.
            camera: that took the clip.
            panel_px: width and height that the clip has in the output.
            kind: which joints to draw.
        """
        middles = [ON_DARK.middle(person.id) for person in people]
        palette = [ON_DARK.left, ON_DARK.right, *middles]
        colours = [ON_DARK.joints(p.poses_2d.skeleton, person_id=p.id) for p in people]
        labels = labels_of(people, ON_DARK, panel_height_px=panel_px[1])
        sketches = tuple(
            _sketch(
                person,
                np.array([palette.index(colour) for colour in joints]),
                label,
                camera=camera,
                scale=(panel_px[0] / camera.width_px, panel_px[1] / camera.height_px),
                kind=kind,
            )
            for person, joints, label in zip(people, colours, labels, strict=True)
        )
        shades = np.concatenate([shades_of(palette, THEMES["dark"]), flat_shade(OUTLINE)[None]])
        return cls(sketches, shades)

    def draw(self, rgb: UInt8[np.ndarray, "h w 3"], *, frame: int) -> None:
        """Draw everybody who is there in this frame into ``rgb``."""
        there = [
            (sketch, at)
            for sketch in self.sketches
            if 0 <= (at := frame - sketch.first_frame) < len(sketch.joints_px)
            and sketch.is_present[at]
        ]
        bodies = [_cones(sketch, at, edge_shade=len(self.shades) - 1) for sketch, at in there]
        paint(rgb, sorted(bodies, key=lambda body: -body.lit_to_m), self.shades)
        for sketch, at in there:
            if sketch.label:
                above = [0, LABEL * sketch.size_px[at]]
                head = sketch.joints_px[at, H36M17.index("head")]
                sketch.label.draw(rgb, at_px=head - above)


def _sketch(
    person: Person,
    shades: Int[np.ndarray, " j"],
    label: Label | None,
    *,
    camera: Camera,
    scale: tuple[float, float],
    kind: OverlayKind,
) -> _Sketch:
    rotation, translation = np.split(person.world.camera_from_world[:3], [3], axis=1)
    points_m = person.world.positions_m @ rotation.T + translation[:, 0]
    points_m[..., 2] = np.maximum(points_m[..., 2], NEAREST_M)
    poses, fps = person.poses_2d, float(person.poses_2d.fps)
    joints_px = fitted_px = camera.project(points_m)
    if kind == "seen":  # what was not is where the motion has it: a body keeps its shape
        seen = eased(poses.observed.astype(float), frames=SEEN_SMOOTHING_S * fps)[..., None]
        joints_px = seen * poses.keypoints_px + (1 - seen) * fitted_px
    joints_px = joints_px * scale
    size_px = _size_px(joints_px, fps=fps)
    shares = np.array([_share(name) for name in poses.skeleton.joints])
    return _Sketch(
        label,
        poses.first_frame,
        poses.skeleton.bones,
        shades,
        joints_px,
        points_m[..., 2],
        size_px,
        np.maximum(THICKNESS * size_px[:, None] * shares, THINNEST_PX),
        opacity_of(poses),
        presence_of(poses) > 0,
        camera.focal_px * scale[1],
    )


def _cones(sketch: _Sketch, at: int, *, edge_shade: int) -> Cones:
    """Return the bones of one frame, each with its dark line behind it."""
    bones = np.array(sketch.bones)
    ends_px, depths_m = sketch.joints_px[at][bones], sketch.depths_m[at][bones]
    radii_px = sketch.radii_px[at][bones]
    shades = sketch.shades[bones[:, 1]]
    return Cones(
        ends_px=np.concatenate([ends_px, ends_px]),
        depths_m=np.concatenate([depths_m + EDGE_BEHIND_M, depths_m]),
        radii_px=np.concatenate(
            [radii_px + np.maximum(EDGE * radii_px, THINNEST_EDGE_PX), radii_px]
        ),
        px_per_m=sketch.focal_px / np.tile(depths_m.mean(axis=1), 2),
        colours=np.concatenate([np.full_like(shades, edge_shade), shades]),
        opacity=np.tile(sketch.opacity[at][bones].min(axis=1), 2),
        lit_to_m=float(depths_m.max()),  # colours stay clear over a picture
    )


def _size_px(joints_px: Float[np.ndarray, "f j 2"], *, fps: float) -> Float[np.ndarray, " f"]:
    """Return how big a person is in the picture: steady, whatever they do with their arms."""
    width, height = np.ptp(joints_px, axis=1).T
    size = np.maximum(width, height)[:, None]
    return eased(size, frames=SIZE_SMOOTHING_S * fps)[:, 0]


def _share(joint: str) -> float:
    return next((share for name, share in THINNER.items() if name in joint), 0.85)
