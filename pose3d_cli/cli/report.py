"""``pose3d report``: how far a result can be believed."""

import json
import shutil
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pose3d_cli.cli.options import AsJson, Overwrite
from pose3d_cli.cli.outputs import check_outputs
from pose3d_cli.cli.results import read_result, stem_of

if TYPE_CHECKING:
    from pose3d_cli.sequences import Person, Result


def report(
    result: Annotated[Path, typer.Argument(metavar="RESULT.json", help="From `pose3d lift`.")],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", help="The page, a PNG. Default: RESULT.report.png beside RESULT.json."
        ),
    ] = None,
    page: Annotated[bool, typer.Option("--page/--no-page", help="Draw the page.")] = True,
    fail_below: Annotated[
        float | None,
        typer.Option(
            metavar="X",
            min=0,
            max=1,
            help="Exit with 8 if anybody's score, the share of joints expected within 10 cm of the "
            "truth, is less.",
        ),
    ] = None,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Say in plain sentences how far RESULT.json can be believed, and draw a page about it.

    Example: pose3d report result.json --fail-below 0.6
    """
    from pose3d_cli.errors import QualityError
    from pose3d_cli.export.per_person import one_path_a_person
    from pose3d_cli.report.findings import score
    from pose3d_cli.report.page import write_page

    value = read_result(result)
    scores = [score(person) for person in value.people]
    target = out or result.parent / f"{stem_of(result)}.report.png"
    suffix = ".report.png" if target.name.endswith(".report.png") else None
    paths = one_path_a_person(target, len(value.people), suffix=suffix) if page else ()
    check_outputs(paths, source=result, overwrite=overwrite)
    for path, person in zip(paths, value.people, strict=False):
        write_page(path, value, person)
    if as_json:
        typer.echo(json.dumps(_summary(value, paths)))
    else:
        _print(value, paths)
    worst = min(scores, default=0.0)
    if fail_below is not None and worst < fail_below:
        raise QualityError(f"the score is {worst:.2f}, less than {fail_below:g}")


def _print(value: "Result", paths: tuple[Path, ...]) -> None:
    from pose3d_cli.report.findings import findings, score

    for person in value.people:
        typer.echo(f"Person {person.id}: {score(person):.0%} of joints expected within 10 cm")
        for finding in findings(value, person):
            typer.echo(in_columns(f"  {'!' if finding.worry else '-'} {finding.text}"))
    for path in paths:
        typer.echo(path)


def in_columns(line: str) -> str:
    """Return a point of a list with its further lines indented on a terminal; elsewhere it is one line."""
    if not sys.stdout.isatty():
        return line
    width = shutil.get_terminal_size().columns
    return textwrap.fill(line, width, subsequent_indent="    ", break_on_hyphens=False)


def _summary(value: "Result", paths: tuple[Path, ...]) -> dict[str, object]:
    return {
        "ok": True,
        "outputs": [str(path) for path in paths],
        "people": [_person_summary(value, person) for person in value.people],
    }


def _person_summary(value: "Result", person: "Person") -> dict[str, object]:
    from pose3d_cli.report.findings import findings, score

    return {
        "id": person.id,
        "score": round(score(person), 3),
        "findings": [
            {
                "code": finding.code,
                "text": finding.text,
                "worry": finding.worry,
                "spans_s": [[round(end, 2) for end in span] for span in finding.spans_s],
            }
            for finding in findings(value, person)
        ],
    }
