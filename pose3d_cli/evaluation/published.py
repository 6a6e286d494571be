"""What the authors of other lifters publish about them, each figure with its source."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

TABLE = Path(__file__).with_name("published.toml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """One network as its authors describe it; None where the source says nothing."""

    name: str
    frames: int
    """Length of the clip that the multiply–accumulates are for."""
    parameters_m: float | None = None
    macs_g: float | None = None
    mpjpe_mm: float | None = None
    """Human3.6M, detected 2D joints, protocol 1."""
    source: str
    note: str = ""


def published(path: Path = TABLE) -> tuple[Published, ...]:
    """Return every row of the table, in its order."""
    rows = tomllib.loads(path.read_text(encoding="utf-8"))["lifter"]
    return tuple(Published(**row) for row in rows)
