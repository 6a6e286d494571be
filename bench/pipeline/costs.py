"""What a run takes: seconds on the clock, seconds of CPU, and the share of each stage."""

import statistics
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from pose3d_cli.watch import Unwatched

Item = TypeVar("Item")


@dataclass
class Cost:
    """What a run took, a frame."""

    wall_ms: float
    cpu_ms: float

    @property
    def cores(self) -> float:
        """How many cores were busy."""
        return self.cpu_ms / self.wall_ms


class Stages(Unwatched):
    """Adds up what each stage takes."""

    def __init__(self) -> None:
        self.wall_s: dict[str, float] = {}

    def each(self, label: str, items: Iterable[Item], *, total: int) -> Generator[Item, None, None]:
        """Pass items through and time them all."""
        with self.stage(label):
            yield from super().each(label, items, total=total)

    @contextmanager
    def stage(self, label: str) -> Iterator[None]:
        """Add the time that the block takes."""
        began = time.perf_counter()
        yield
        self.wall_s[label] = self.wall_s.get(label, 0) + time.perf_counter() - began

    @property
    def shares(self) -> dict[str, float]:
        """Of all the time that was added up."""
        total_s = sum(self.wall_s.values())
        return {label: round(seconds / total_s, 3) for label, seconds in self.wall_s.items()}


def cost(action: Callable[[], object], *, frames: int) -> Cost:
    """Return what an action takes, over so many frames."""
    wall, cpu = time.perf_counter(), time.process_time()
    action()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return Cost(wall * 1e3 / frames, cpu * 1e3 / frames)


def median(values: Iterable[float]) -> float:
    """Return the median, to be printed."""
    return round(statistics.median(values), 3)
