"""The axioms of rotations, and SciPy as the independent reference."""

from itertools import permutations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from pose3d_cli.geometry.rotations import (
    euler_from_matrix,
    inverse,
    matrix_from_euler,
    matrix_from_quaternion,
    multiply,
    quaternion_from_matrix,
    quaternion_from_vector,
    resample_rotations,
    rotate,
    swing,
    unit,
    vector_from_quaternion,
    without_sign_flips,
)

ORDERS = ["".join(order) for order in permutations("XYZ")]
ANGLES = {"any": 2.0, "tiny": 1e-9, "nearly half a turn": np.pi - 1e-7, "half a turn": np.pi}


@pytest.fixture(params=ANGLES)
def vectors(request: pytest.FixtureRequest) -> np.ndarray:
    """Axis times angle of 200 rotations."""
    rng = np.random.default_rng(0)
    axes = unit(rng.normal(size=(200, 3)))
    axes[:3] = np.eye(3)
    return axes * ANGLES[request.param]


@pytest.fixture
def some() -> np.ndarray:
    return unit(np.random.default_rng(1).normal(size=(200, 4)))


def test_rotations_stay_unit_and_inverses_undo_them(vectors: np.ndarray, some: np.ndarray) -> None:
    rotation = quaternion_from_vector(vectors)
    product = multiply(rotation, some)
    np.testing.assert_allclose(np.linalg.norm(product, axis=-1), 1, atol=1e-14)
    np.testing.assert_allclose(multiply(product, inverse(some)), rotation, atol=1e-14)


def test_multiplication_is_associative(vectors: np.ndarray, some: np.ndarray) -> None:
    a, b, c = quaternion_from_vector(vectors), some, some[::-1]
    np.testing.assert_allclose(multiply(multiply(a, b), c), multiply(a, multiply(b, c)), atol=1e-14)


def test_quaternions_and_matrices_rotate_alike(vectors: np.ndarray, some: np.ndarray) -> None:
    a, points = quaternion_from_vector(vectors), np.random.default_rng(2).normal(size=(200, 3))
    by_matrix = matrix_from_quaternion(a) @ matrix_from_quaternion(some) @ points[..., None]
    np.testing.assert_allclose(rotate(multiply(a, some), points), by_matrix[..., 0], atol=1e-14)


def test_vectors_quaternions_and_matrices_are_those_of_scipy(vectors: np.ndarray) -> None:
    reference, ours = Rotation.from_rotvec(vectors), quaternion_from_vector(vectors)
    np.testing.assert_allclose(ours, reference.as_quat(scalar_first=True), atol=1e-14)
    np.testing.assert_allclose(matrix_from_quaternion(ours), reference.as_matrix(), atol=1e-14)


def test_vectors_survive_a_round_trip(vectors: np.ndarray) -> None:
    rotation = quaternion_from_vector(vectors)
    there = quaternion_from_vector(vector_from_quaternion(rotation))
    np.testing.assert_allclose(
        matrix_from_quaternion(there), matrix_from_quaternion(rotation), atol=1e-14
    )
    assert np.linalg.norm(vector_from_quaternion(-rotation), axis=-1).max() <= np.pi + 1e-12


def test_tiny_angles_keep_their_digits() -> None:
    vector = np.array([[1e-12, -2e-12, 3e-12]])
    np.testing.assert_allclose(
        vector_from_quaternion(quaternion_from_vector(vector)), vector, rtol=1e-12
    )


def test_matrices_survive_a_round_trip(vectors: np.ndarray) -> None:
    matrices = Rotation.from_rotvec(vectors).as_matrix()
    rotation = quaternion_from_matrix(matrices)
    np.testing.assert_allclose(matrix_from_quaternion(rotation), matrices, atol=1e-14)
    assert (rotation[:, 0] >= 0).all()


def test_a_swing_meets_its_end_by_the_shortest_way(some: np.ndarray) -> None:
    start, end = unit(some[:, :3]), unit(some[::-1, 1:])
    turn = swing(start, end)
    np.testing.assert_allclose(rotate(turn, start), end, atol=1e-14)
    angle = np.linalg.norm(vector_from_quaternion(turn), axis=-1)
    np.testing.assert_allclose(np.cos(angle), (start * end).sum(-1), atol=1e-14)


@pytest.mark.parametrize("axis", [*np.eye(3), *-np.eye(3)])
def test_a_swing_to_the_opposite_is_half_a_turn(axis: np.ndarray) -> None:
    np.testing.assert_allclose(rotate(swing(axis, -axis), axis), -axis, atol=1e-14)


