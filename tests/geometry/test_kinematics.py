import numpy as np

from pose3d_cli.geometry.kinematics import joint_positions
from pose3d_cli.geometry.rotations import multiply, quaternion_from_vector, rotate

PARENTS = (-1, 0, 1, 1)
OFFSETS_M = np.array([[9.0, 9, 9], [0.3, 0, 0], [0.2, 0, 0], [0, 0.1, 0]])


def turned(*vectors_deg: tuple[float, float, float]) -> np.ndarray:
    return quaternion_from_vector(np.radians(vectors_deg))


def test_without_rotations_offsets_add_up_from_the_root() -> None:
    still = turned(*[(0, 0, 0)] * 4)[None]
    root_m = np.array([[1.0, 2, 3]])
    places = joint_positions(OFFSETS_M, parents=PARENTS, root_m=root_m, rotations_wxyz=still)
    np.testing.assert_allclose(places[0], [[1.0, 2, 3], [1.3, 2, 3], [1.5, 2, 3], [1.3, 2.1, 3]])


def test_a_joint_turns_its_children_but_not_itself() -> None:
    bent = turned((0, 0, 0), (0, 0, 90), (0, 0, 45), (0, 0, 0))[None]
    places = joint_positions(
        OFFSETS_M, parents=PARENTS, root_m=np.zeros((1, 3)), rotations_wxyz=bent
    )
    expected = [[0.0, 0, 0], [0.3, 0, 0], [0.3, 0.2, 0], [0.2, 0, 0]]
    np.testing.assert_allclose(places[0], expected, atol=1e-12)


def test_turning_the_world_turns_every_joint_with_it() -> None:
    rng = np.random.default_rng(0)
    rotations = quaternion_from_vector(rng.normal(size=(5, 4, 3)))
    root_m = rng.normal(size=(5, 3))
    turn = turned((20, -50, 70))
    before = joint_positions(OFFSETS_M, parents=PARENTS, root_m=root_m, rotations_wxyz=rotations)
    rotations[:, 0] = multiply(turn, rotations[:, 0])
    after = joint_positions(
        OFFSETS_M, parents=PARENTS, root_m=rotate(turn, root_m), rotations_wxyz=rotations
    )
    np.testing.assert_allclose(after, rotate(turn, before), atol=1e-12)
