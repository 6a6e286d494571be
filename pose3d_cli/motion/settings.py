"""What a user can choose about how motion is solved."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class MotionSettings:
    """Nothing chosen: everything is estimated from the clip."""

    cutoff_hz: float = 6.0
    """Joints' movements above this rate are noise to be smoothed away; 0 keeps everything."""
    camera_pitch_rad: float | None = None
    """How far the camera looks down; None estimates it where the clip allows."""
    camera_roll_rad: float | None = None
