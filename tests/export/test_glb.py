"""The GLB, taken apart by the letter of the glTF 2.0 specification."""

import json
import struct
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from pose3d_cli.export.glb import write_glb
from pose3d_cli.sequences import Motion, Result
from pose3d_cli.skeleton import RIG

COMPONENTS = {5121: np.uint8, 5123: np.uint16, 5126: np.float32}
SHAPES = {"SCALAR": (), "VEC3": (3,), "VEC4": (4,), "MAT4": (4, 4)}


@dataclass(frozen=True)
class Gltf:
    tree: dict[str, Any]
    data: bytes

    def array(self, index: int) -> np.ndarray:
        accessor = self.tree["accessors"][index]
        view = self.tree["bufferViews"][accessor["bufferView"]]
        kind, shape = COMPONENTS[accessor["componentType"]], SHAPES[accessor["type"]]
        start = view.get("byteOffset", 0) + accessor.get("byteOffset", 0)
        assert start % 4 == 0
        values = np.frombuffer(self.data, kind, int(accessor["count"] * np.prod(shape)), start)
        assert values.nbytes <= view["byteLength"]
        return values.reshape(accessor["count"], *shape)

    def locals_at(self, frame: int) -> list[np.ndarray]:
        """Return every node's local transform at a key of its own animation."""
        parts = [
            {"translation": node.get("translation", [0, 0, 0]), "rotation": [0, 0, 0, 1]}
            for node in self.tree["nodes"]
        ]
        (animation,) = self.tree["animations"]
        for channel in animation["channels"]:
            sampler = animation["samplers"][channel["sampler"]]
            if channel["target"]["path"] in ("translation", "rotation"):
                target = parts[channel["target"]["node"]]
                values = self.array(sampler["output"])
                target[channel["target"]["path"]] = values[min(frame, len(values) - 1)]
        matrices = []
        for part in parts:
            matrix = np.eye(4)
            matrix[:3, :3] = Rotation.from_quat(part["rotation"]).as_matrix()
            matrix[:3, 3] = part["translation"]
            matrices.append(matrix)
        return matrices

    def world_at(self, frame: int) -> list[np.ndarray]:
        """Return every node's place in the world at a frame."""
        local = self.locals_at(frame)
        world: list[np.ndarray] = [np.eye(4)] * len(local)

        def place(node: int, parent: np.ndarray) -> None:
            world[node] = parent @ local[node]
            for child in self.tree["nodes"][node].get("children", []):
                place(child, world[node])

        for root in self.tree["scenes"][0]["nodes"]:
            place(root, np.eye(4))
        return world


def parsed(path: Path) -> Gltf:
    raw = path.read_bytes()
    magic, version, length = struct.unpack_from("<4sII", raw)
    assert (magic, version, length) == (b"glTF", 2, len(raw))
    size, kind = struct.unpack_from("<I4s", raw, 12)
    assert (kind, size % 4) == (b"JSON", 0)
    tree = json.loads(raw[20 : 20 + size])
    data_size, data_kind = struct.unpack_from("<I4s", raw, 20 + size)
    assert (data_kind, data_size % 4) == (b"BIN\0", 0)
    assert 28 + size + data_size == length
    assert tree["buffers"] == [{"byteLength": data_size}]
    return Gltf(tree, raw[28 + size :])


@pytest.fixture
def gltf(pair: Result, tmp_path: Path) -> Gltf:
    write_glb(tmp_path / "pair.glb", pair)
    return parsed(tmp_path / "pair.glb")


def test_bounds_are_those_of_the_numbers(gltf: Gltf) -> None:
    for index, accessor in enumerate(gltf.tree["accessors"]):
        values = gltf.array(index).reshape(accessor["count"], -1)
        if "min" in accessor:
            np.testing.assert_array_equal(np.float32(accessor["min"]), values.min(0))
            np.testing.assert_array_equal(np.float32(accessor["max"]), values.max(0))
    bounded = [m["attributes"]["POSITION"] for p in gltf.tree["meshes"] for m in p["primitives"]]
    bounded += [s["input"] for s in gltf.tree["animations"][0]["samplers"]]
    assert all("min" in gltf.tree["accessors"][index] for index in bounded)


