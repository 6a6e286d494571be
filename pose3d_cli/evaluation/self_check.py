"""What a result says about itself where nobody knows the truth.

A lifter that is right gives bones that keep their lengths and are alike on both sides, joints that
do not tremble, and poses that are seen where the detector found them. None of it proves that a pose
is right: a flat one has steady bones.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from pose3d_cli.geometry.camera import Camera
from pose3d_cli.sequences import Person
from pose3d_cli.skeleton import H36M17

_LIMBS = tuple((p, j) for p, j in H36M17.bones if H36M17.mirror[j] != j and p not in {0, 8})
"""Thighs, shanks, upper arms and forearms: bones, where those of the trunk bend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfCheck:
    """Of one person; smaller is better."""

    reprojection_percent: float
    """Median distance between fitted and detected joints, of the person's size in the picture."""
    bones_percent: float
    """How much lengths of limbs vary over time, as the lifter gave them (standard deviation)."""
    sides_percent: float
    """How much left and right limbs differ on average, as the lifter gave them."""
    jitter_mm: float
    """Typical tremble of a joint from frame to frame, as the lifter gave it."""


def self_check(person: Person, camera: Camera) -> SelfCheck:
    """Return how consistent a person's motion is with itself and with the picture."""
    lifted_m = person.poses_3d.positions_m
    lengths_m = np.stack(
        [np.linalg.norm(lifted_m[:, j] - lifted_m[:, p], axis=-1) for p, j in _LIMBS], axis=1
    )
    typical_m = np.median(lengths_m, axis=0)
    twin = [_LIMBS.index((H36M17.mirror[p], H36M17.mirror[j])) for p, j in _LIMBS]
    differ = np.abs(typical_m - typical_m[twin]) / (typical_m + typical_m[twin]) * 2
    return SelfCheck(
        reprojection_percent=_reprojection_percent(person, camera),
        bones_percent=float(100 * (lengths_m.std(axis=0) / typical_m).mean()),
        sides_percent=float(100 * differ.mean()),
        jitter_mm=_jitter_mm(lifted_m),
    )


def _reprojection_percent(person: Person, camera: Camera) -> float:
    world = person.world
    turn, shift = world.camera_from_world[:3, :3], world.camera_from_world[:3, 3]
    fitted_px = camera.project(world.positions_m @ turn.T + shift)
    seen = person.poses_2d
    extent_px = np.ptp(seen.keypoints_px, axis=1).max(axis=-1)
    off = np.linalg.norm(fitted_px - seen.keypoints_px, axis=-1) / extent_px[:, None]
    return float(100 * np.median(off[seen.observed])) if seen.observed.any() else float("nan")


def _jitter_mm(positions_m: Float[np.ndarray, "f j 3"]) -> float:
    """Return the median size of second differences, as that of noise without any motion.

    White noise of standard deviation σ has second differences of σ√6 along each axis.
    """
    if len(positions_m) < 3:
        return 0.0
    bend_m = np.linalg.norm(np.diff(positions_m, n=2, axis=0), axis=-1)
    return float(1e3 * np.median(bend_m) / np.sqrt(6 * 3))
