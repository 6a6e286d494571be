"""Options that several commands share, declared once."""

import math
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from pose3d_cli.cli.console import set_up_logging

DETECTOR = "yolo11n-pose"
LIFTER = "sasmamba-small"
AS_JSON = "pose3d_cli.as_json"
"""Where in a command line's context it stands that a script is reading."""


def _platform_cache_dir() -> Path:
    from pose3d_cli.weights import default_cache_dir

    return default_cache_dir()


def finite(number: float | None) -> float | None:
    """Refuse NaN and infinity, which pass every range check."""
    if number is not None and not math.isfinite(number):
        raise typer.BadParameter(f"expected a finite number, got {number}")
    return number


def _hushed(wanted: bool) -> bool:
    if wanted:
        set_up_logging(verbose=False, quiet=True)
    return wanted


def _noted(context: Any, wanted: bool) -> bool:
    context.meta[AS_JSON] = wanted
    return wanted


CacheDir = Annotated[
    Path,
    typer.Option(
        envvar="POSE3D_CACHE_DIR",
        help="Folder for downloaded weights.",
        default_factory=_platform_cache_dir,
        show_default="the platform's cache",
        rich_help_panel="Weights",
    ),
]
Offline = Annotated[
    bool,
    typer.Option(
        "--offline",
        envvar="POSE3D_OFFLINE",
        help="Never touch the network.",
        rich_help_panel="Weights",
    ),
]
AsJson = Annotated[
    bool,
    typer.Option(
        "--json",
        callback=_noted,
        is_eager=True,
        help="Print one JSON object on stdout, also when the command fails.",
    ),
]
Video = Annotated[
    Path | None,
    typer.Option(
        help="The video that RESULT.json is of. Default: the file of its name beside RESULT.json."
    ),
]
Overwrite = Annotated[bool, typer.Option("--overwrite", "-y", help="Replace existing files.")]
Quiet = Annotated[
    bool,
    typer.Option("--quiet", "-q", callback=_hushed, help="Only errors on stderr, no progress."),
]
Device = Annotated[
    str,
    typer.Option(
        help="auto, cpu, cuda or mps. auto takes the best there is.", rich_help_panel="Speed"
    ),
]
Layout = Annotated[
    Literal["side", "overlay", "pip", "3d-only"],
    typer.Option(
        help="Clip beside the 3D view, clip alone, 3D view in a corner of it, 3D view alone.",
        rich_help_panel="Picture",
    ),
]
Theme = Annotated[
    Literal["dark", "light"],
    typer.Option(help="The room that the 3D view shows.", rich_help_panel="Picture"),
]
Orbit = Annotated[
    float,
    typer.Option(
        metavar="DEG/S",
        min=-360,
        max=360,
        callback=finite,
        help="How fast the 3D view's camera goes round people; 0 stands still.",
        rich_help_panel="Picture",
    ),
]
Trail = Annotated[
    float,
    typer.Option(
        metavar="S",
        min=0,
        max=60,
        callback=finite,
        help="Show in the 3D view where hands and feet were in the last so many seconds.",
        rich_help_panel="Picture",
    ),
]
VideoHeight = Annotated[
    int | None,
    typer.Option(
        metavar="PX",
        min=120,
        max=2160,
        help="Height of the video. Default: the clip's, from 480 to 1080.",
        rich_help_panel="Picture",
    ),
]
DetectorBackend = Annotated[
    str,
    typer.Option(
        help="auto, onnxruntime, openvino or torch. auto takes the fastest that is installed.",
        rich_help_panel="Speed",
    ),
]
_BVH = "BVH"
BvhNamesOption = Annotated[
    Literal["humanik", "mixamo-nocolon", "biovision", "cmu", "unreal", "vrm"],
    typer.Option("--bvh-names", help="Whose joint names, for retargeting.", rich_help_panel=_BVH),
]
BvhRest = Annotated[
    Literal["t", "a"],
    typer.Option(
        "--bvh-rest", help="What zero rotations show: T- or A-pose.", rich_help_panel=_BVH
    ),
]
BvhOrder = Annotated[
    Literal["zxy", "mixed"],
    typer.Option(
        "--bvh-order",
        help="Rotation order; mixed has ZYX for legs, smoother curves at right angles.",
        rich_help_panel=_BVH,
    ),
]
BvhUnits = Annotated[
    Literal["cm", "m"], typer.Option("--bvh-units", help="Unit of length.", rich_help_panel=_BVH)
]
BvhReference = Annotated[
    bool,
    typer.Option(
        "--bvh-reference-frame",
        help="Begin with one frame of the rest pose, for MotionBuilder.",
        rich_help_panel=_BVH,
    ),
]
BvhInPlace = Annotated[
    bool,
    typer.Option(
        "--bvh-in-place", help="Stay above the origin instead of travelling.", rich_help_panel=_BVH
    ),
]
Keypoints = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="2D keypoints that another program found in VIDEO: OpenPose (a folder), AlphaPose, "
        "COCO results, MMPose, Ultralytics.",
        rich_help_panel="Person",
    ),
]
