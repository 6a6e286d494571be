"""``pose3d weights``: see, fetch and check the networks' weights."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from pose3d_cli import downloads, weights
from pose3d_cli.cli.options import AsJson, CacheDir, Offline
from pose3d_cli.errors import WeightsError
from pose3d_cli.weights import WeightsEntry

app = typer.Typer(
    help="List, download and verify the networks' weights.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="As in `pose3d weights list`.")]
Names = Annotated[list[str], typer.Argument(metavar="NAME", help="See `pose3d weights list`.")]


@app.command("list")
def list_(cache_dir: CacheDir, as_json: AsJson = False) -> None:
    """Show which weights there are, their licences, and which are on this machine."""
    _show(weights.manifest(), cache_dir, as_json=as_json)


@app.command()
def pull(names: Names, cache_dir: CacheDir, offline: Offline = False) -> None:
    """Download weights, continuing where an earlier attempt broke off; print their paths."""
    for name in names:
        with download_bar(name) as on_progress:
            path = weights.ensure(
                name, cache_dir=cache_dir, offline=offline, on_progress=on_progress
            )
        typer.echo(path)


@app.command()
def verify(
    cache_dir: CacheDir,
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="NAME", help="Without names: what ships with pose3d and what is cached."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Compare weights with their SHA-256; exit code 3 if any is missing or damaged."""
    chosen = [_named(name) for name in names] if names else _expected_here(cache_dir)
    _show(chosen, cache_dir, as_json=as_json)
    bad = [e.name for e in chosen if weights.state(e, cache_dir=cache_dir) != "present"]
    if bad:
        error = WeightsError(
            f"missing or damaged: {', '.join(bad)}", hint=f"pose3d weights pull {' '.join(bad)}"
        )
        error.is_told = as_json
        raise error


@app.command()
def path(name: Name, cache_dir: CacheDir) -> None:
    """Print where verified weights lie; exit code 3 if they are not on this machine."""
    typer.echo(weights.ensure(name, cache_dir=cache_dir, offline=True))


@contextmanager
def download_bar(name: str) -> Iterator[downloads.Progress]:
    """Yield a callback that draws a download on stderr, if that is a terminal."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TransferSpeedColumn,
    )

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with Progress(
        *columns,
        TransferSpeedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as progress:
        task = progress.add_task(name, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def _show(
    entries: list[WeightsEntry] | tuple[WeightsEntry, ...], cache_dir: Path, *, as_json: bool
) -> None:
    rows = [_row(entry, cache_dir) for entry in entries]
    if as_json:
        ok = all(row["state"] != "damaged" for row in rows)
        typer.echo(json.dumps({"ok": ok, "weights": rows}, indent=2))
        return
    from rich.console import Console
    from rich.filesize import decimal
    from rich.table import Table

    table = Table("name", "role", "size", "licence", "state")
    for row in rows:
        size = decimal(row["size_bytes"]) if row["size_bytes"] else "?"
        table.add_row(row["name"], row["role"], size, row["licence"], row["state"])
    Console().print(table)


def _row(entry: WeightsEntry, cache_dir: Path) -> dict[str, Any]:
    file = weights.place(entry, cache_dir=cache_dir)
    return {
        "name": entry.name,
        "role": entry.role,
        "size_bytes": file.stat().st_size if file.is_file() else entry.size_bytes,
        "licence": entry.licence,
        "sha256": entry.sha256,
        "state": weights.state(entry, cache_dir=cache_dir),
        "path": str(file),
    }


def _named(name: str) -> WeightsEntry:
    entry = weights.resolve(name)
    if isinstance(entry, Path):
        raise WeightsError(
            f"{name}: nothing says what a file of your own should be",
            hint="Verify weights by name; see `pose3d weights list`.",
        )
    return entry


def _expected_here(cache_dir: Path) -> list[WeightsEntry]:
    return [
        entry
        for entry in weights.manifest()
        if entry.is_shipped or weights.locate(entry.name, cache_dir=cache_dir)
    ]
