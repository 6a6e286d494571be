"""``pose3d eval --result``: how consistent a result is, where nobody knows the truth."""

import dataclasses
import json
from pathlib import Path

import typer

NOTE = (
    "Reprojection: median distance of fitted from detected joints, of the person's size. Bones: how much "
    "lengths of limbs vary; sides: how much left and right differ; both in percent, as lifted. Jitter: "
    "millimetres a joint trembles. Smaller is better; none of it proves that a pose is right."
)


def check_result(path: Path, *, as_json: bool) -> None:
    """Print what a result says about itself.

    Raises:
        InputError: the result cannot be read.
    """
    from pose3d_cli.cli.results import read_result
    from pose3d_cli.evaluation.self_check import self_check

    result = read_result(path)
    checks = {person.id: self_check(person, result.camera) for person in result.people}
    if as_json:
        people = [
            {"id": number}
            | {name: round(value, 3) for name, value in dataclasses.asdict(check).items()}
            for number, check in checks.items()
        ]
        typer.echo(json.dumps({"ok": True, "people": people}, indent=2))
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(caption=NOTE, box=box.SIMPLE)
    for name in ("person", "reprojection %", "bones %", "sides %", "jitter mm"):
        table.add_column(name, justify="right")
    for number, check in checks.items():
        cells = (f"{value:.1f}" for value in dataclasses.astuple(check))
        table.add_row(str(number), *cells)
    Console().print(table)
