"""How a video was filmed, as far as its file does not tell, but whoever filmed it."""

from dataclasses import dataclass
from fractions import Fraction

QUARTERS_DEG = (0, 90, 180, 270)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filming:
    """What has to be done to a file's pictures and times to get what was before the camera."""

    turn_deg: int = 0
    """Clockwise turn that stands the pictures upright, on top of the one that the file asks for."""
    mirrored: bool = False
    """Whether left and right were exchanged by the camera, as some do in selfies."""
    slow_motion: Fraction = Fraction(1)
    """How many times slower than life the file plays."""

    @property
    def as_seen(self) -> bool:
        """Whether other programs show the pictures in the same way."""
        return self.turn_deg == 0 and not self.mirrored


AS_FILED = Filming()
"""The file tells everything."""
