"""How much of its work a program of a GPU kernel takes on: as much as the card at hand has room for."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import triton
from triton.runtime.errors import OutOfResources

FEW_SPILLS = 32
"""Registers that a thread may keep in memory instead: so few are seldom missed."""
LEAST = 16
"""Rows and columns that a matrix product has at least."""


@dataclass(frozen=True, slots=True)
class Tile:
    """The part of a kernel's work that one program does at a time."""

    rows: int
    warps: int
    stages: int
    """Turns of a loop on their way from memory, the present one included."""


_chosen: dict[Hashable, Tile] = {}


def launch(
    kernel: Any,
    tiles: Sequence[Tile],
    *operands: Any,
    rows: int,
    grid: tuple[int, ...],
    **sizes: Any,
) -> None:
    """Run a kernel with the first of the tiles for which shared memory and registers suffice.

    What suffices is known once a kernel is compiled; it is asked once for every card and all sizes.

    Args:
        kernel: takes the operands, the sizes and, as M, the rows of its tile.
        tiles: the best first, the smallest last.
        operands: the first is a tensor.
        rows: how many there are in all.
        grid: programs side by side that do the same rows.
        sizes: constants of the kernel.

    Raises:
        OutOfResources: not even the last tile fits into the card's shared memory.
    """
    key = (kernel, operands[0].device, operands[0].dtype, *sizes.values())
    if key in _chosen:
        tiles = (_chosen[key],)
    for tile in tiles:
        try:
            made = kernel[triton.cdiv(rows, tile.rows), *grid](
                *operands, M=tile.rows, num_warps=tile.warps, num_stages=tile.stages, **sizes
            )
        except OutOfResources:
            if tile is tiles[-1]:
                raise
            continue
        # Triton's interpreter makes nothing; whatever was done is done again, in smaller parts.
        if made is None or made.n_spills <= FEW_SPILLS or tile is tiles[-1]:
            _chosen[key] = tile
            return


def share(numbers: int, columns: int, *, most: int) -> int:
    """Return how many rows of so many columns to hold at a time, so that they are about so many numbers."""
    return max(LEAST, min(most, numbers // columns))
