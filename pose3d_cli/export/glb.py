"""GLB: everybody as a skinned, animated mannequin, for the web, game engines and Blender.

One glTF 2.0 file: metres, y up, facing +z, at rest a T-pose on the floor. Keys are at the clip's
own times from 0 on, so that a variable frame rate stays what it was. Importers take nodes for a
rig only if a mesh hangs on them (glTF-Blender-IO issue 822, Godot issue 56615): the mannequin is
that mesh.

Reference: Khronos Group, "glTF 2.0 Specification" (2021).
"""

from pathlib import Path

import numpy as np
from jaxtyping import Float

from pose3d_cli import __version__
from pose3d_cli.export.glb_keys import Keys
from pose3d_cli.export.gltf import TRIANGLES, VERTICES, Gltf
from pose3d_cli.export.mannequin import Mannequin, mannequin
from pose3d_cli.export.precision import rounded
from pose3d_cli.files import written_whole
from pose3d_cli.geometry.kinematics import joint_positions
from pose3d_cli.sequences import Motion, Result
from pose3d_cli.skeleton import Skeleton

COLOURS = {"Middle": (214, 218, 226), "Left": (58, 160, 245), "Right": (245, 128, 52)}
"""sRGB; each is a material, in this order."""


def write_glb(path: Path, result: Result) -> tuple[Path, ...]:
    """Write everybody into one file; return where.

    Raises:
        OutputError: the file cannot be written.
        ValueError: the result holds NaN.
    """
    result = rounded(result)
    gltf, keys, scene = Gltf(), Keys(), list[int]()
    for name, colour in COLOURS.items():
        gltf.add("materials", _material(name, colour))
    for person in result.people:
        joints = _add_rig(gltf, person.motion)
        body = gltf.add("nodes", {"name": f"Person{person.id}", "children": [joints[0]]})
        figure = _add_figure(gltf, person.motion, joints=joints)
        scene += [body, figure]
        keys.move(gltf, person.motion, joints=joints, clip_times_s=result.times_s)
        keys.hide_while_absent(gltf, person.poses_2d, body=body, clip_times_s=result.times_s)
    gltf.add("scenes", {"nodes": scene})
    gltf.add("animations", keys.animation(name=result.clip.path.stem))
    data = gltf.to_bytes(generator=f"pose3d {__version__}")
    with written_whole(path) as part:
        part.write_bytes(data)
    return (path,)


def _add_rig(gltf: Gltf, motion: Motion) -> list[int]:
    """Add the joints at rest; return their nodes."""
    skeleton = motion.skeleton
    first = len(gltf.lists["nodes"])
    locals_m = [_rest_m(motion)[0], *motion.offsets_m[1:]]
    for joint, name in enumerate(skeleton.joints):
        children = [first + child for parent, child in skeleton.bones if parent == joint]
        node: dict[str, object] = {"name": name, "translation": locals_m[joint].tolist()}
        gltf.add("nodes", node | ({"children": children} if children else {}))
    return list(range(first, first + len(skeleton)))


def _add_figure(gltf: Gltf, motion: Motion, *, joints: list[int]) -> int:
    """Add the mannequin, fixed to the joints; return its node.

    It stands beside the rig, because a skinned mesh takes no part in its own node's transform.
    """
    rest_m = _rest_m(motion)
    joints_from_rest = np.tile(np.eye(4, dtype=np.float32), (len(rest_m), 1, 1))
    joints_from_rest[:, :3, 3] = -rest_m
    by_columns = joints_from_rest.transpose(0, 2, 1)
    skin = {"joints": joints, "inverseBindMatrices": gltf.add_array(by_columns)}
    body = mannequin(motion.skeleton, places_m=rest_m)
    mesh = {"name": "Mannequin", "primitives": _primitives(gltf, body, skeleton=motion.skeleton)}
    node = {"name": "Mannequin", "mesh": gltf.add("meshes", mesh), "skin": gltf.add("skins", skin)}
    return gltf.add("nodes", node)


def _primitives(gltf: Gltf, body: Mannequin, *, skeleton: Skeleton) -> list[dict[str, object]]:
    """Return a primitive for each material; all of them share their vertices."""
    bearers = np.zeros((len(body.bearers), 4), np.uint8)
    bearers[:, 0] = body.bearers
    arrays: dict[str, np.ndarray] = {
        "POSITION": body.vertices_m.astype(np.float32),
        "NORMAL": body.normals.astype(np.float32),
        "JOINTS_0": bearers,
        "WEIGHTS_0": np.tile(np.array([1, 0, 0, 0], np.float32), (len(bearers), 1)),
    }
    vertices = {name: gltf.add_array(values, target=VERTICES) for name, values in arrays.items()}
    sides = np.zeros(len(skeleton), int)
    for pair in skeleton.mirror_pairs:
        sides[list(pair)] = 1, 2
    side_of = sides[body.bones]
    return [
        {
            "attributes": vertices,
            "indices": gltf.add_array(
                body.triangles[side_of == side].reshape(-1).astype(np.uint16), target=TRIANGLES
            ),
            "material": side,
        }
        for side in np.unique(side_of).tolist()
    ]


def _rest_m(motion: Motion) -> Float[np.ndarray, "j 3"]:
    """Return where the joints are in the T-pose, the lowest on the floor."""
    standing = np.zeros((1, len(motion.skeleton), 4))
    standing[..., 0] = 1
    places_m = joint_positions(
        motion.offsets_m,
        parents=motion.skeleton.parents,
        root_m=np.zeros((1, 3)),
        rotations_wxyz=standing,
    )[0]
    return np.asarray(places_m - [0, places_m[:, 1].min(), 0])


def _material(name: str, srgb: tuple[int, int, int]) -> dict[str, object]:
    share = np.array(srgb) / 255
    linear = np.where(share > 0.04045, ((share + 0.055) / 1.055) ** 2.4, share / 12.92)
    surface = {
        "baseColorFactor": [*np.round(linear, 4).tolist(), 1],
        "metallicFactor": 0,
        "roughnessFactor": 0.8,
    }
    return {"name": name, "pbrMetallicRoughness": surface}
