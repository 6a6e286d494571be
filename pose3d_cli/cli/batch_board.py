"""What `pose3d batch` shows on stderr: a live board on a terminal, a line a clip elsewhere."""

import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Column, Table

from pose3d_cli.batch.job import Job
from pose3d_cli.batch.manifest import Record
from pose3d_cli.batch.pool import Progress as Step
from pose3d_cli.batch.run import Audience, Summary

NAME_LENGTH = 44


class Lines:
    """A line for every clip that is done, with the time that is left."""

    def __init__(self, total: int, *, quiet: bool) -> None:
        self._total = total
        self._quiet = quiet
        self._count = 0
        self._began_s = time.monotonic()

    def started(self, job: Job) -> None:
        """Say nothing."""

    def progressed(self, progress: Step) -> None:
        """Say nothing."""

    def finished(self, job: Job, record: Record | None) -> None:
        """Say what became of a clip."""
        self._count += 1
        if self._quiet:
            return
        left_s = (time.monotonic() - self._began_s) / self._count * (self._total - self._count)
        counted = f"[{self._count}/{self._total}]"
        typer.echo(f"{counted} {_outcome(job, record)}, {_clock(left_s)} left", err=True)


class Board:
    """One bar for the batch and one for each clip that is being worked on."""

    def __init__(self, total: int, progress: Progress) -> None:
        self._progress = progress
        self._all = progress.add_task("All clips", total=total, stage="")
        self._bars: dict[str, TaskID] = {}

    def started(self, job: Job) -> None:
        """Show a bar for a clip."""
        name = _short(job.clip.name)
        self._bars[job.clip.name] = self._progress.add_task(name, total=None, stage="Starting")

    def progressed(self, progress: Step) -> None:
        """Move a clip's bar."""
        self._progress.update(
            self._bars[progress.job.clip.name],
            completed=progress.done,
            total=progress.total or None,
            stage=progress.label,
        )

    def finished(self, job: Job, record: Record | None) -> None:
        """Take a clip's bar away; if it failed, say so above the board."""
        if (bar := self._bars.pop(job.clip.name, None)) is not None:
            self._progress.remove_task(bar)
        if record is not None and record.error is not None:
            self._progress.console.print(_outcome(job, record), markup=False, highlight=False)
        self._progress.advance(self._all)


@contextmanager
def board(total: int, *, quiet: bool) -> Iterator[Audience]:
    """Yield what suits where stderr goes."""
    if quiet or not sys.stderr.isatty():
        yield Lines(total, quiet=quiet)
        return
    columns = (
        TextColumn(f"{{task.description:<{NAME_LENGTH}}}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[stage]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        yield Board(total, progress)


def print_failures(failed: Sequence[Record]) -> None:
    """List on stderr what failed, and why."""
    columns = (Column(name, overflow="fold") for name in ("clip", "reason"))
    table = Table(*columns, title=f"{len(failed)} failed")
    for record in failed:
        reason = record.error.message if record.error is not None else ""
        table.add_row(_printable(record.input), _printable(reason.replace(record.input, "it")))
    console = Console(stderr=True)
    console.print(table, markup=False)


def as_document(record: Record) -> dict[str, Any]:
    """Return a record for one line of JSON."""
    return {"ok": record.state == "done", **asdict(record)}


def print_documents(summary: Summary) -> None:
    """Print JSON Lines on stdout: what was done now, what failed, and last a summary."""
    for record in (*summary.done, *summary.failed):
        typer.echo(json.dumps(as_document(record)))
    counts = {"done": len(summary.done), "failed": len(summary.failed), "skipped": summary.skipped}
    typer.echo(json.dumps({"ok": not summary.failed, **counts}))


def _outcome(job: Job, record: Record | None) -> str:
    name = _printable(job.clip.name)
    if record is None:
        return f"{name}: done by another run"
    if record.error is not None:
        return f"{name}: failed: {_printable(record.error.message)}"
    return f"{name}: {record.frames:,} frames in {sum(record.timings_s.values()):.1f} s"


def _printable(text: str) -> str:
    """Return names as a terminal can take them: escapes and line breaks spelt out."""
    plain = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in plain)


def _short(name: str) -> str:
    plain = _printable(name)
    return plain if len(plain) <= NAME_LENGTH else f"…{plain[1 - NAME_LENGTH :]}"


def _clock(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"
