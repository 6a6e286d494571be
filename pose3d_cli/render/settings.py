"""What a user can choose about the picture."""

from dataclasses import dataclass
from typing import Literal

from pose3d_cli.render.theme import ThemeName

LayoutName = Literal["side", "overlay", "pip", "3d-only"]
"""The clip beside the 3D view, the clip alone, the 3D view in a corner of it, the 3D view alone."""
OverlayKind = Literal["seen", "fitted"]
"""Draw the joints as they were seen, or the fitted 3D joints projected into the picture."""
Encoding = Literal["small", "quick"]
"""Videos that take a little more work, or that are half as large again and a little blocky in the dark."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderSettings:
    """How a result is drawn."""

    layout: LayoutName = "side"
    overlay: OverlayKind = "seen"
    theme: ThemeName = "dark"
    orbit_rad_s: float = 0.0
    """How fast the 3D view's camera goes round people, counter-clockwise as seen from above."""
    trail_s: float = 0.0
    """How long the 3D view shows where hands and feet have been; 0 shows no trails."""
    height_px: int | None = None
    """Height of the output; None takes the clip's, between 480 and 1080 pixels, and less where the clip
    and the view side by side would be wider than 1920 pixels."""
    encoding: Encoding = "small"
