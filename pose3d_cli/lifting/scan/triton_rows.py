"""Rows that lie evenly in memory, with something else between them: columns of one projection.

The scan's kernels read its three parts, time steps and both weights of the states, where they are.
"""

from jaxtyping import Float
from torch import Tensor


def evenly(rows: Float[Tensor, "b k l n"]) -> Float[Tensor, "b k l n"]:
    """Return rows that are one row pitch apart throughout, copied only if they are not."""
    *sizes, _ = rows.shape
    step = rows.stride(2)
    even = rows.stride() == (sizes[1] * sizes[2] * step, sizes[2] * step, step, 1)
    return rows if even else rows.contiguous()


def pitch(rows: Float[Tensor, "b k l n"]) -> int:
    """Return how many numbers lie between the beginnings of such rows."""
    return rows.shape[3] if rows.is_contiguous() else rows.stride(2)
