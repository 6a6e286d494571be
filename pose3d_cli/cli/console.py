"""What is said on stderr: progress with the time left, log lines, errors of one line."""

import json
import logging
import math
import os
import sys
from collections.abc import Generator, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TypeVar

import typer

from pose3d_cli.errors import Pose3DError
from pose3d_cli.watch import Stopwatch

Item = TypeVar("Item")


def report_error(error: Pose3DError) -> None:
    """Say what failed, and what to do about it."""
    typer.secho(f"error: {error}", fg="red", err=True)
    if error.hint:
        typer.secho(f"hint: {error.hint}", err=True)


def print_failure(message: str, *, hint: str | None, exit_code: int) -> None:
    """Tell a script on stdout what failed."""
    failure = {"ok": False, "error": message, "hint": hint, "exit_code": exit_code}
    typer.echo(json.dumps(failure))


def forget_stdout() -> None:
    """Send what is still unread nowhere: its reader is gone, and Python would complain on exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def set_up_logging(*, verbose: bool, quiet: bool) -> None:
    """Send the package's log to stderr: warnings, or more, or only errors."""
    level = logging.ERROR if quiet else logging.INFO if verbose else logging.WARNING
    logging.basicConfig(format="%(levelname)s: %(message)s", handlers=[_Lines()], force=True)
    logging.getLogger("pose3d_cli").setLevel(level)


class _Lines(logging.Handler):
    """Says each line once: a damaged clip is read to find people, and again to be drawn on.

    Bars and spinners put something in the place of ``sys.stderr`` that writes above them.
    """

    def __init__(self) -> None:
        super().__init__()
        self._said: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        """Write the line, unless it was said."""
        line = self.format(record)
        if line not in self._said:
            self._said.add(line)
            sys.stderr.write(f"{line}\n")


class ProgressWatch(Stopwatch):
    """Bars with the time left, and spinners, on a terminal, a line every 10 % elsewhere; times every stage."""

    def __init__(self, *, quiet: bool) -> None:
        super().__init__()
        self._quiet = quiet
        self._terminal = sys.stderr.isatty()

    def each(self, label: str, items: Iterable[Item], *, total: int) -> Generator[Item, None, None]:
        """Pass items through and show how many."""
        with self.timed(label):
            if self._quiet:
                yield from items
            elif self._terminal:
                yield from self._with_bar(label, items, total)
            else:
                yield from self._with_lines(label, items, total)

    @contextmanager
    def stage(self, label: str) -> Iterator[None]:
        """Add the time that the block takes to the stage's, and show on a terminal that it is at work."""
        with self.timed(label), self._spinner(label):
            yield

    def _spinner(self, label: str) -> AbstractContextManager[object]:
        if self._quiet or not self._terminal:
            return nullcontext()
        from rich.console import Console

        return Console(stderr=True).status(label)

    def _with_bar(self, label: str, items: Iterable[Item], total: int) -> Iterator[Item]:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
        )

        columns = (TextColumn("{task.description:<15}"), BarColumn(), MofNCompleteColumn())
        remaining = TimeRemainingColumn(elapsed_when_finished=True)
        with Progress(*columns, remaining, console=Console(stderr=True)) as bar:
            task = bar.add_task(label, total=total or None)
            done = 0
            for item in items:
                yield item
                done += 1
                bar.update(task, completed=done)
            bar.update(task, total=done)  # the header's count was a guess

    def _with_lines(self, label: str, items: Iterable[Item], total: int) -> Iterator[Item]:
        step, done = max(1, math.ceil(total / 10)), 0
        for item in items:
            yield item
            done += 1
            if total and done % step == 0:
                typer.echo(f"{label}: {done} of about {total}", err=True)
        typer.echo(f"{label}: {done} done", err=True)
