"""Options that choose a part of a clip."""

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated

import typer

from pose3d_cli.cli.option_groups import OptionGroup
from pose3d_cli.cli.options import finite
from pose3d_cli.errors import UsageError

if TYPE_CHECKING:
    from pose3d_cli.video.selection import Stretch

_PART = "Which part"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartOptions(OptionGroup):
    """By the time that players show, in seconds."""

    start: Annotated[
        float | None,
        typer.Option(
            metavar="S",
            min=0,
            callback=finite,
            help="Begin there, in seconds. Default: the first picture.",
            rich_help_panel=_PART,
        ),
    ] = None
    end: Annotated[
        float | None,
        typer.Option(
            metavar="S",
            min=0,
            callback=finite,
            help="End before there, in seconds. Default: the last picture.",
            rich_help_panel=_PART,
        ),
    ] = None
    duration: Annotated[
        float | None,
        typer.Option(
            metavar="S",
            min=0,
            callback=finite,
            help="End so many seconds after --start, in the place of --end.",
            rich_help_panel=_PART,
        ),
    ] = None
    fps: Annotated[
        str | None,
        typer.Option(
            metavar="RATE",
            help="Take at most so many pictures a second, such as 15 or 30000/1001. Default: all.",
            rich_help_panel=_PART,
        ),
    ] = None

    def stretch(self) -> "Stretch":
        """Return which pictures are looked at.

        Raises:
            UsageError: nothing would be left, or the rate is no rate.
        """
        from pose3d_cli.video.selection import Stretch

        end_s = self._end_s()
        if end_s is not None and end_s <= (self.start or 0):
            raise UsageError(
                f"--end {end_s:g} is not after --start {self.start or 0:g}",
                hint="Both are in seconds.",
            )
        return Stretch(
            start_s=None if self.start is None else Fraction(str(self.start)),
            end_s=None if end_s is None else Fraction(str(end_s)),
            fps=None if self.fps is None else _rate(self.fps),
        )

    def _end_s(self) -> float | None:
        if self.duration is None:
            return self.end
        if self.end is not None:
            raise UsageError("--end and --duration both say when to end", hint="Give one of them.")
        return (self.start or 0.0) + self.duration


def _rate(text: str) -> Fraction:
    try:
        rate = Fraction(text)
    except (ValueError, ZeroDivisionError):
        rate = Fraction(0)
    if rate <= 0:
        raise UsageError(f"--fps {text} is no rate", hint="Give a number such as 15 or 30000/1001.")
    return rate
