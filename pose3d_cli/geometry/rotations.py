"""Rotations as unit quaternions (w, x, y, z), matrices and Euler angles; batched, without state.

A quaternion ``a_from_b`` turns components in frame b into components in frame a, so that
``multiply(a_from_b, b_from_c)`` is ``a_from_c``. Time, where it matters, is the first axis.
"""

import numpy as np
from jaxtyping import Bool, Float

GIMBAL_LOCK = 1e-6
"""Below this cosine of the middle Euler angle, the outer two turn about the same axis."""


def multiply(
    a: Float[np.ndarray, "*#n 4"], b: Float[np.ndarray, "*#n 4"]
) -> Float[np.ndarray, "... 4"]:
    """Return the rotation that does ``b`` first, then ``a``."""
    aw, av, bw, bv = a[..., :1], a[..., 1:], b[..., :1], b[..., 1:]
    w = aw * bw - (av * bv).sum(-1, keepdims=True)
    return np.concatenate([w, aw * bv + bw * av + np.cross(av, bv)], axis=-1)


def inverse(rotation: Float[np.ndarray, "*n 4"]) -> Float[np.ndarray, "*n 4"]:
    """Return the rotation back."""
    return np.concatenate([rotation[..., :1], -rotation[..., 1:]], axis=-1)


def rotate(
    rotation: Float[np.ndarray, "*#n 4"], vectors: Float[np.ndarray, "*#n 3"]
) -> Float[np.ndarray, "... 3"]:
    """Return the vectors, rotated."""
    w, v = rotation[..., :1], rotation[..., 1:]
    twice = 2 * np.cross(v, vectors)
    return np.asarray(vectors + w * twice + np.cross(v, twice))


def swing(
    start: Float[np.ndarray, "*#n 3"], end: Float[np.ndarray, "*#n 3"]
) -> Float[np.ndarray, "... 4"]:
    """Return the smallest rotation that takes one unit vector to another.

    Of the many that take a vector to its opposite, any one.
    """
    start, end = np.broadcast_arrays(start, end)
    cosine = (start * end).sum(-1, keepdims=True)
    half_way = np.concatenate([1 + cosine, np.cross(start, end)], axis=-1)
    least = np.eye(3)[np.abs(start).argmin(-1)]
    half_turn = np.concatenate([np.zeros_like(cosine), np.cross(start, least)], axis=-1)
    return unit(np.where(cosine > -1 + 1e-12, half_way, half_turn))


def unit(vectors: Float[np.ndarray, "*n d"]) -> Float[np.ndarray, "*n d"]:
    """Return the vectors at length 1; zero stays zero."""
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.where(length > 0, length, 1.0))


def quaternion_from_vector(vectors_rad: Float[np.ndarray, "*n 3"]) -> Float[np.ndarray, "*n 4"]:
    """Return the rotation about each vector by its length."""
    half = np.linalg.norm(vectors_rad, axis=-1, keepdims=True) / 2
    return np.concatenate([np.cos(half), np.sinc(half / np.pi) / 2 * vectors_rad], axis=-1)


def vector_from_quaternion(rotation: Float[np.ndarray, "*n 4"]) -> Float[np.ndarray, "*n 3"]:
    """Return axis times angle, the angle between 0 and π."""
    short = np.where(rotation[..., :1] < 0, -rotation, rotation)
    sine = np.linalg.norm(short[..., 1:], axis=-1, keepdims=True)
    angle = 2 * np.arctan2(sine, short[..., :1])
    return np.asarray(short[..., 1:] * np.where(sine > 0, angle / np.where(sine > 0, sine, 1), 2))


def matrix_from_quaternion(rotation: Float[np.ndarray, "*n 4"]) -> Float[np.ndarray, "*n 3 3"]:
    """Return the same rotations as matrices."""
    columns = [rotate(rotation, axis) for axis in np.eye(3)]
    return np.stack(columns, axis=-1)


def quaternion_from_matrix(matrices: Float[np.ndarray, "*n 3 3"]) -> Float[np.ndarray, "*n 4"]:
    """Return the same rotations as quaternions, w ≥ 0.

    All ten products of a quaternion's components are sums of the matrix's entries; dividing by the
    largest component keeps every angle accurate, π included.
    """
    m = matrices
    xx, yy, zz = m[..., 0, 0], m[..., 1, 1], m[..., 2, 2]
    wx, wy, wz = (
        m[..., 2, 1] - m[..., 1, 2],
        m[..., 0, 2] - m[..., 2, 0],
        m[..., 1, 0] - m[..., 0, 1],
    )
    xy, yz, zx = (
        m[..., 0, 1] + m[..., 1, 0],
        m[..., 1, 2] + m[..., 2, 1],
        m[..., 2, 0] + m[..., 0, 2],
    )
    rows = [
        [1 + xx + yy + zz, wx, wy, wz],
        [wx, 1 + xx - yy - zz, xy, zx],
        [wy, xy, 1 - xx + yy - zz, yz],
        [wz, zx, yz, 1 - xx - yy + zz],
    ]
    products = np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)
    largest = np.diagonal(products, axis1=-2, axis2=-1).argmax(-1)
    row = np.take_along_axis(products, largest[..., None, None], axis=-2)[..., 0, :]
    return unit(np.where(row[..., :1] < 0, -row, row))


