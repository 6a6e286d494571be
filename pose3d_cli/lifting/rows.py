"""Rows that lie evenly in memory, with something else between them: columns of one product.

GPU kernels read such columns where they are: the scan its time steps and both weights of its states,
the convolution the half of its projection that is not the gate.
"""

from jaxtyping import Shaped
from torch import Tensor


def evenly(rows: Shaped[Tensor, "b k l n"]) -> Shaped[Tensor, "b k l n"]:
    """Return rows that are one row pitch apart throughout, copied only if they are not."""
    _, inner, rows_each, _ = rows.shape
    step = rows.stride(2)
    even = rows.stride() == (inner * rows_each * step, rows_each * step, step, 1)
    return rows if even else rows.contiguous()


def pitch(rows: Shaped[Tensor, "b k l n"]) -> int:
    """Return how many numbers lie between the beginnings of such rows."""
    return rows.shape[3] if rows.is_contiguous() else rows.stride(2)
