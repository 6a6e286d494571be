"""The room that people are shown in: dark, or light for paper and slides."""

from dataclasses import dataclass
from typing import Literal

from pose3d_cli.render.palette import ON_DARK, ON_LIGHT, Palette, Rgb

ThemeName = Literal["light", "dark"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """Colours and light."""

    top: Rgb
    """The room above people; towards the floor it turns into ``horizon``."""
    horizon: Rgb
    floor: Rgb
    """The floor where people are; it fades into the colour of the horizon."""
    line: Rgb
    line_strength: float
    vignette: float
    """How much darker the corners are than the middle."""
    shadow: float
    """Darkness of shadows over that of a black one."""
    sky: float
    """How much light comes from everywhere."""
    rim: float
    """Light from behind, which lifts outlines off the background."""
    palette: Palette


THEMES: dict[ThemeName, Theme] = {
    "dark": Theme(
        top=(15, 18, 24),
        horizon=(29, 34, 45),
        floor=(62, 70, 85),
        line=(176, 196, 228),
        line_strength=1.0,
        vignette=0.16,
        shadow=1.0,
        sky=0.16,
        rim=0.42,
        palette=ON_DARK,
    ),
    "light": Theme(
        top=(222, 228, 237),
        horizon=(233, 237, 243),
        floor=(252, 252, 253),
        line=(104, 124, 156),
        line_strength=0.9,
        vignette=0.05,
        shadow=0.62,
        sky=0.26,
        rim=0.16,
        palette=ON_LIGHT,
    ),
}
