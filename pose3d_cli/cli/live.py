"""Cameras and streams for ``pose3d lift``: record until Ctrl-C, and lift what comes meanwhile."""

import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import typer

from pose3d_cli.errors import OutputError, UsageError
from pose3d_cli.files import ELSEWHERE, check_writable

if TYPE_CHECKING:
    from pose3d_cli.video.live import Camera, Stream
    from pose3d_cli.video.recording import Recording

STOPPED = b"\nStopped recording; going on with what came. Ctrl-C again aborts.\n"


def check_record(record: Path | None, *, overwrite: bool) -> None:
    """Refuse a recording that could not be kept.

    Raises:
        UsageError: it is not called .mkv.
        OutputError: it exists already, or its folder takes no files.
    """
    if record is None:
        return
    if record.suffix.lower() != ".mkv":
        raise UsageError(f"{record}: a recording is Matroska", hint="Name it something.mkv.")
    check_writable(record, overwrite=overwrite)


@contextmanager
def recording_of(
    source: "Camera | Stream",
    *,
    record: Path | None,
    beside: Path,
    end_s: Fraction | None,
    quiet: bool,
) -> Iterator["Recording"]:
    """Record into a file, which is kept if it is named; Ctrl-C, or SIGTERM, stops that and no more.

    Raises:
        InputError: the source cannot be opened, or no picture comes.
        OutputError: the folder ``beside``, where unnamed recordings lie meanwhile, takes no files.
    """
    from pose3d_cli.video.recording import SUFFIX, recorded

    with _folder(beside) as folder:
        path = record or folder / f"{source.stem}{SUFFIX}"
        with recorded(source, path, end_s=end_s) as recording, _stopped_by_ctrl_c(recording):
            if not quiet:
                typer.echo(f"Recording {source}; Ctrl-C stops and keeps what came", err=True)
            yield recording


@contextmanager
def _folder(beside: Path) -> Iterator[Path]:
    try:
        made = tempfile.TemporaryDirectory(
            prefix=".pose3d-", dir=beside, ignore_cleanup_errors=True
        )
    except OSError as error:
        raise OutputError(
            f"cannot record into {beside}: {error.strerror}",
            hint=ELSEWHERE,
        ) from error
    with made as name:
        yield Path(name)


@contextmanager
def _stopped_by_ctrl_c(recording: "Recording") -> Iterator[None]:
    signals = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.getsignal(number) for number in signals}

    def give_back() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    def stop(number: int, _: FrameType | None) -> None:
        give_back()
        if recording.is_running:
            recording.stop()
            # Not by Python's streams, which may be writing just now.
            os.write(sys.__stderr__.fileno() if sys.__stderr__ else 2, STOPPED)
        else:
            signal.raise_signal(number)

    for number in signals:
        signal.signal(number, stop)
    try:
        yield
    finally:
        give_back()
