"""``pose3d train``: train a lifter from recorded motion."""

from pathlib import Path
from typing import Annotated

import typer

from pose3d_cli.cli.console import ProgressWatch
from pose3d_cli.cli.options import Quiet


def train(
    config: Annotated[Path, typer.Argument(metavar="CONFIG.toml", help="What to train, and how.")],
    data: Annotated[Path, typer.Option(help="Folder with the motion shards.")],
    out: Annotated[
        Path, typer.Option(help="Folder for the run's state and log; goes on if there.")
    ],
    limit_minutes: Annotated[
        float, typer.Option(help="Stop after this long; the same command goes on.", min=0)
    ] = float("inf"),
    quiet: Quiet = False,
) -> None:
    """Train a SasMamba; stops at the time limit and goes on from where it stopped."""
    from pose3d_cli.training.config import read_config
    from pose3d_cli.training.loop import train as run

    declared = read_config(config)
    watch = ProgressWatch(quiet=quiet)
    steps = run(declared, data=data, out=out, limit_s=60 * limit_minutes)
    last = None
    for state in watch.each("Training", steps, total=declared.steps):
        last = state.step
    typer.echo(f"step {last} of {declared.steps}" if last else "nothing left to train", err=True)
