"""On a CPU, a piece of work for each core instead of all cores at one piece.

The threads of PyTorch and numba meet hundreds of times in one window and wait for each other at full
speed: two cores that have other work too took three times as long, and as much processor time.
"""

from collections.abc import Callable, Generator, Sequence
from typing import TypeVar

import torch

from pose3d_cli.compiled import has_numba
from pose3d_cli.streams import mapped

Item = TypeVar("Item")
Product = TypeVar("Product")

MOST = 4
"""Pieces at a time: each window takes 45 MB while it is lifted."""


def one_a_core(
    function: Callable[[Item], Product], items: Sequence[Item]
) -> Generator[Product, None, None]:
    """Yield ``function`` of each item in order; a single item has all cores."""
    threads = torch.get_num_threads()
    workers = min(threads, len(items), MOST)
    if workers < 2:
        yield from map(function, items)
        return
    try:
        yield from mapped(function, items, workers=workers, prepare=_work_alone)
    finally:
        torch.set_num_threads(threads)  # what threads that are new from now on begin with


def _work_alone() -> None:
    """Let this thread have no helpers."""
    torch.set_num_threads(1)
    if has_numba():
        import numba

        numba.set_num_threads(1)
