"""The conditions under which weights are measured for their model card, in one go.

As pinned, with exact 2D, in shorter clips, with every camera leaning, and with every camera looking
down: what a lifter is asked to be alike under.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from pose3d_cli.datasets.mocap import Corpus
from pose3d_cli.evaluation.benchmark import LiftWindows, Row, by_source, scores
from pose3d_cli.evaluation.conditions import Conditions
from pose3d_cli.evaluation.pinned import PINNED
from pose3d_cli.evaluation.windows import Window

CHANGES: tuple[dict[str, float], ...] = (
    {},
    {"noise": 0.0},
    {"frames": 120},
    {"frames": 60},
    {"frames": 30},
    {"roll_deg": 25.0},
    {"pitch_deg": 30.0},
)
"""What differs from the pinned conditions, one row of a model card each."""


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One of the conditions, and how a lifter did under it."""

    conditions: Conditions
    rows: tuple[Row, ...]
    """By source, then all."""

    @property
    def all(self) -> Row:
        """Over all sources."""
        return self.rows[-1]


def suite_of(base: Conditions, *, protocols: Iterable[str] = tuple(PINNED)) -> list[Conditions]:
    """Return the base, changed in one way at a time, under every protocol."""
    return [
        replace(base, protocol=protocol, **change)  # type: ignore[arg-type]  # frames is whole
        for protocol in protocols
        for change in CHANGES
    ]


def measured(
    windows: list[Window], corpus: Corpus, *, lift: LiftWindows, suite: Iterable[Conditions]
) -> Iterator[Part]:
    """Yield how a lifter does under each of some conditions, on the same windows."""
    for conditions in suite:
        groups = scores(windows, corpus, lift=lift, conditions=conditions)
        yield Part(conditions, tuple(by_source(score for group in groups for score in group)))
