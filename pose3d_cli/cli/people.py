"""``pose3d people``: who is in a video, to choose from."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pose3d_cli.cli.console import ProgressWatch
from pose3d_cli.cli.detection_options import DetectionOptions
from pose3d_cli.cli.filming_options import TurnOptions
from pose3d_cli.cli.option_groups import spread
from pose3d_cli.cli.options import AsJson, Overwrite, Quiet
from pose3d_cli.cli.outputs import check_outputs
from pose3d_cli.errors import UsageError

if TYPE_CHECKING:
    from pose3d_cli.people import Survey


@spread
def people(
    video: Annotated[Path, typer.Argument(metavar="VIDEO", help="Any video of people.")],
    *,
    turn: TurnOptions,
    detection: DetectionOptions,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="The contact sheet. Default: VIDEO_people.png here."),
    ] = None,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """List who is in VIDEO, and write a contact sheet, to choose one for `pose3d lift --person`.

    Example: pose3d people clip.mp4
    """
    from pose3d_cli.people import survey, write_contact_sheet
    from pose3d_cli.video.reader import probe

    sheet = out or Path(f"{video.stem}_people.png")
    if sheet.suffix.lower() != ".png":
        raise UsageError(f"{sheet}: the contact sheet is a PNG", hint="Name it something.png.")
    filming = turn.filming()
    check_outputs([sheet], source=video, overwrite=overwrite)
    probe(video)
    watch = ProgressWatch(quiet=quiet)
    found = survey(video, detection.load(), watch=watch, store=detection.store(), filming=filming)
    write_contact_sheet(sheet, found, watch=watch)
    if as_json:
        typer.echo(json.dumps(_document(found, sheet)))
    else:
        _print(found)
        typer.echo(sheet)


def _document(found: "Survey", sheet: Path) -> dict[str, Any]:
    return {
        "ok": True,
        "outputs": [str(sheet)],
        "frames": found.frames,
        "people": [asdict(entry) for entry in found.people],
    }


def _print(found: "Survey") -> None:
    from rich.console import Console
    from rich.table import Table

    from pose3d_cli.report.spans import clock

    table = Table(
        caption="moves: in body sizes; share: how large for how long, of the most prominent\n"
        "pose3d lift VIDEO --person NUMBER"
    )
    for name in ["person", "scene", "from", "to", "frames", "hidden", "height", "moves", "share"]:
        table.add_column(name, justify="right")
    for entry in found.people:
        table.add_row(
            str(entry.number),
            str(entry.scene),
            clock(entry.start_s),
            clock(entry.stop_s),
            str(entry.seen_frames),
            str(entry.hidden_frames),
            f"{entry.height_px:.0f} px",
            f"{entry.movement:.1f}",
            f"{entry.prominence:.0%}",
        )
    Console().print(table)
