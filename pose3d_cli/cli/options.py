"""Options that several commands share, declared once."""

from pathlib import Path
from typing import Annotated

import typer


def _platform_cache_dir() -> Path:
    from pose3d_cli.weights import default_cache_dir

    return default_cache_dir()


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
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", "-y", help="Replace existing files.")]
Device = Annotated[
    str,
    typer.Option(
        help="auto, cpu, cuda or mps. auto takes the best there is.", rich_help_panel="Speed"
    ),
]
