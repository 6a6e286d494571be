from collections import Counter

import numpy as np
import pytest
from scipy.spatial import cKDTree

from pose3d_cli.export.mannequin import Mannequin, mannequin
from pose3d_cli.geometry.kinematics import joint_positions
from pose3d_cli.sequences import Result
from pose3d_cli.skeleton import RIG


@pytest.fixture
def places_m(pair: Result) -> np.ndarray:
    """A T-pose."""
    turns = np.zeros((1, len(RIG), 4))
    turns[..., 0] = 1
    standing: np.ndarray = joint_positions(
        pair.people[0].motion.offsets_m,
        parents=RIG.parents,
        root_m=np.zeros((1, 3)),
        rotations_wxyz=turns,
    )[0]
    return standing


@pytest.fixture
def body(places_m: np.ndarray) -> Mannequin:
    return mannequin(RIG, places_m=places_m)


def test_every_solid_is_closed_and_faces_outwards(body: Mannequin) -> None:
    for bone in np.unique(body.bones):
        triangles = body.triangles[body.bones == bone]
        edges = Counter(
            (a, b)
            for face in triangles.tolist()
            for a, b in zip(face, face[1:] + face[:1], strict=True)
        )
        assert set(edges.values()) == {1}
        assert all((b, a) in edges for a, b in edges)
        first, second, third = body.vertices_m[triangles].transpose(1, 0, 2)
        assert np.einsum("ti,ti->", first, np.cross(second, third)) > 0  # six times its volume


def test_normals_point_away_from_the_middle_of_their_solid(body: Mannequin) -> None:
    np.testing.assert_allclose(np.linalg.norm(body.normals, axis=-1), 1)
    for bone in np.unique(body.bones):
        own = np.unique(body.triangles[body.bones == bone])
        outwards_m = body.vertices_m[own] - body.vertices_m[own].mean(axis=0)
        assert np.all((outwards_m * body.normals[own]).sum(-1) > 0)


def test_every_bone_has_a_solid_that_its_parent_carries(
    body: Mannequin, places_m: np.ndarray
) -> None:
    with_length = {child for parent, child in RIG.bones if RIG.joints[child] != "Spine"}
    assert set(body.bones.tolist()) == with_length
    for bone in with_length:
        own = np.unique(body.triangles[body.bones == bone])
        parent = RIG.parents[bone]
        assert set(body.bearers[own].tolist()) == {parent}
        along_m = places_m[bone] - places_m[parent]
        share = (body.vertices_m[own] - places_m[parent]) @ along_m / (along_m @ along_m)
        assert share.min() <= 0
        assert share.max() >= 1


def test_the_right_side_mirrors_the_left(body: Mannequin) -> None:
    mirrored_m = body.vertices_m * [-1, 1, 1]
    apart_m, _ = cKDTree(body.vertices_m).query(mirrored_m)
    assert np.max(apart_m) < 1e-9


def test_a_child_is_a_small_adult(body: Mannequin, places_m: np.ndarray) -> None:
    child = mannequin(RIG, places_m=0.6 * places_m)
    np.testing.assert_allclose(child.vertices_m, 0.6 * body.vertices_m, atol=1e-12)
