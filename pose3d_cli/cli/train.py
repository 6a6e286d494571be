"""``pose3d train``: train a lifter from recorded motion."""

from pathlib import Path
from typing import Annotated

import typer

from pose3d_cli.cli.console import ProgressWatch
from pose3d_cli.cli.options import Device, Quiet


def train(
    config: Annotated[Path, typer.Argument(metavar="CONFIG.toml", help="What to train, and how.")],
    data: Annotated[Path, typer.Option(help="Folder with the motion shards.")],
    out: Annotated[
        Path, typer.Option(help="Folder for the run's state and log; goes on if there.")
    ],
    limit_minutes: Annotated[
        float, typer.Option(help="Stop after this long; the same command goes on.", min=0)
    ] = float("inf"),
    device: Device = "auto",
    quiet: Quiet = False,
) -> None:
    """Train a SasMamba; stops at the time limit, or when asked to, and goes on from there.

    On several GPUs: torchrun --nproc-per-node 2 -m pose3d_cli train CONFIG.toml --data FOLDER …
    """
    from pose3d_cli.device import choose_device
    from pose3d_cli.training.config import read_config
    from pose3d_cli.training.loop import train as run
    from pose3d_cli.training.stopping import stopping_gently
    from pose3d_cli.training.team import joined

    declared = read_config(config)
    with joined(choose_device(device)) as team, stopping_gently() as asked_to_stop:
        steps = run(
            declared,
            data=data,
            out=out,
            team=team,
            limit_s=60 * limit_minutes,
            asked_to_stop=asked_to_stop,
        )
        watch = ProgressWatch(quiet=quiet or not team.leads)
        last = None
        for state in watch.each("Training", steps, total=declared.steps or 0):
            last = state
    if not team.leads:
        return
    if last is None:
        typer.echo("nothing left to train", err=True)
        return
    of = f" of {declared.steps}" if declared.steps else ""
    typer.echo(f"step {last.step}{of}, {last.elapsed_s / 60:.1f} minutes of training", err=True)
