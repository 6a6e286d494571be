"""Options of how motion is solved, and of what is known about the camera."""

import math
from dataclasses import dataclass
from typing import Annotated

import typer

from pose3d_cli.cli.option_groups import OptionGroup
from pose3d_cli.cli.options import finite
from pose3d_cli.errors import UsageError
from pose3d_cli.motion.settings import MotionSettings, Root

SHORTEST_M, TALLEST_M = 0.4, 2.6


@dataclass(frozen=True, slots=True, kw_only=True)
class MotionOptions(OptionGroup):
    """As users say it: degrees, metres, Hertz."""

    smooth: Annotated[
        float | None,
        typer.Option(
            metavar="HZ",
            min=0,
            callback=finite,
            help="Smooth away joint movements above this rate; 0 keeps all. Default: each joint by "
            "its own noise, so that kicks stay.",
            rich_help_panel="Motion",
        ),
    ] = None
    height: Annotated[
        str | None,
        typer.Option(
            metavar="M",
            help="How tall the person is, in metres; of several people by their numbers: "
            "1=1.82,2=1.65. Default: as Human3.6M's skeleton, about 1.78.",
            rich_help_panel="Motion",
        ),
    ] = None
    root: Annotated[
        Root,
        typer.Option(
            help="What they move in: the world (upright, on a floor), the camera's own frame, or "
            "over one spot (inplace, for what holds the rig: BVH, GLB).",
            rich_help_panel="Motion",
        ),
    ] = Root.WORLD
    pin_feet: Annotated[
        bool,
        typer.Option(
            help="Keep feet that stand from sliding. Turn it off for skates, skis, moving floors.",
            rich_help_panel="Motion",
        ),
    ] = True
    focal: Annotated[
        float | None,
        typer.Option(
            metavar="PX",
            min=1,
            callback=finite,
            help="Focal length in pixels of the upright picture. Default: what the file says (iPhones "
            "do), else 1.2 × the longer side.",
            rich_help_panel="Camera",
        ),
    ] = None
    camera_pitch: Annotated[
        float | None,
        typer.Option(
            metavar="DEG",
            min=-90,
            max=90,
            callback=finite,
            help="How far the camera looks down. Default: from bodies and steps in the clip.",
            rich_help_panel="Camera",
        ),
    ] = None
    camera_roll: Annotated[
        float | None,
        typer.Option(
            metavar="DEG",
            min=-180,
            max=180,
            callback=finite,
            help="How far the camera is turned clockwise. If only one angle is given, the other is 0.",
            rich_help_panel="Camera",
        ),
    ] = None

    def settings(self) -> MotionSettings:
        """Return how motion is solved; the focal length belongs to the clip.

        Raises:
            UsageError: a height is none.
        """
        height_m, heights_m = _heights(self.height)
        return MotionSettings(
            cutoff_hz=self.smooth,
            camera_pitch_rad=_radians(self.camera_pitch),
            camera_roll_rad=_radians(self.camera_roll),
            height_m=height_m,
            heights_m=heights_m,
            root=self.root,
            pin_feet=self.pin_feet,
        )


def _heights(text: str | None) -> tuple[float | None, dict[int, float]]:
    """Return the height of everybody, and of people by their numbers."""
    if text is None:
        return None, {}
    try:
        if "=" not in text:
            return _height(text), {}
        pairs = (entry.split("=") for entry in text.split(","))
        return None, {int(number): _height(height) for number, height in pairs}
    except ValueError as error:
        raise UsageError(
            f"--height {text} is no height",
            hint=f"In metres, {SHORTEST_M} to {TALLEST_M}, such as 1.82 or 1=1.82,2=1.65.",
        ) from error


def _height(text: str) -> float:
    height_m = float(text)
    if not SHORTEST_M <= height_m <= TALLEST_M:
        raise ValueError(text)
    return height_m


def _radians(angle_deg: float | None) -> float | None:
    return None if angle_deg is None else math.radians(angle_deg)
