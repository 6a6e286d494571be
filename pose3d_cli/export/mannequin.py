"""A low-poly mannequin around a rig at rest: one rounded, tapered solid a bone."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from pose3d_cli.geometry.rotations import unit
from pose3d_cli.skeleton import Skeleton

SIDES = 10
"""Of every solid."""
ROUNDNESS = ((0.03, 0.6), (0.12, 0.92), (0.3, 1.0), (0.7, 1.0), (0.88, 0.92), (0.97, 0.6))
"""How thick a solid is at places between its two tips, beside its taper."""


ADULT_M = 1.6
"""From toes to the top joint of a person whom the shapes below fit."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A solid of an adult; a child's is smaller in every direction."""

    across_m: float
    """Half its width: along x, or along z if the bone itself points along x."""
    deep_m: float
    """Half its depth, at right angles to the width."""
    taper: float
    """How thick it is at the child's end beside the parent's."""
    over_m: tuple[float, float] = (0.02, 0.02)
    """How far it reaches beyond the parent and beyond the child."""


PLAIN = Shape(0.02, 0.02, 0.7)
SHAPES = {
    "Spine1": Shape(0.13, 0.105, 0.85, over_m=(0.1, 0.04)),
    "Neck": Shape(0.12, 0.1, 1.15, over_m=(0.06, 0.0)),
    "Head": Shape(0.055, 0.055, 0.9),
    "HeadEnd": Shape(0.075, 0.095, 1.05, over_m=(0.07, 0.055)),
    "Arm": Shape(0.055, 0.06, 0.95, over_m=(0.0, 0.045)),
    "ForeArm": Shape(0.052, 0.052, 0.75),
    "Hand": Shape(0.04, 0.04, 0.7),
    "HandEnd": Shape(0.042, 0.022, 0.8, over_m=(0.01, 0.05)),
    "UpLeg": Shape(0.085, 0.085, 0.95, over_m=(0.0, 0.05)),
    "Leg": Shape(0.08, 0.08, 0.68),
    "Foot": Shape(0.056, 0.056, 0.68),
    "FootEnd": Shape(0.046, 0.032, 0.75, over_m=(0.06, 0.03)),
}
"""By the child of the bone, without its side; a bone that is not here is ``PLAIN``."""


@dataclass(frozen=True, slots=True, eq=False)
class Mannequin:
    """A mesh in the frame of the rest pose."""

    vertices_m: Float[np.ndarray, "v 3"]
    normals: Float[np.ndarray, "v 3"]
    bearers: Int[np.ndarray, " v"]
    """The joint that carries each vertex: the parent of its bone."""
    triangles: Int[np.ndarray, "t 3"]
    """Vertices, counterclockwise seen from outside."""
    bones: Int[np.ndarray, " t"]
    """The child of the bone around which each triangle lies."""


def mannequin(skeleton: Skeleton, *, places_m: Float[np.ndarray, "j 3"]) -> Mannequin:
    """Return a body for a rig whose joints at rest are at these places."""
    solid, faces = _solid()
    size = np.ptp(places_m[:, 1]) / ADULT_M
    bones = [
        (parent, child)
        for parent, child in skeleton.bones
        if not np.array_equal(places_m[parent], places_m[child])
    ]
    vertices_m = [
        size * _around(solid, places_m[list(bone)] / size, shape=_shape(skeleton.joints[bone[1]]))
        for bone in bones
    ]
    parents, children = np.transpose(bones)
    starts = np.arange(len(bones)) * len(solid)
    return Mannequin(
        vertices_m=np.concatenate(vertices_m),
        normals=np.concatenate([_normals(part_m, faces) for part_m in vertices_m]),
        bearers=np.repeat(parents, len(solid)),
        triangles=(starts[:, None, None] + faces).reshape(-1, 3),
        bones=np.repeat(children, len(faces)),
    )


def _shape(joint: str) -> Shape:
    return SHAPES.get(joint.removeprefix("Left").removeprefix("Right"), PLAIN)


def _solid() -> tuple[Float[np.ndarray, "v 3"], Int[np.ndarray, "t 3"]]:
    """Return a solid of thickness 1 from (0, 0, 0) to (0, 0, 1), and its triangles.

    The first vertex is the tip at the start, the last the one at the end, with rings between.
    """
    angles = np.arange(SIDES) * 2 * np.pi / SIDES
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    rings = [np.column_stack([r * circle, np.full(SIDES, along)]) for along, r in ROUNDNESS]
    vertices = np.concatenate([[[0.0, 0, 0]], *rings, [[0.0, 0, 1]]])
    here = np.arange(SIDES)
    following = (here + 1) % SIDES
    last = len(vertices) - 1
    faces = [np.stack([np.zeros_like(here), 1 + following, 1 + here], axis=-1)]
    for start in range(1, last - SIDES, SIDES):
        near, far = (start, start + SIDES)
        faces.append(np.stack([near + here, near + following, far + following], axis=-1))
        faces.append(np.stack([near + here, far + following, far + here], axis=-1))
    top = last - SIDES
    faces.append(np.stack([top + here, top + following, np.full_like(here, last)], axis=-1))
    return vertices, np.concatenate(faces)


def _around(
    solid: Float[np.ndarray, "v 3"], bone_m: Float[np.ndarray, "2 3"], *, shape: Shape
) -> Float[np.ndarray, "v 3"]:
    """Return the solid, put around a bone."""
    start_m, end_m = bone_m
    along = unit(end_m - start_m)
    width = np.eye(3)[2 if abs(along[0]) > 0.7 else 0]
    across = unit(width - (width @ along) * along)
    axes_m = np.stack([across * shape.across_m, np.cross(along, across) * shape.deep_m])
    before_m, beyond_m = shape.over_m
    share = solid[:, 2:]
    first_m, last_m = start_m - before_m * along, end_m + beyond_m * along
    thick = solid[:, :2] * (1 + share * (shape.taper - 1))
    return np.asarray(first_m + share * (last_m - first_m) + thick @ axes_m)


def _normals(
    vertices_m: Float[np.ndarray, "v 3"], triangles: Int[np.ndarray, "t 3"]
) -> Float[np.ndarray, "v 3"]:
    """Return the mean direction of the triangles at each vertex, large ones counting more."""
    corners_m = vertices_m[triangles]
    facing = np.cross(corners_m[:, 1] - corners_m[:, 0], corners_m[:, 2] - corners_m[:, 0])
    normals = np.zeros_like(vertices_m)
    np.add.at(normals, triangles, facing[:, None])
    return unit(normals)
