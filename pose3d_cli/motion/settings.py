"""What a user can choose about how motion is solved."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Root(StrEnum):
    """What the root moves in."""

    WORLD = "world"
    """Upright, on the floor."""
    CAMERA = "camera"
    """The camera is the origin and level, whatever it was."""
    INPLACE = "inplace"
    """As in the world, but the rig stays over one spot: joints that are drawn still travel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MotionSettings:
    """Nothing chosen: everything is estimated from the clip."""

    cutoff_hz: float | None = None
    """Movements above this rate are noise to be smoothed away; 0 keeps everything; None smooths each
    joint by its own noise."""
    camera_pitch_rad: float | None = None
    """How far the camera looks down; None estimates it where the clip allows."""
    camera_roll_rad: float | None = None
    height_m: float | None = None
    """Standing height of everybody who is lifted; None takes people to be of average size."""
    heights_m: Mapping[int, float] = field(default_factory=dict)
    """That of single people, by their numbers."""
    root: Root = Root.WORLD
    pin_feet: bool = True
    """Feet do not slide where they stand; off for skates, skis and moving floors."""

    def height_of(self, number: int) -> float | None:
        """Return how tall a person is said to be, None if nobody said it."""
        return self.heights_m.get(number, self.height_m)
