"""How feet meet the floor, although of the feet no more than the ankles was seen."""

import numpy as np
from jaxtyping import Float

from pose3d_cli.geometry.rotations import multiply, rotate, swing, unit

UPRIGHT_DEG, FALLEN_DEG = 35.0, 60.0
"""Lean of the shin up to which a low foot stands, and from which it lies."""


def foot_on_floor(
    shin: Float[np.ndarray, "f 4"],
    ankle_m: Float[np.ndarray, "f 3"],
    toes_m: Float[np.ndarray, "3"],
) -> Float[np.ndarray, "f 4"]:
    """Return world_from_foot: as the shin has it, but toes never below the floor at y = 0.

    A foot that is as low as at rest under an upright shin stands flat; twice as high it is free.
    So soles lie still, and toes push off.

    Args:
        shin: World_from_shin.
        ankle_m: World position of the ankle.
        toes_m: The rig's offset from ankle to toes, downwards and forwards.
    """
    length, height = np.maximum([np.linalg.norm(toes_m), -toes_m[1]], 1e-9)
    up = np.array([0.0, 1.0, 0.0])
    along = rotate(shin, toes_m / length)
    floor = -ankle_m[:, 1] / length
    low = np.clip(2 - ankle_m[:, 1] / height, 0, 1)
    lean = np.degrees(np.arccos(np.clip(rotate(shin, up)[:, 1], -1, 1)))
    stands = low * np.clip((FALLEN_DEG - lean) / (FALLEN_DEG - UPRIGHT_DEG), 0, 1)
    sine = np.clip(floor + (1 - stands) * np.maximum(along[:, 1] - floor, 0), -1, 1)[:, None]
    level = unit(along * [1.0, 0.0, 1.0])
    return multiply(swing(along, np.sqrt(1 - sine**2) * level + sine * up), shin)
