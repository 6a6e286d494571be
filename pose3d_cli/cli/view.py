"""``pose3d view``: look at a result in the browser."""

import os
import sys
import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from pose3d_cli.cli.console import ProgressWatch
from pose3d_cli.cli.options import Overwrite, Quiet, Video
from pose3d_cli.cli.outputs import check_outputs
from pose3d_cli.cli.results import check_video, read_result, stem_of


def view(  # noqa: PLR0917 - Typer passes options by name
    result: Annotated[Path, typer.Argument(metavar="RESULT.json", help="From `pose3d lift`.")],
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="The page. Default: RESULT.html beside RESULT.json."),
    ] = None,
    video: Video = None,
    shrink: Annotated[
        bool,
        typer.Option(
            "--shrink", help="Put a smaller copy of the video inside, however long it is."
        ),
    ] = False,
    show: Annotated[bool, typer.Option("--open/--no-open", help="Open it in the browser.")] = True,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
) -> None:
    """Make one HTML page with the video beside its motion in 3D, and open it.

    It needs no network and no server. A video of up to 25 MB is put inside; --shrink
    puts a smaller copy of any video inside. A page that was made since the result is
    just opened.

    Example: pose3d view result.json
    """
    page = out or result.parent / f"{stem_of(result)}.html"
    made_anew = out is not None or video is not None or shrink or overwrite
    if made_anew or not _is_up_to_date(page, result):
        _write(page, result, video=video, shrink=shrink, overwrite=overwrite, quiet=quiet)
    typer.echo(page)
    if show and _has_screen():
        webbrowser.open(page.resolve().as_uri())


def _is_up_to_date(page: Path, result: Path) -> bool:
    from pose3d_cli.export.html_page import is_page

    if not (page.is_file() and result.is_file()):
        return False
    return page.stat().st_mtime_ns >= result.stat().st_mtime_ns and is_page(page)


def _write(
    page: Path, result: Path, *, video: Path | None, shrink: bool, overwrite: bool, quiet: bool
) -> None:
    from pose3d_cli.outputs import write_page

    value = read_result(result, video=video)
    check_outputs([page], source=result, overwrite=overwrite)
    check_video(value, of=result, needed=shrink)
    write_page(page, value, watch=ProgressWatch(quiet=quiet), shrink=shrink)


def _has_screen() -> bool:
    """Tell whether a browser would open a window; a text browser would take over the terminal."""
    if sys.platform in {"win32", "darwin"}:
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
