"""Bones that keep their length: measure them over a clip, then fit every pose to them."""

from dataclasses import replace

import numpy as np
from jaxtyping import Float

from pose3d_cli.geometry.rotations import unit
from pose3d_cli.sequences import Pose3DSequence
from pose3d_cli.skeleton import H36M17

LEFT_HIP, RIGHT_HIP = H36M17.index("left_hip"), H36M17.index("right_hip")

TRUST_IN_DIRECTIONS_M = 0.05
"""How far a joint may be off before a bone turns by a radian on its account."""
ITERATIONS = 4
FRAMES_AT_ONCE = 1024
"""Bounds the memory of the fit (16 KiB a frame)."""


def bone_lengths_m(
    positions_m: Float[np.ndarray, "f 17 3"], *, weights: Float[np.ndarray, "f 17"] | None = None
) -> Float[np.ndarray, "17"]:
    """Return the length of the bone that ends at each joint: a median, the same left and right.

    Args:
        positions_m: Joints in the order of ``H36M17``; the pelvis has no bone, hence length 0.
        weights: How much each joint counts in each frame, for instance its confidence.
    """
    if weights is None:
        weights = np.ones(positions_m.shape[:2])
    lengths = np.zeros(len(H36M17))
    for parent, joint in H36M17.bones:
        measured = np.linalg.norm(positions_m[:, joint] - positions_m[:, parent], axis=-1)
        lengths[joint] = _median(measured, np.minimum(weights[:, joint], weights[:, parent]))
    return np.asarray((lengths + lengths[list(H36M17.mirror)]) / 2)


def with_bone_lengths(poses: Pose3DSequence, lengths_m: Float[np.ndarray, "17"]) -> Pose3DSequence:
    """Return the poses with bones of exactly these lengths, about their own root again."""
    fitted = fit_bones(poses.positions_m, lengths_m)
    return replace(poses, positions_m=fitted - fitted[:, :1])


def fit_bones(
    positions_m: Float[np.ndarray, "f 17 3"], lengths_m: Float[np.ndarray, "17"]
) -> Float[np.ndarray, "f 17 3"]:
    """Return the nearest poses with bones of these lengths and the pelvis between the hips.

    To keep the bones' directions and change their lengths would carry every error on to the hands
    and feet; here all joints, and weakly the directions, are met in the sense of least squares.
    """
    parts = [
        _fit(positions_m[start : start + FRAMES_AT_ONCE], lengths_m)
        for start in range(0, len(positions_m), FRAMES_AT_ONCE)
    ]
    return np.concatenate(parts)


def _fit(
    measured_m: Float[np.ndarray, "f 17 3"], lengths_m: Float[np.ndarray, "17"]
) -> Float[np.ndarray, "f 17 3"]:
    """Gauss–Newton over bone directions; the root, being linear, is the mean residual.

    A step moves each direction within its tangent plane, P = I − ddᵀ. The prior on directions also
    makes the normal equations regular along d, where the residual has no say.
    """
    reach = _reach(lengths_m)
    spread = reach - reach.mean(0)
    weights, prior = np.kron(spread.T @ spread, np.ones((3, 3))), TRUST_IN_DIRECTIONS_M**2
    centre = measured_m.mean(1, keepdims=True)
    wanted = _directions(measured_m)
    directions = wanted
    frames, bones = directions.shape[:2]
    for _ in range(ITERATIONS):
        pull = spread.T @ (measured_m - centre - spread @ directions)
        plane = np.eye(3) - directions[..., :, None] * directions[..., None, :]
        # Block (b, c) is gram[b, c] P_b P_c: one product of all planes, since each is symmetric.
        rows = plane.reshape(frames, 3 * bones, 3)
        normal = weights * (rows @ rows.transpose(0, 2, 1)) + prior * np.eye(3 * bones)
        downhill = plane @ (pull + prior * (wanted - directions))[..., None]
        step = np.linalg.solve(normal, downhill.reshape(frames, -1, 1))
        directions = unit(directions + step.reshape(frames, bones, 3))
    return np.asarray(centre + spread @ directions)


def _reach(lengths_m: Float[np.ndarray, "17"]) -> Float[np.ndarray, "17 15"]:
    """Return how far each bone carries each joint: positions are reach @ directions, plus a root.

    The two hips are one bone: a rigid pelvis, along the direction of its left half.
    """
    reach = np.zeros((len(H36M17), len(H36M17)))
    for parent, joint in H36M17.bones:
        reach[joint] = reach[parent]
        if joint == RIGHT_HIP:
            reach[joint, LEFT_HIP] = -lengths_m[joint]
        else:
            reach[joint, joint] = lengths_m[joint]
    return np.delete(reach, [0, RIGHT_HIP], axis=1)


def _directions(positions_m: Float[np.ndarray, "f 17 3"]) -> Float[np.ndarray, "f 15 3"]:
    bones = positions_m - positions_m[:, list(np.maximum(H36M17.parents, 0))]
    bones[:, LEFT_HIP] = positions_m[:, LEFT_HIP] - positions_m[:, RIGHT_HIP]
    return np.delete(unit(bones), [0, RIGHT_HIP], axis=1)


def _median(values: Float[np.ndarray, " f"], weights: Float[np.ndarray, " f"]) -> float:
    """Return the middle of the weight; of all values alike if none has any."""
    if not weights.any():
        weights = np.ones_like(weights)
    order = np.argsort(values)
    share = (np.cumsum(weights[order]) - weights[order] / 2) / weights.sum()
    return float(np.interp(0.5, share, values[order]))
