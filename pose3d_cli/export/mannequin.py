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


@dataclass(frozen=True, slots=True)
class Shape:
    """A solid beside the length of its bone, so that it fits children too."""

    across: float
    """Half its width: along x, or along z if the bone itself points along x."""
    deep: float
    """Half its depth, at right angles to the width."""
    taper: float = 0.7
    """How thick it is at the child's end beside the parent's."""
    start: float = -0.05
    """Where along the bone it begins: 0 is the parent."""
    end: float = 1.05
    """Where it ends: 1 is the child."""


PLAIN = Shape(0.12, 0.12)
SHAPES = {
    "Spine1": Shape(0.52, 0.42, taper=0.85, start=-0.45, end=1.2),
    "Neck": Shape(0.5, 0.4, taper=1.1, start=-0.25, end=0.95),
    "Head": Shape(0.45, 0.45, taper=0.9, start=-0.2),
    "HeadEnd": Shape(0.62, 0.75, taper=1.1, start=-0.4, end=1.5),
    "Arm": Shape(0.36, 0.36, taper=0.95, start=-0.2, end=1.2),
    "ForeArm": Shape(0.18, 0.18, taper=0.75),
    "Hand": Shape(0.155, 0.155, taper=0.7),
    "HandEnd": Shape(0.42, 0.2, taper=0.8, end=1.3),
    "UpLeg": Shape(0.6, 0.6, taper=0.95, end=1.3),
    "Leg": Shape(0.18, 0.18, taper=0.68),
    "Foot": Shape(0.125, 0.125, taper=0.68),
    "FootEnd": Shape(0.23, 0.2, taper=0.75, start=-0.3),
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
    bones = [
        (parent, child)
        for parent, child in skeleton.bones
        if not np.array_equal(places_m[parent], places_m[child])
    ]
    vertices_m = [
        _around(solid, places_m[parent], places_m[child], shape=_shape(skeleton.joints[child]))
        for parent, child in bones
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
    solid: Float[np.ndarray, "v 3"],
    start_m: Float[np.ndarray, "3"],
    end_m: Float[np.ndarray, "3"],
    *,
    shape: Shape,
) -> Float[np.ndarray, "v 3"]:
    """Return the solid, put around a bone."""
    bone_m = end_m - start_m
    along = unit(bone_m)
    width = np.eye(3)[2 if abs(along[0]) > 0.7 else 0]
    across = unit(width - (width @ along) * along)
    axes = np.stack([across * shape.across, np.cross(along, across) * shape.deep])
    share = solid[:, 2:]
    thick = solid[:, :2] * (1 + share * (shape.taper - 1))
    places = shape.start + share * (shape.end - shape.start)
    return np.asarray(start_m + places * bone_m + thick @ axes * np.linalg.norm(bone_m))


def _normals(
    vertices_m: Float[np.ndarray, "v 3"], triangles: Int[np.ndarray, "t 3"]
) -> Float[np.ndarray, "v 3"]:
    """Return the mean direction of the triangles at each vertex, large ones counting more."""
    corners_m = vertices_m[triangles]
    facing = np.cross(corners_m[:, 1] - corners_m[:, 0], corners_m[:, 2] - corners_m[:, 0])
    normals = np.zeros_like(vertices_m)
    np.add.at(normals, triangles, facing[:, None])
    return unit(normals)