def without_sign_flips(rotations: Float[np.ndarray, "f *j 4"]) -> Float[np.ndarray, "f *j 4"]:
    """Return the same rotations with each quaternion in the half-space of the one before it.

    A quaternion and its negative are the same rotation, but curves must not jump between them.
    """
    against = (rotations[1:] * rotations[:-1]).sum(-1, keepdims=True) < 0
    flips = np.where(np.cumsum(against, axis=0) % 2, -1.0, 1.0)
    return np.concatenate([rotations[:1], rotations[1:] * flips])


def matrix_from_euler(
    angles_rad: Float[np.ndarray, "*n 3"], *, order: str
) -> Float[np.ndarray, "*n 3 3"]:
    """Return the product of three rotations about axes; ``"ZXY"`` is Rz @ Rx @ Ry."""
    axes = np.eye(3)[_axes(order)]
    first, second, third = (
        matrix_from_quaternion(quaternion_from_vector(angles_rad[..., [i]] * axes[i]))
        for i in range(3)
    )
    return np.asarray(first @ second @ third)


def euler_from_matrix(
    matrices: Float[np.ndarray, "f *j 3 3"], *, order: str
) -> Float[np.ndarray, "f *j 3"]:
    """Return angles in radians, continuous over frames, with ``matrix_from_euler`` giving back.

    Two triples describe every rotation; from the second frame on, it is the one nearer to the
    frame before, and no angle jumps by a full turn. In gimbal lock the first angle holds.
    """
    axes = _axes(order)
    m = matrices[..., axes, :][..., axes]
    sign = 1.0 if (axes[1] - axes[0]) % 3 == 1 else -1.0
    cosine = np.hypot(m[..., 0, 0], m[..., 0, 1])
    first = _held(np.arctan2(-sign * m[..., 1, 2], m[..., 2, 2]), known=cosine >= GIMBAL_LOCK)
    second = np.arctan2(sign * m[..., 0, 2], cosine)
    rest = np.cos(first)[..., None] * m[..., 1, :] + sign * np.sin(first)[..., None] * m[..., 2, :]
    third = np.arctan2(sign * rest[..., 0], rest[..., 1])
    return _continuous(np.stack([first, second, third], axis=-1))


def resample_rotations(
    times_from_s: Float[np.ndarray, " f"],
    rotations: Float[np.ndarray, "f *j 4"],
    *,
    times_to_s: Float[np.ndarray, " g"],
) -> Float[np.ndarray, "g *j 4"]:
    """Return the rotations at other times, by the shortest arc; the ends hold."""
    position = np.interp(times_to_s, times_from_s, np.arange(len(times_from_s)))
    before = np.floor(position).astype(int)
    after = np.minimum(before + 1, len(times_from_s) - 1)
    fraction = (position - before).reshape(-1, *[1] * (rotations.ndim - 1))
    step = vector_from_quaternion(multiply(inverse(rotations[before]), rotations[after]))
    return without_sign_flips(multiply(rotations[before], quaternion_from_vector(fraction * step)))


def _axes(order: str) -> list[int]:
    if sorted(order) != ["X", "Y", "Z"]:
        raise ValueError(f"Euler order {order!r}: expected each of X, Y and Z once")
    return ["XYZ".index(axis) for axis in order]


def _held(
    angle: Float[np.ndarray, "*fj"], *, known: Bool[np.ndarray, "*fj"]
) -> Float[np.ndarray, "*fj"]:
    """Carry the last known angle over the frames in which it is not; 0 before the first."""
    frame = np.arange(len(angle)).reshape(-1, *[1] * (angle.ndim - 1))
    last = np.maximum.accumulate(np.where(known, frame, -1), axis=0)
    held = np.take_along_axis(angle, np.maximum(last, 0), axis=0)
    return np.where(last >= 0, held, 0.0)


def _continuous(triples: Float[np.ndarray, "f *j 3"]) -> Float[np.ndarray, "f *j 3"]:
    """Choose between each triple (a, b, c) and its twin (a+π, π−b, c+π), then unwrap.

    Two twins are as far apart as their originals, so whether to change sides between two frames
    does not depend on the side: the choices are a running parity.
    """
    twins = triples * [1, -1, 1] + np.pi
    step_same = _turn(triples[1:] - triples[:-1])
    step_other = _turn(twins[1:] - triples[:-1])
    crossed = np.cumsum(step_other < step_same, axis=0) % 2 == 1
    chosen = np.concatenate([triples[:1], np.where(crossed[..., None], twins[1:], triples[1:])])
    return np.unwrap(chosen, axis=0)


def _turn(differences_rad: Float[np.ndarray, "*fj 3"]) -> Float[np.ndarray, "*fj"]:
    """Return how far three angles turn, full turns not counted."""
    return np.asarray(np.abs((differences_rad + np.pi) % (2 * np.pi) - np.pi).sum(-1))
