"""Whoever wants to know how far the work is, and where the time goes."""

import time
from collections.abc import Generator, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Protocol, TypeVar, runtime_checkable

Item = TypeVar("Item")


@runtime_checkable
class Watch(Protocol):
    """Progress bars, log lines, or nothing at all."""

    def each(self, label: str, items: Iterable[Item], *, total: int) -> Generator[Item, None, None]:
        """Pass items through and count them; ``total`` is a guess, 0 if unknown."""
        ...

    def stage(self, label: str) -> AbstractContextManager[None]:
        """Time a stretch of work."""
        ...


class Stopwatch:
    """Adds up how long each stage has taken."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def timed(self, label: str) -> Iterator[None]:
        """Add the time that the block takes to the stage's, even if it fails."""
        started = time.perf_counter()
        try:
            yield
        finally:
            spent = time.perf_counter() - started
            self.seconds[label] = self.seconds.get(label, 0.0) + spent


class Unwatched:
    """Nobody wants to know."""

    def each(
        self,
        label: str,  # noqa: ARG002 - Watch's
        items: Iterable[Item],
        *,
        total: int,  # noqa: ARG002 - Watch's
    ) -> Generator[Item, None, None]:
        """Pass items through."""
        yield from items

    def stage(self, label: str) -> AbstractContextManager[None]:  # noqa: ARG002 - Watch's
        """Do nothing about it."""
        return nullcontext()
