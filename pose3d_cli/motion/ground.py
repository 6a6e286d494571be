"""From the camera's frame to the world's: upright, on one floor for the whole clip.

There is one floor, so that jumps leave it.
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float

from pose3d_cli.motion.bones import bone_lengths_m
from pose3d_cli.motion.contacts import ANKLES
from pose3d_cli.motion.gravity import world_axes
from pose3d_cli.motion.placed import Placed
from pose3d_cli.motion.rig import ankle_height_m
from pose3d_cli.sequences import Gravity

FLOOR_PERCENTILE = 5
"""Of the lower ankle's height: below it is noise, above it are jumps."""
HIGHER_M = 0.3
"""Feet that stand this much above the lowest that ankles get stand on something else."""
LEAST_STANDING_S = 0.5
"""Feet that stand, or are seen, for less say nothing about the floor."""


def world_from_camera(
    people: Sequence[Placed], stands: Sequence[Bool[np.ndarray, "f 2"]], *, gravity: Gravity
) -> Float[np.ndarray, "4 4"]:
    """Return the rigid transform that puts the first person onto the floor, at x = z = 0."""
    axes = world_axes(gravity)
    first = axes @ people[0].positions_m[0, 0]
    transform = np.eye(4)
    transform[:3, :3] = axes
    transform[:3, 3] = -first[0], -_floor_m(people, stands, axes[1]), -first[2]
    return transform


def _floor_m(
    people: Sequence[Placed],
    stands: Sequence[Bool[np.ndarray, "f 2"]],
    up: Float[np.ndarray, "3"],
) -> float:
    """Return how high the floor is above the camera: where feet stand, else where they are lowest.

    Ankles that nobody sees are guesses, which may sink; they count only if others are hardly ever seen.
    """
    standing, lowest, seen = [], [], []
    for person, feet in zip(people, stands, strict=True):
        height = person.positions_m[:, ANKLES] @ up - ankle_height_m(
            bone_lengths_m(person.positions_m)
        )
        observed = person.seen.observed[:, ANKLES]
        standing.append(height[feet])
        lowest.append(height.min(1))
        seen.append(np.where(observed, height, np.inf).min(1)[observed.any(1)])
    enough = LEAST_STANDING_S * people[0].seen.fps
    seen_m, feet_m = np.concatenate(seen), np.concatenate(standing)
    lowest_m = seen_m if len(seen_m) >= enough else np.concatenate(lowest)
    low = float(np.percentile(lowest_m, FLOOR_PERCENTILE))
    near = feet_m[np.abs(feet_m - low) < HIGHER_M]
    return float(np.median(near)) if len(near) >= enough else low
