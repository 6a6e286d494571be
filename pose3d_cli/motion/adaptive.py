"""Take out as much jitter as there is, and keep kicks and spins.

A fixed cutoff must choose: low, and fast movements go; high, and jitter stays. Here every joint's noise
is measured (third differences, which movements hardly have), and its path is the one that is most
likely for a body whose joints accelerate by a few m/s² as a rule and by far more now and then
(Cauchy): where something accelerates, accelerating costs less.
"""

from dataclasses import replace

import numpy as np
from jaxtyping import Float

from pose3d_cli.motion.smoothing import curvature_bands, strength_of
from pose3d_cli.sequences import Pose3DSequence

USUAL_M_S2 = 3.0
"""Acceleration of a joint about the root, most of the time."""
SUDDEN_M_S2 = 10.0
"""An acceleration at which accelerating costs half."""
FASTEST_HZ = 9.0
"""However sudden a movement is, what is faster than this is noise."""
LEAST_NOISE_M = 2e-3
"""Lifters err smoothly too, which third differences do not see."""
STIFFEST = 1e6
"""Strength of smoothing beyond which the equations lose their digits."""
ROUNDS = 5
MEDIAN_OF_NORM = 1.538
"""Median length of a vector of three standard normal numbers."""


def calmed(poses: Pose3DSequence) -> Pose3DSequence:
    """Return the poses with each joint's path smoothed by its own noise."""
    frames, fps = len(poses.positions_m), float(poses.fps)
    if frames < 4:
        return poses
    least = strength_of(FASTEST_HZ, poses.fps)
    paths = [
        _calm(poses.positions_m[:, joint], fps=fps, least=least)
        for joint in range(len(poses.skeleton))
    ]
    return replace(poses, positions_m=np.stack(paths, axis=1))


def noise_m(path_m: Float[np.ndarray, "f 3"]) -> float:
    """Return the standard deviation of the noise along each axis, by the path's third differences."""
    third = np.linalg.norm(np.diff(path_m, 3, axis=0), axis=-1)
    # White noise of variance 1 has third differences of variance 1 + 9 + 9 + 1.
    return float(np.median(third) / np.sqrt(20) / MEDIAN_OF_NORM)


def _calm(
    path_m: Float[np.ndarray, "f 3"], *, fps: float, least: float
) -> Float[np.ndarray, "f 3"]:
    from scipy.linalg import solveh_banded

    noise = max(noise_m(path_m), LEAST_NOISE_M)
    strength = min((noise * fps**2 / USUAL_M_S2) ** 2, STIFFEST)
    price = np.ones(len(path_m) - 2)
    calm = path_m
    for _ in range(ROUNDS):
        bands = strength * curvature_bands(len(path_m), price)
        bands[2] += 1.0
        calm = solveh_banded(bands, path_m)
        sudden = np.linalg.norm(np.diff(calm, 2, axis=0), axis=-1) * fps**2 / SUDDEN_M_S2
        price = np.maximum(1 / (1 + np.square(sudden)), min(1.0, least / strength))
    return np.asarray(calm)
