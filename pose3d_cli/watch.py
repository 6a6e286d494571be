"""Whoever wants to know how far the work is, and where the time goes."""

from collections.abc import Generator, Iterable
from contextlib import AbstractContextManager, nullcontext
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
