"""Options of what a video or a still looks like."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from pose3d_cli.cli.option_groups import OptionGroup
from pose3d_cli.cli.options import finite

if TYPE_CHECKING:
    from pose3d_cli.render import RenderSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class LookOptions(OptionGroup):
    """As users say it: degrees a second, seconds, pixels."""

    layout: Annotated[
        Literal["side", "overlay", "pip", "3d-only"],
        typer.Option(
            help="side: the clip beside the 3D view; overlay: the clip alone; pip: the 3D view in a "
            "corner of it; 3d-only: the 3D view alone.",
            rich_help_panel="Picture",
        ),
    ] = "side"
    theme: Annotated[
        Literal["dark", "light"],
        typer.Option(help="Colours of the 3D view.", rich_help_panel="Picture"),
    ] = "dark"
    orbit: Annotated[
        float,
        typer.Option(
            metavar="DEG/S",
            min=-360,
            max=360,
            callback=finite,
            help="How fast the 3D view's camera goes round people; 0 stands still.",
            rich_help_panel="Picture",
        ),
    ] = 0.0
    trail: Annotated[
        float,
        typer.Option(
            metavar="S",
            min=0,
            max=60,
            callback=finite,
            help="Draw trails of hands and feet in the 3D view, so many seconds long.",
            rich_help_panel="Picture",
        ),
    ] = 0.0
    video_height: Annotated[
        int | None,
        typer.Option(
            metavar="PX",
            min=120,
            max=2160,
            help="Height of the video. Default: the clip's, from 480 to 1080, at most 1920 wide with --layout side.",
            rich_help_panel="Picture",
        ),
    ] = None

    def settings(self) -> "RenderSettings":
        """Return how results are drawn."""
        from pose3d_cli.render import RenderSettings

        return RenderSettings(
            layout=self.layout,
            theme=self.theme,
            orbit_rad_s=math.radians(self.orbit),
            trail_s=self.trail,
            height_px=self.video_height,
        )
