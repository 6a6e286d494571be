"""Stages side by side: each on a thread of its own, never more than a few items ahead.

PyAV, OpenCV and the networks' run times let other threads run while they compute, so threads fill
the cores. Order is kept, and an error comes out where the item that caused it would have.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Product = TypeVar("Product")


class _End:
    """What comes after the last item."""


_END = _End()


def ahead(items: Iterable[Item], *, buffer: int = 2) -> Generator[Item, None, None]:
    """Yield the same items, while a thread makes the next ``buffer`` of them.

    When the generator ends or is closed, so does the thread, and then ``items`` if it can be closed.
    """
    iterator = iter(items)
    pending: deque[Future[Item | _End]] = deque()
    try:
        with ThreadPoolExecutor(1) as thread:
            try:
                for _ in range(buffer):
                    pending.append(thread.submit(next, iterator, _END))
                while not isinstance(item := pending.popleft().result(), _End):
                    pending.append(thread.submit(next, iterator, _END))
                    yield item
            finally:
                _cancel(pending)
    finally:
        _close(iterator)


def mapped(
    function: Callable[[Item], Product],
    items: Iterable[Item],
    *,
    workers: int,
    prepare: Callable[[], None] | None = None,
) -> Generator[Product, None, None]:
    """Yield ``function`` of each item in order, worked out by several threads at a time.

    At most twice as many items as workers are taken in advance. Each thread calls ``prepare`` first.
    """
    pending: deque[Future[Product]] = deque()
    with ThreadPoolExecutor(workers, initializer=prepare) as pool:
        try:
            for item in items:
                pending.append(pool.submit(function, item))
                if len(pending) == 2 * workers:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        finally:
            _cancel(pending)


def _cancel(pending: Iterable[Future[Product]]) -> None:
    for call in pending:
        call.cancel()


def _close(iterator: Iterator[object]) -> None:
    if isinstance(iterator, Generator):
        iterator.close()
