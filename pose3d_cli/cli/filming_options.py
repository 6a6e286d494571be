"""Options that say of a video what its file does not."""

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated

import typer

from pose3d_cli.cli.option_groups import OptionGroup
from pose3d_cli.errors import UsageError

if TYPE_CHECKING:
    from pose3d_cli.filming import Filming

_PANEL = "How it was filmed"
_MOST_TIMES_SLOWER = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnOptions(OptionGroup):
    """What has to be done to the pictures."""

    rotate: Annotated[
        int,
        typer.Option(
            metavar="DEG",
            help="Turn the pictures clockwise by 90, 180 or 270 degrees, on top of what the file "
            "says: for a file that has lost which way was up.",
            rich_help_panel=_PANEL,
        ),
    ] = 0
    mirror: Annotated[
        bool,
        typer.Option(
            "--mirror",
            help="The camera exchanged left and right, as some do in selfies: writing reads "
            "backwards. Undo that.",
            rich_help_panel=_PANEL,
        ),
    ] = False

    def filming(self, *, slow_motion: Fraction = Fraction(1)) -> "Filming":
        """Return how the video was filmed.

        Raises:
            UsageError: the turn is none of the four.
        """
        from pose3d_cli.filming import QUARTERS_DEG, Filming

        if self.rotate not in QUARTERS_DEG:
            raise UsageError(
                f"--rotate {self.rotate} is no quarter turn",
                hint="Give 90, 180 or 270; --camera-roll tells of a camera that is a little askew.",
            )
        return Filming(turn_deg=self.rotate, mirrored=self.mirror, slow_motion=slow_motion)


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmingOptions(OptionGroup):
    """What has to be done to the pictures, and to their times."""

    turn: TurnOptions
    slow_motion: Annotated[
        str,
        typer.Option(
            metavar="TIMES",
            help="The file plays so many times slower than life, as 8 for what was filmed at 240 "
            "pictures a second and plays 30. Speeds, angles and files are as in life; --start, "
            "--end, --fps and the drawn video are as the file plays.",
            rich_help_panel=_PANEL,
        ),
    ] = "1"

    def filming(self) -> "Filming":
        """Return how the video was filmed.

        Raises:
            UsageError: the turn is none of the four, or so slow is no film.
        """
        try:
            slower = Fraction(self.slow_motion)
        except (ValueError, ZeroDivisionError):
            slower = Fraction(0)
        if not Fraction(1, _MOST_TIMES_SLOWER) <= slower <= _MOST_TIMES_SLOWER:
            raise UsageError(
                f"--slow-motion {self.slow_motion} is no number of times",
                hint="Give the rate at which it was filmed by the one at which it plays: 240/30.",
            )
        return self.turn.filming(slow_motion=slower)
