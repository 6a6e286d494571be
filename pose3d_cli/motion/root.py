"""Find where a person is from where they are seen: the reprojection fixes the root.

With bones of known length, a person's size in the picture tells their depth. One frame tells it
poorly (a pixel is centimetres of depth), so the path is solved for as a whole: joints near their
pixels, accelerations near what bodies do, and feet that stand where they stood before. How near is not a setting: the residual itself says how
good keypoints and poses are, so that perfect ones are met exactly and noisy ones averaged.
"""

import numpy as np
from jaxtyping import Float

from pose3d_cli.geometry.camera import Camera
from pose3d_cli.motion.footing import Footing
from pose3d_cli.motion.smoothing import curvature_bands
from pose3d_cli.sequences import Pose2DSequence, Pose3DSequence

ACCELERATION_M_S2 = 2.0
"""Typical acceleration of the root, gait included."""
OUTLIER_M = 0.15
"""A joint that is seen this far from where the pose has it counts half."""
NEAREST_M = 0.3
"""No joint is nearer to the camera."""
UNSEEN_WEIGHT = 1e-6
"""Of a keypoint that was filled in: it decides only where nothing else does."""
DAMPING = 1e-9
"""Hold on to the last path by this share of its stiffness, to be solvable whatever was seen."""
ITERATIONS = 8


def place_root(
    poses: Pose3DSequence,
    *,
    seen_as: Pose2DSequence,
    camera: Camera,
    start_m: Float[np.ndarray, "f 3"] | None = None,
    footing: Footing | None = None,
) -> Float[np.ndarray, "f 3"]:
    """Return the root's position in the camera frame, in metres, for every frame.

    Where nothing was observed, it passes smoothly from the frames before to the frames after. With
    a footing, feet that stand hold it; start then from the path that was found without, which is
    near enough to tell noise, that feet may correct, from exact keypoints, that they may not.
    """
    relative = poses.positions_m
    seen = camera.rays(seen_as.keypoints_px)[..., :2]
    confidence = np.maximum(seen_as.confidence * seen_as.observed, UNSEEN_WEIGHT)
    nearest = NEAREST_M - relative[..., 2].min(1)
    stiffness = (float(poses.fps) ** 2 / ACCELERATION_M_S2) ** 2
    root = _by_size(relative, seen, confidence) if start_m is None else start_m.copy()
    most = OUTLIER_M**2
    for _ in range(ITERATIONS):
        root[:, 2] = np.maximum(root[:, 2], nearest)
        weight, off = _seen_off(root, relative, seen, confidence)
        variance = min((weight[..., None] * np.square(off)).sum() / weight.sum() / 2, most)
        # Feet pull joints off their pixels, which must not pass for noise and make feet count more.
        most = most if footing is None else variance
        root = _improved(
            root, relative, (weight, off), variance=variance, stiffness=stiffness, footing=footing
        )
    root[:, 2] = np.maximum(root[:, 2], nearest)
    return root


def _by_size(
    relative_m: Float[np.ndarray, "f j 3"],
    seen: Float[np.ndarray, "f j 2"],
    confidence: Float[np.ndarray, "f j"],
) -> Float[np.ndarray, "f 3"]:
    """Return a first guess: each pose as flat as its picture, and as far away as that is small."""
    share = (confidence / confidence.sum(1, keepdims=True))[..., None]
    centre, seen_centre = (share * relative_m).sum(1), (share * seen).sum(1)
    size = (share * np.square(relative_m - centre[:, None]))[..., :2].sum((1, 2))
    seen_size = (share * np.square(seen - seen_centre[:, None])).sum((1, 2))
    depth = np.sqrt(size / np.maximum(seen_size, 1e-6))[:, None]
    return np.asarray(np.concatenate([depth * seen_centre, depth], axis=1) - centre)


def _seen_off(
    root_m: Float[np.ndarray, "f 3"],
    relative_m: Float[np.ndarray, "f j 3"],
    seen: Float[np.ndarray, "f j 2"],
    confidence: Float[np.ndarray, "f j"],
) -> tuple[Float[np.ndarray, "f j"], Float[np.ndarray, "f j 2"]]:
    """Return how much joints count, and how far they are seen from where the pose has them.

    In metres at the root's depth. Outliers lose weight by that (Cauchy).
    """
    joints = root_m[:, None] + relative_m
    off = (seen - joints[..., :2] / joints[..., 2:]) * root_m[:, None, 2:]
    return confidence / (1 + np.square(off).sum(-1) / OUTLIER_M**2), off


def _improved(
    root_m: Float[np.ndarray, "f 3"],
    relative_m: Float[np.ndarray, "f j 3"],
    measured: tuple[Float[np.ndarray, "f j"], Float[np.ndarray, "f j 2"]],
    *,
    variance: float,
    stiffness: float,
    footing: Footing | None,
) -> Float[np.ndarray, "f 3"]:
    """Return the path after one step of Gauss–Newton; the variance is the price of an acceleration."""
    from scipy.linalg import solveh_banded

    weight, off = measured
    joints = root_m[:, None] + relative_m
    nearness = (root_m[:, None, 2] / joints[..., 2])[..., None]
    jacobian = np.zeros((*joints.shape[:2], 2, 3))
    jacobian[..., :2] = nearness[..., None] * np.eye(2)
    jacobian[..., 2] = -nearness * joints[..., :2] / joints[..., 2:]
    frames = len(root_m)
    rows, residual = jacobian.reshape(frames, -1, 3), off.reshape(frames, -1, 1)
    weighted = rows.transpose(0, 2, 1) * np.repeat(weight, 2, axis=1)[:, None]
    normal = weighted @ rows
    right = (weighted @ residual + normal @ root_m[..., None])[..., 0]
    held = DAMPING * variance * stiffness
    bands = _bands(normal + held * np.eye(3), strength=variance * stiffness)
    right = right + held * root_m
    if footing is not None:
        feet, push = footing.equations(root_m, relative_m)
        bands, right = bands + variance * feet, right + variance * push
    path = solveh_banded(bands.reshape(7, -1), right.ravel())
    return np.asarray(path.reshape(-1, 3))


def _bands(normal: Float[np.ndarray, "f 3 3"], *, strength: float) -> Float[np.ndarray, "7 f 3"]:
    """Return the frames' own equations and the path's curvature, as ``solveh_banded`` wants them."""
    frames = len(normal)
    bands = np.zeros((7, frames, 3))
    for above in range(3):
        for column in range(above, 3):
            bands[6 - above, :, column] = normal[:, column - above, column]
    for row, curvature in enumerate(curvature_bands(frames)):
        bands[3 * row] += strength * curvature[:, None]
    return bands
