"""Options that choose a part of a clip, and whether to go on from what was detected before."""

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pose3d_cli.cli.options import finite
from pose3d_cli.errors import UsageError

if TYPE_CHECKING:
    from pose3d_cli.detect.store import DetectionStore
    from pose3d_cli.video.selection import Stretch

Start = Annotated[
    float | None,
    typer.Option(
        metavar="S",
        min=0,
        callback=finite,
        help="Begin there, in seconds. Default: the first picture.",
        rich_help_panel="Which part",
    ),
]
End = Annotated[
    float | None,
    typer.Option(
        metavar="S",
        min=0,
        callback=finite,
        help="End before there, in seconds. Default: the last picture.",
        rich_help_panel="Which part",
    ),
]
Fps = Annotated[
    str | None,
    typer.Option(
        metavar="RATE",
        help="Take at most so many pictures a second, such as 15 or 30000/1001. Default: all.",
        rich_help_panel="Which part",
    ),
]
Cache = Annotated[
    bool,
    typer.Option(
        help="Keep what was detected, and go on from it after a stop or with other options.",
        rich_help_panel="Speed",
    ),
]


Fast = Annotated[
    bool,
    typer.Option(
        "--fast",
        help="Look closely around the largest person and at the rest once a second: over twice "
        "as fast, a little less accurate.",
        rich_help_panel="Speed",
    ),
]


def chosen(person: str, *, fast: bool) -> str:
    """Return who is lifted.

    Raises:
        UsageError: somebody else than the largest is wanted, whom a fast detector would miss.
    """
    if fast and person != "largest":
        raise UsageError(
            f"--fast finds the largest person only, not --person {person}",
            hint="Leave one of the two out.",
        )
    return person


def stretch_of(*, start: float | None, end: float | None, fps: str | None) -> "Stretch":
    """Return which pictures are looked at.

    Raises:
        UsageError: nothing would be left, or the rate is no rate.
    """
    from pose3d_cli.video.selection import Stretch

    if end is not None and end <= (start or 0):
        raise UsageError(
            f"--end {end:g} is not after --start {start or 0:g}", hint="Both are in seconds."
        )
    return Stretch(
        start_s=None if start is None else Fraction(str(start)),
        end_s=None if end is None else Fraction(str(end)),
        fps=None if fps is None else _rate(fps),
    )


def store_in(cache_dir: Path, *, wanted: bool) -> "DetectionStore | None":
    """Return where detections are kept, if they are."""
    from pose3d_cli.detect.store import DetectionStore

    return DetectionStore(cache_dir / "detections") if wanted else None


def _rate(text: str) -> Fraction:
    try:
        rate = Fraction(text)
    except (ValueError, ZeroDivisionError):
        rate = Fraction(0)
    if rate <= 0:
        raise UsageError(f"--fps {text} is no rate", hint="Give a number such as 15 or 30000/1001.")
    return rate