def test_nodes_move_as_the_rig_does(
    gltf: Gltf, pair: Result, joints_m: Callable[[Motion], np.ndarray]
) -> None:
    for skin, person in zip(gltf.tree["skins"], pair.people, strict=True):
        names = [gltf.tree["nodes"][node]["name"] for node in skin["joints"]]
        assert names == list(RIG.joints)
        for frame in range(len(person.motion.times_s)):
            world = gltf.world_at(frame)
            places_m = np.stack([world[node][:3, 3] for node in skin["joints"]])
            np.testing.assert_allclose(places_m, joints_m(person.motion)[frame], atol=1e-5)


def test_keys_stand_at_the_times_of_the_clip(gltf: Gltf, pair: Result) -> None:
    (animation,) = gltf.tree["animations"]
    by_node = {
        (c["target"]["node"], c["target"]["path"]): animation["samplers"][c["sampler"]]
        for c in animation["channels"]
    }
    for skin, person in zip(gltf.tree["skins"], pair.people, strict=True):
        times_s = gltf.array(by_node[skin["joints"][0], "translation"]["input"])
        np.testing.assert_allclose(times_s, person.motion.times_s - pair.times_s[0], atol=1e-6)


def test_the_figure_follows_its_joints_and_looks_like_a_person_at_rest(gltf: Gltf) -> None:
    for skin, mesh in zip(gltf.tree["skins"], gltf.tree["meshes"], strict=True):
        inverse_bind = gltf.array(skin["inverseBindMatrices"]).transpose(0, 2, 1)
        attributes = mesh["primitives"][0]["attributes"]
        rest_m, bearers = (gltf.array(attributes[name]) for name in ("POSITION", "JOINTS_0"))
        np.testing.assert_array_equal(gltf.array(attributes["WEIGHTS_0"]).sum(1), 1)
        assert 1.4 < np.ptp(rest_m[:, 1]) < 2.0  # tall
        assert 1.2 < np.ptp(rest_m[:, 0]) < 2.0  # arms wide
        world = gltf.world_at(1)
        joint = bearers[:, 0]
        pose = np.stack(
            [world[node] @ bind for node, bind in zip(skin["joints"], inverse_bind, strict=True)]
        )
        moved_m = np.einsum("vij,vj->vi", pose[joint], np.c_[rest_m, np.ones(len(rest_m))])[:, :3]
        # Rigid: a vertex keeps its distance to the joint that carries it.
        origin_m = np.stack([world[node][:3, 3] for node in skin["joints"]])[joint]
        bind_m = -inverse_bind[joint][:, :3, 3]
        before_m = np.linalg.norm(rest_m - bind_m, axis=1)
        np.testing.assert_allclose(np.linalg.norm(moved_m - origin_m, axis=1), before_m, atol=1e-5)
        assert before_m.max() < 0.6


def test_left_is_at_plus_x_and_has_the_left_colour(gltf: Gltf) -> None:
    materials = [material["name"] for material in gltf.tree["materials"]]
    for primitive in gltf.tree["meshes"][0]["primitives"]:
        side = materials[primitive["material"]]
        corners = gltf.array(primitive["indices"])
        x_m = gltf.array(primitive["attributes"]["POSITION"])[corners, 0].mean()
        assert np.sign(np.round(x_m, 2)) == {"Left": 1, "Middle": 0, "Right": -1}[side]


def test_arrays_are_laid_out_as_the_specification_demands(result: Result, tmp_path: Path) -> None:
    write_glb(tmp_path / "x.glb", result)
    gltf = parsed(tmp_path / "x.glb")
    views, accessors = gltf.tree["bufferViews"], gltf.tree["accessors"]
    ends = [view["byteOffset"] + view["byteLength"] for view in views]
    assert all(end <= view["byteOffset"] for end, view in zip(ends, views[1:], strict=False))
    assert ends[-1] <= len(gltf.data)
    targets = dict.fromkeys(range(len(accessors)), None)
    for mesh, skin in zip(gltf.tree["meshes"], gltf.tree["skins"], strict=True):
        for primitive in mesh["primitives"]:
            corners = gltf.array(primitive["indices"])
            count = accessors[primitive["attributes"]["POSITION"]]["count"]
            assert len(corners) % 3 == 0
            assert corners.max() < count
            assert {accessors[a]["count"] for a in primitive["attributes"].values()} == {count}
            assert gltf.array(primitive["attributes"]["JOINTS_0"]).max() < len(skin["joints"])
            targets |= dict.fromkeys(primitive["attributes"].values(), 34962)
            targets[primitive["indices"]] = 34963
    for index, accessor in enumerate(accessors):
        assert views[accessor["bufferView"]].get("target") == targets[index]


