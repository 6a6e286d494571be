"""LayerNorm within a GPU kernel, and the linear layer that follows one."""

from typing import no_type_check

import torch
import triton
import triton.language as tl
from jaxtyping import Float
from torch import Tensor, nn

from pose3d_cli.lifting.fused.triton_product import product
from pose3d_cli.lifting.fused.triton_tile import Tile, launch, share

TILES = (Tile(64, 4, 3), Tile(16, 4, 1))
WEIGHTS = 64 * 64
"""Numbers of a matrix that a program multiplies by at a time."""


@triton.jit
@no_type_check
def normed(x, scale, shift, epsilon, C: tl.constexpr):
    """Make mean 0 and variance 1 of every row (m c), then scale and shift it (c each, in memory)."""
    columns = tl.arange(0, C)
    x -= (tl.sum(x, axis=1) / C)[:, None]
    x *= tl.rsqrt(tl.sum(x * x, axis=1) / C + epsilon)[:, None]
    return x * tl.load(scale + columns) + tl.load(shift + columns)


@triton.jit
@no_type_check
def _norm_linear_kernel(
    h, scale, shift, epsilon, weight, y, total,
    C: tl.constexpr, F: tl.constexpr, M: tl.constexpr, N: tl.constexpr, PRODUCTS: tl.constexpr,
):  # fmt: skip
    """Work on M rows; h (total c), weight (f c), y (total f), which may have shorter numbers."""
    start = tl.program_id(0) * M
    h += start.to(tl.int64) * C
    y += start.to(tl.int64) * F
    rows, columns, features = tl.arange(0, M)[:, None], tl.arange(0, C), tl.arange(0, N)
    inside = rows < total - start
    x = tl.load(h + rows * C + columns[None, :], mask=inside, other=0.0)
    x = normed(x, scale, shift, epsilon, C)
    for first in tl.range(0, F, N):
        w = tl.load(weight + (first + features)[None, :] * C + columns[:, None])
        out = product(x, w, tl.zeros((M, N), tl.float32), PRODUCTS)
        at = y + rows * F + (first + features)[None, :]
        tl.store(at, out.to(y.dtype.element_ty), mask=inside)


def norm_linear(
    h: Float[Tensor, "b t v c"],
    norm: nn.LayerNorm,
    weight: Float[Tensor, "f c"],
    *,
    rows: torch.dtype,
    products: str,
) -> Float[Tensor, "b t v f"]:
    """Return ``linear(norm(h), weight)`` as numbers of the given type."""
    (features, width), total = weight.shape, h.shape[:-1].numel()
    y = h.new_empty(*h.shape[:-1], features, dtype=rows)
    launch(
        _norm_linear_kernel, TILES, h, norm.weight, norm.bias, norm.eps, weight, y, total,
        rows=total, grid=(), C=width, F=features, N=share(WEIGHTS, width, most=features), PRODUCTS=products,
    )  # fmt: skip
    return y
