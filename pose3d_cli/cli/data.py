"""``pose3d data``: motion capture of one's own, for training and measuring."""

from pathlib import Path
from typing import Annotated

import typer

from pose3d_cli.cli.console import ProgressWatch
from pose3d_cli.cli.options import Overwrite, Quiet
from pose3d_cli.errors import InputError, UsageError
from pose3d_cli.files import check_writable

TIERS = "SABC"

app = typer.Typer(
    help="Turn recorded motion into shards to train with.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)


@app.callback()
def data() -> None:
    """Turn recorded motion into shards to train with."""


@app.command("import")
def import_(  # noqa: PLR0917 - Typer passes options by name
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Holds .bvh files, or .amc with their .asf.")
    ],
    out: Annotated[
        Path,
        typer.Option("--out", "-o", "--output", metavar="FILE.npz", help="The shard to write."),
    ],
    source: Annotated[str, typer.Option(help="Name of the collection, for \\[mix] in training.")],
    licence: Annotated[str, typer.Option(help="What the motion may be used for, in words.")],
    tier: Annotated[
        str,
        typer.Option(
            help="A: commercial use is allowed; B: under the same licence (share alike); "
            "C: not commercially; S: made up by rules."
        ),
    ] = "C",
    amc_fps: Annotated[
        float, typer.Option(min=1, help="Frames a second of AMC files, which do not say.")
    ] = 120.0,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
) -> None:
    """Read a folder of motion capture into a shard, at 30 frames a second.

    Example: pose3d data import cmu/ -o cmu.npz --source CMU --tier A --licence "free for all uses"
    """
    from pose3d_cli.datasets.own_motion import clips_of, motion_files, read_motions
    from pose3d_cli.datasets.shard_file import FPS, write_shard

    if tier not in TIERS or len(tier) != 1:
        raise UsageError(f"--tier {tier}: expected one of {', '.join(TIERS)}")
    if out.suffix != ".npz":
        raise UsageError(f"{out}: a shard is an .npz file", hint="Name it something.npz.")
    if not folder.is_dir():
        raise InputError(f"{folder} is no folder", hint="Name the folder with the recordings.")
    check_writable(out, overwrite=overwrite)
    files = motion_files(folder)
    watch = ProgressWatch(quiet=quiet)
    motions = watch.each("Reading", read_motions(files, amc_fps=amc_fps), total=len(files))
    clips = clips_of(motions)
    write_shard(out, clips, source=source, tier=tier, licence=licence)
    minutes = sum(len(clip.positions_m) for clip in clips) / FPS / 60
    if not quiet:
        count = "1 clip" if len(clips) == 1 else f"{len(clips):,} clips"
        typer.echo(f"{count} of {minutes:.1f} minutes", err=True)
    typer.echo(out)