def test_keys_are_in_order_and_turns_are_unit_quaternions(result: Result, tmp_path: Path) -> None:
    write_glb(tmp_path / "x.glb", result)
    gltf = parsed(tmp_path / "x.glb")
    (animation,) = gltf.tree["animations"]
    moved = Counter((c["target"]["node"], c["target"]["path"]) for c in animation["channels"])
    assert set(moved.values()) == {1}
    for channel in animation["channels"]:
        sampler = animation["samplers"][channel["sampler"]]
        times_s, values = gltf.array(sampler["input"]), gltf.array(sampler["output"])
        assert len(times_s) == len(values)
        assert times_s[0] >= 0
        assert np.all(np.diff(times_s) > 0)
        if channel["target"]["path"] == "rotation":
            np.testing.assert_allclose(np.linalg.norm(values, axis=-1), 1, atol=1e-6)
            assert np.all((values[1:] * values[:-1]).sum(-1) >= 0)


def test_every_node_has_at_most_one_parent(gltf: Gltf) -> None:
    children = [child for node in gltf.tree["nodes"] for child in node.get("children", [])]
    placed = [*gltf.tree["scenes"][0]["nodes"], *children]
    assert sorted(placed) == list(range(len(gltf.tree["nodes"])))


def test_at_rest_it_is_a_t_pose_on_the_floor_that_faces_z(gltf: Gltf, pair: Result) -> None:
    nodes = gltf.tree["nodes"]
    assert all("rotation" not in node for node in nodes)
    for skin, person in zip(gltf.tree["skins"], pair.people, strict=True):
        bind_m = -gltf.array(skin["inverseBindMatrices"])[:, 3, :3]
        steps_m = [nodes[node]["translation"] for node in skin["joints"]]
        np.testing.assert_allclose(steps_m[1:], person.motion.offsets_m[1:], atol=1e-6)
        for parent, joint in RIG.bones:
            np.testing.assert_allclose(bind_m[joint] - bind_m[parent], steps_m[joint], atol=1e-6)
        places = dict(zip(RIG.joints, bind_m, strict=True))
        assert bind_m[:, 1].min() == pytest.approx(0, abs=1e-6)
        assert places["LeftHand"][0] > places["LeftArm"][0] > 0 > places["RightHand"][0]
        assert places["LeftFootEnd"][2] > places["LeftFoot"][2]
        assert places["Head"][1] > places["Hips"][1]


def sizes_of(gltf: Gltf) -> dict[str, tuple[list[float], list[float]]]:
    """Return times and sizes of whoever is hidden at times."""
    (animation,) = gltf.tree["animations"]
    found = {}
    for channel in animation["channels"]:
        if channel["target"]["path"] == "scale":
            sampler = animation["samplers"][channel["sampler"]]
            assert sampler["interpolation"] == "STEP"
            sizes = gltf.array(sampler["output"])
            assert np.all(sizes == sizes[:, :1])
            name = gltf.tree["nodes"][channel["target"]["node"]]["name"]
            found[name] = gltf.array(sampler["input"]).tolist(), sizes[:, 0].tolist()
    return found


def test_people_are_hidden_while_they_are_not_there(pair: Result, tmp_path: Path) -> None:
    times_s = np.arange(8) / float(pair.clip.fps)
    write_glb(tmp_path / "x.glb", replace(pair, times_s=times_s))
    sizes = sizes_of(parsed(tmp_path / "x.glb"))
    keys_s = np.round(times_s, 6).astype(np.float32).tolist()
    assert sizes == {
        "Person1": ([0, keys_s[5]], [1, 0]),
        "Person2": ([0, keys_s[2], keys_s[5]], [0, 1, 0]),
    }


def test_whoever_stays_throughout_is_never_hidden(gltf: Gltf) -> None:
    assert list(sizes_of(gltf)) == ["Person2"]


def test_colours_are_in_linear_light(gltf: Gltf) -> None:
    colours = {
        material["name"]: material["pbrMetallicRoughness"]["baseColorFactor"]
        for material in gltf.tree["materials"]
    }
    # sRGB 58, 160, 245 and 245, 128, 52, converted by IEC 61966-2-1
    assert colours["Left"] == pytest.approx([0.0423, 0.3515, 0.9131, 1], abs=2e-4)
    assert colours["Right"] == pytest.approx([0.9131, 0.2159, 0.0343, 1], abs=2e-4)