def test_the_zero_vector_has_no_direction_and_stays_finite() -> None:
    np.testing.assert_array_equal(unit(np.zeros((2, 3))), np.zeros((2, 3)))


def test_sign_flips_are_removed_and_rotations_kept(some: np.ndarray) -> None:
    steps = quaternion_from_vector(np.tile([0.1, 0.2, 0.0], (60, 1)))
    path = [some[0]]
    for step in steps:
        path.append(multiply(path[-1], step))
    smooth = np.stack(path)
    signs = np.where(np.random.default_rng(0).random((61, 1)) < 0.5, -1.0, 1.0)
    signs[0] = 1.0
    np.testing.assert_allclose(without_sign_flips(smooth * signs), smooth, atol=1e-14)


@pytest.mark.parametrize("order", ORDERS)
def test_euler_angles_mean_what_scipy_means(order: str) -> None:
    angles = np.random.default_rng(0).uniform(-4, 4, (100, 3))
    reference = Rotation.from_euler(order, angles).as_matrix()
    np.testing.assert_allclose(matrix_from_euler(angles, order=order), reference, atol=1e-14)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("off_lock_rad", [None, 0.0, 1e-9, 1e-7, 1e-5, 1e-3])
def test_euler_angles_survive_a_round_trip(order: str, off_lock_rad: float | None) -> None:
    rng = np.random.default_rng(0)
    angles = rng.uniform(-4, 4, (100, 3))
    if off_lock_rad is not None:
        angles[:, 1] = rng.choice([-1, 1], 100) * (np.pi / 2 + off_lock_rad)
    matrices = Rotation.from_euler(order, angles).as_matrix()
    back = matrix_from_euler(euler_from_matrix(matrices, order=order), order=order)
    np.testing.assert_allclose(back, matrices, atol=1e-6 if off_lock_rad is not None else 1e-12)


@pytest.mark.parametrize("order", ORDERS)
def test_euler_angles_run_on_through_full_turns_and_past_gimbal_lock(order: str) -> None:
    run = np.linspace(0, 7 * np.pi, 400)
    angles = np.stack([run, 0.3 * np.sin(run), -2 * run], axis=-1)
    matrices = matrix_from_euler(angles, order=order)
    np.testing.assert_allclose(euler_from_matrix(matrices, order=order), angles, atol=1e-9)
    over = np.stack([0 * run, run, 0 * run], axis=-1)
    matrices = matrix_from_euler(over, order=order)
    np.testing.assert_allclose(euler_from_matrix(matrices, order=order), over, atol=1e-9)


def test_in_gimbal_lock_the_first_angle_holds() -> None:
    angles = np.array([[0.4, 1.0, 0.2], [0.4, np.pi / 2, 0.2], [0.4, np.pi / 2, 0.5]])
    matrices = matrix_from_euler(angles, order="ZXY")
    np.testing.assert_allclose(euler_from_matrix(matrices, order="ZXY"), angles, atol=1e-7)


def test_each_joint_has_its_own_euler_angles(some: np.ndarray) -> None:
    matrices = matrix_from_quaternion(some.reshape(20, 10, 4))
    together = euler_from_matrix(matrices, order="ZXY")
    apart = [euler_from_matrix(matrices[:, joint], order="ZXY") for joint in range(10)]
    np.testing.assert_array_equal(together, np.stack(apart, axis=1))


@pytest.mark.parametrize("order", ["ZX", "XYX", "zxy"])
def test_an_order_without_three_axes_is_refused(order: str) -> None:
    with pytest.raises(ValueError, match=order):
        matrix_from_euler(np.zeros((1, 3)), order=order)


def test_resampling_at_the_same_times_changes_nothing(some: np.ndarray) -> None:
    times, path = np.arange(20.0), without_sign_flips(some[:20])
    np.testing.assert_allclose(resample_rotations(times, path, times_to_s=times), path, atol=1e-14)


def test_resampling_turns_at_a_steady_rate_and_holds_the_ends() -> None:
    vectors = np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    path = quaternion_from_vector(vectors)[:, None]
    times = np.array([-1.0, 0.0, 0.25, 0.5, 1.0, 2.0])
    there = vector_from_quaternion(resample_rotations(np.arange(2.0), path, times_to_s=times))
    np.testing.assert_allclose(there[:, 0, 2], [0, 0, 0.25, 0.5, 1, 1], atol=1e-14)


def test_a_single_frame_resamples_to_itself(some: np.ndarray) -> None:
    once = resample_rotations(np.zeros(1), some[:1], times_to_s=np.array([0.0, 1.0]))
    np.testing.assert_allclose(once, some[[0, 0]], atol=1e-14)
