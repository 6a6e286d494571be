"""What `pose3d lift` says at its end."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from pose3d_cli.cli.console import ProgressWatch
from pose3d_cli.errors import StreamLostError

if TYPE_CHECKING:
    from pose3d_cli.sequences import Result


def summarise(result: "Result", watch: ProgressWatch, *, elapsed_s: float) -> None:
    """Say on stderr what was done and where the time went."""
    frames = len(result.times_s)
    rate = frames / elapsed_s
    noun = "frame" if frames == 1 else "frames"
    typer.echo(f"Lifted {frames:,} {noun} in {elapsed_s:.1f} s ({rate:.1f} frames/s)", err=True)
    for label, seconds in watch.seconds.items():
        typer.echo(f"  {label:<17}{seconds:7.1f} s {seconds / elapsed_s:5.0%}", err=True)


def print_written(
    result: "Result",
    written: tuple[Path, ...],
    watch: ProgressWatch,
    *,
    as_json: bool,
    lost: StreamLostError | None = None,
) -> None:
    """Print the files on stdout, one a line or as JSON, which also tells that a stream was lost."""
    if not as_json:
        for path in written:
            typer.echo(path)
        return
    summary = {
        "ok": lost is None,
        "outputs": [str(path) for path in written],
        "frames": len(result.times_s),
        "people": [{"id": p.id, "frames": len(p.motion.times_s)} for p in result.people],
        "timings_s": {label: round(seconds, 3) for label, seconds in watch.seconds.items()},
    }
    if lost is not None:
        summary |= {"error": str(lost), "hint": lost.hint, "exit_code": lost.exit_code}
        lost.is_told = True
    typer.echo(json.dumps(summary))
