"""Options of how a BVH tells a motion."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from pose3d_cli.cli.option_groups import OptionGroup

if TYPE_CHECKING:
    from pose3d_cli.export.bvh_style import BvhStyle

_BVH = "BVH"


@dataclass(frozen=True, slots=True, kw_only=True)
class BvhOptions(OptionGroup):
    """One option for each choice of `BvhStyle`."""

    bvh_names: Annotated[
        Literal["humanik", "mixamo-nocolon", "biovision", "cmu", "unreal", "vrm"],
        typer.Option(help="Whose joint names, for retargeting.", rich_help_panel=_BVH),
    ] = "humanik"
    bvh_rest: Annotated[
        Literal["t", "a"],
        typer.Option(help="What zero rotations show: T- or A-pose.", rich_help_panel=_BVH),
    ] = "t"
    bvh_order: Annotated[
        Literal["zxy", "mixed"],
        typer.Option(
            help="Rotation order; mixed has ZYX for legs, smoother curves at right angles.",
            rich_help_panel=_BVH,
        ),
    ] = "zxy"
    bvh_units: Annotated[
        Literal["cm", "m"], typer.Option(help="Unit of length.", rich_help_panel=_BVH)
    ] = "cm"
    bvh_reference_frame: Annotated[
        bool,
        typer.Option(
            "--bvh-reference-frame",
            help="Begin with one frame of the rest pose, for MotionBuilder.",
            rich_help_panel=_BVH,
        ),
    ] = False
    bvh_in_place: Annotated[
        bool,
        typer.Option(
            "--bvh-in-place",
            help="Stay above the origin instead of travelling.",
            rich_help_panel=_BVH,
        ),
    ] = False

    def style(self) -> "BvhStyle":
        """Return how BVHs are written."""
        from pose3d_cli.export.bvh_style import BvhStyle

        return BvhStyle(
            names=self.bvh_names,
            rest=self.bvh_rest,
            order=self.bvh_order,
            unit=self.bvh_units,
            reference_frame=self.bvh_reference_frame,
            in_place=self.bvh_in_place,
        )
