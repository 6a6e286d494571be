"""What ``pose3d eval`` prints of a lifter's scores: tables, or JSON for scripts."""

import json
from collections.abc import Iterable
from itertools import groupby

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from pose3d_cli.evaluation.benchmark import (
    Row,
    Score,
    by_joint_mm,
    by_pitch,
    by_roll,
    by_source,
    by_visibility,
)
from pose3d_cli.evaluation.conditions import Conditions
from pose3d_cli.evaluation.measures import UNITS
from pose3d_cli.evaluation.suite import Part
from pose3d_cli.lifting.lifter import SasMambaLifter
from pose3d_cli.skeleton import H36M17

NOTE = (
    "Millimetres, MPJVE in millimetres a frame, trunk: how far it is turned wrongly, in degrees. "
    "Flat: the 2D joints at depth 0, at the size for each clip that fits the truth best, which nobody "
    "knows in use. --json has more measures, and the joints."
)
SHOWN = ("MPJPE", "N-MPJPE", "P-MPJPE", "MPJVE", "trunk")


def print_scores(
    scores: list[Score], network: SasMambaLifter, conditions: Conditions, *, as_json: bool
) -> None:
    """Print how a lifter did under some conditions."""
    if as_json:
        document = {"conditions": conditions.name, **_document(scores)}
        typer.echo(json.dumps(_about(network) | document, indent=2))
        return
    table = _table(conditions.name, NOTE)
    for rows in (by_source, by_pitch, by_roll, by_visibility):
        for row in rows(scores):
            _add(table, row, network, who=row.errors)
        table.add_section()
    Console().print(table)


def print_suite(parts: list[Part], network: SasMambaLifter, *, at_most: int, as_json: bool) -> None:
    """Print how a lifter did under each of many conditions."""
    if as_json:
        rows = [
            {"conditions": p.conditions.name, "scores": _shown(p.rows, "source")} for p in parts
        ]
        typer.echo(json.dumps(_about(network) | {"windows": at_most, "suite": rows}, indent=2))
        return
    table = _table(f"At most {at_most} windows of each source", NOTE)
    for _, alike in groupby(parts, key=lambda part: part.conditions.protocol):
        for number, part in enumerate(alike):
            row = Row(part.conditions.name, part.all.frames, part.all.errors)
            _add(table, row, network, who=("lifter",) if number else row.errors)
        table.add_section()
    Console().print(table)


def _table(title: str, caption: str) -> Table:
    table = Table(title=title, caption=caption, box=box.SIMPLE, padding=(0, 1, 0, 0))
    for name in ("", "frames", "poses"):
        table.add_column(name, justify="right" if name == "frames" else "left", no_wrap=True)
    for name in SHOWN:
        table.add_column(name, justify="right")
    return table


def _add(table: Table, row: Row, network: SasMambaLifter, *, who: Iterable[str]) -> None:
    for poses in who:
        cells = (f"{row.errors[poses][measure]:.1f}" for measure in SHOWN)
        name = network.name if poses == "lifter" else poses
        table.add_row(row.name, f"{row.frames:,}", name, *cells)


def _about(network: SasMambaLifter) -> dict[str, object]:
    return {"ok": True, "lifter": network.name, "sha256": network.sha256}


def _document(scores: list[Score]) -> dict[str, object]:
    joints_mm = by_joint_mm(scores).round(2).tolist()
    return {
        "scores": _shown(by_source(scores), "source"),
        "by_pitch": _shown(by_pitch(scores), "cameras"),
        "by_roll": _shown(by_roll(scores), "cameras"),
        "by_visibility": _shown(by_visibility(scores), "people"),
        "by_joint_mm": dict(zip(H36M17.joints, joints_mm, strict=True)),
    }


def _shown(rows: Iterable[Row], key: str) -> list[dict[str, object]]:
    return [
        {key: row.name, "frames": row.frames}
        | {who.replace(" ", "_"): _with_units(errors) for who, errors in row.errors.items()}
        for row in rows
    ]


def _with_units(errors: dict[str, float]) -> dict[str, float]:
    return {
        f"{name.lower().replace('-', '_')}_{UNITS.get(name, 'mm')}": round(error, 3)
        for name, error in errors.items()
    }
