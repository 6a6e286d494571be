"""Options that several commands share, declared once."""

import math
from pathlib import Path
from typing import Annotated, Any

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
        help="Print JSON on stdout, one object a line, also when the command fails.",
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
