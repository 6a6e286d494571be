"""``pose3d reproduce``: the papers' recipe and tables, for those who have the data."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pose3d_cli.cli.console import ProgressWatch
from pose3d_cli.cli.options import AsJson, Device, Quiet
from pose3d_cli.errors import UsageError, WeightsError

if TYPE_CHECKING:
    from pose3d_cli.datasets.labelled import LabelledSet
    from pose3d_cli.evaluation.per_action import Row
    from pose3d_cli.evaluation.protocol import LiftClips, Protocol
    from pose3d_cli.training.paper_config import PaperConfig


def reproduce(  # noqa: PLR0917 - Typer passes options by name
    config: Annotated[
        Path, typer.Argument(metavar="CONFIG.toml", help="Such as configs/paper_small.toml.")
    ],
    data: Annotated[
        Path,
        typer.Option(
            help="Human3.6M: MotionBERT's .pkl, or VideoPose3D's data_2d_….npz with --positions and "
            "--cameras. MPI-INF-3DHP: P-STMO's data_train_3dhp.npz with --test."
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for the run: state, log, weights; goes on if there."),
    ] = None,
    lifter: Annotated[
        str | None,
        typer.Option(
            metavar="KIND:FILE", help="Train nothing; measure this one, such as motionbert:FILE."
        ),
    ] = None,
    positions: Annotated[
        Path | None, typer.Option(help="VideoPose3D's data_3d_h36m.npz.", rich_help_panel="Data")
    ] = None,
    cameras: Annotated[
        Path | None,
        typer.Option(help="Human3.6M's camera-parameters.json.", rich_help_panel="Data"),
    ] = None,
    test: Annotated[
        Path | None, typer.Option(help="P-STMO's data_test_3dhp.npz.", rich_help_panel="Data")
    ] = None,
    limit_minutes: Annotated[
        float,
        typer.Option(min=0, help="Train no longer; the same command goes on. 0: only measure."),
    ] = float("inf"),
    device: Device = "auto",
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Train by the papers' recipe, choose the best epoch, and print the papers' table.

    Example: pose3d reproduce configs/paper_small.toml --data h36m_….pkl --out runs/paper
    """
    from dataclasses import replace

    from pose3d_cli.device import choose_device
    from pose3d_cli.training.paper import train
    from pose3d_cli.training.paper_config import read_paper_config

    declared = read_paper_config(config)
    labelled = _read(data, positions=positions, cameras=cameras, test=test)
    chosen = choose_device(device)
    watch = ProgressWatch(quiet=quiet)
    if lifter:
        lift, frames = _another(lifter, device=chosen)
        declared = replace(declared, frames=frames)
    elif out:
        epochs = train(declared, labelled, out=out, device=chosen, limit_s=60 * limit_minutes)
        for _ in watch.each("Epochs", epochs, total=declared.epochs):
            pass
        lift = _trained(declared, out, device=chosen)
    else:
        raise UsageError("nowhere to train", hint="Name a folder with --out, or --lifter.")
    tables = {
        title: _measured(lift, labelled, protocol, watch=watch)
        for title, protocol in _columns(declared, labelled).items()
    }
    if as_json:
        typer.echo(json.dumps(_document(labelled, tables), indent=2))
    else:
        _print(labelled, tables)


def _read(
    data: Path, *, positions: Path | None, cameras: Path | None, test: Path | None
) -> "LabelledSet":
    from pose3d_cli.datasets.h36m_motionbert import read_motionbert
    from pose3d_cli.datasets.h36m_videopose3d import read_videopose3d
    from pose3d_cli.datasets.mpi_inf_3dhp import read_mpi_inf_3dhp

    if data.suffix == ".pkl":
        return read_motionbert(data)
    if positions and cameras:
        return read_videopose3d(data, positions=positions, cameras=cameras)
    if test:
        return read_mpi_inf_3dhp(data, test=test)
    raise UsageError(
        f"{data} alone is no data set",
        hint="Add --positions and --cameras (VideoPose3D), or --test (MPI-INF-3DHP).",
    )


def _columns(config: "PaperConfig", labelled: "LabelledSet") -> "dict[str, Protocol]":
    """Return the ways to measure by title; with true 2D joints also the published one."""
    from dataclasses import replace

    from pose3d_cli.training.paper import protocol_of

    protocol = replace(protocol_of(config), replace_xy=False)
    if config.two_d == "detected" or not labelled.picture_units:
        return {"2D joints of a detector": protocol}
    return {
        "true 2D joints": protocol,
        "true 2D joints, x and y replaced by them (as published: depth alone)": replace(
            protocol, replace_xy=True
        ),
    }


def _trained(config: "PaperConfig", out: Path, *, device: str) -> "LiftClips":
    """Return the best epoch's network of a run."""
    from pose3d_cli.lifting.checkpoint import load_checkpoint
    from pose3d_cli.training.paper import PAPER_INPUT, WEIGHTS, lift_with

    model, header = load_checkpoint(out / WEIGHTS)
    if header.get("input") != PAPER_INPUT or model.config != config.network:
        raise WeightsError(f"{out / WEIGHTS} was not trained with this configuration")
    return lift_with(model.to(device), channels=model.config.in_channels, device=device)


def _another(named: str, *, device: str) -> "tuple[LiftClips, int]":
    """Return a network of somebody else's, and the length of its clips."""
    from pose3d_cli.lifting.others.lifter import OtherLifter
    from pose3d_cli.lifting.plugins import open_lifter

    kind, _, file = named.partition(":")
    lifter = open_lifter(kind, Path(file), device=device, flip=False)
    if not isinstance(lifter, OtherLifter):
        raise UsageError(
            f"--lifter {named}: the papers' protocols show x, y and confidence over the picture",
            hint="Measure lifters that see people otherwise with `pose3d eval`.",
        )
    return lifter.lift_clips, lifter.frames


def _measured(
    lift: "LiftClips", labelled: "LabelledSet", protocol: "Protocol", *, watch: ProgressWatch
) -> "tuple[Row, ...]":
    from pose3d_cli.evaluation.per_action import human36m_rows, mpi_inf_3dhp_rows
    from pose3d_cli.evaluation.protocol import evaluate

    errors = evaluate(labelled.test, labelled, lift=lift, protocol=protocol)
    counted = watch.each("Measuring", errors, total=len(labelled.test))
    rows = human36m_rows if labelled.root == 0 else mpi_inf_3dhp_rows
    return rows(counted)


def _print(labelled: "LabelledSet", tables: "dict[str, tuple[Row, ...]]") -> None:
    from rich.console import Console
    from rich.table import Table

    for title, rows in tables.items():
        table = Table("", title=f"{labelled.name}, {title}")
        for action in (*rows[0].by_action, "Avg."):
            table.add_column(action, justify="right")
        for row in rows:
            cells = (f"{value:.1f}" for value in (*row.by_action.values(), row.average))
            table.add_row(f"{row.name}, {row.unit}", *cells)
        Console().print(table)


def _document(labelled: "LabelledSet", tables: "dict[str, tuple[Row, ...]]") -> dict[str, Any]:
    return {
        "ok": True,
        "data": labelled.name,
        "tables": [
            {
                "input": title,
                "rows": [
                    {
                        "measure": row.name,
                        "unit": row.unit,
                        "average": round(row.average, 3),
                        "by_action": {name: round(v, 3) for name, v in row.by_action.items()},
                    }
                    for row in rows
                ],
            }
            for title, rows in tables.items()
        ],
    }
