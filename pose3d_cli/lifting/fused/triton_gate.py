"""What follows the scan, in one GPU kernel: the sum over directions, norm, gate, and the way out."""

from typing import no_type_check

import triton
import triton.language as tl
from jaxtyping import Float
from torch import Tensor, nn

from pose3d_cli.lifting.fused.triton_norm import normed
from pose3d_cli.lifting.fused.triton_product import product
from pose3d_cli.lifting.fused.triton_tile import Tile, launch, share

WEIGHTS = 64 * 128
"""Numbers of the matrix that a program multiplies by at a time."""
NUMBERS = 32 * 128
"""Of all tokens together, where registers are scarce."""


@triton.jit
@no_type_check
def _gated_kernel(
    parts, scale, shift, epsilon, gate, weight, h, y, length,
    K: tl.constexpr, C: tl.constexpr, E: tl.constexpr, ROW: tl.constexpr,
    QUIET: tl.constexpr, M: tl.constexpr, N: tl.constexpr, PRODUCTS: tl.constexpr,
):  # fmt: skip
    """Grid (parts of a clip, clips).

    parts (b k l e), gate (b l e), a row every ROW numbers, weight (c e), h and y (b l c).
    """
    start, s = tl.program_id(0) * M, tl.program_id(1).to(tl.int64)
    parts += s * K * length * E
    gate += s * length * ROW
    h += s * length * C
    y += s * length * C
    tokens, columns, features = start + tl.arange(0, M)[:, None], tl.arange(0, E), tl.arange(0, N)
    inside = tokens < length
    x = tl.zeros((M, E), tl.float32)
    for k in tl.static_range(K):
        at = parts + (k * length + tokens) * E + columns[None, :]
        x += tl.load(at, mask=inside, other=0.0).to(tl.float32)
    x = normed(x / QUIET, scale, shift, epsilon, E)
    opening = tl.load(gate + tokens * ROW + columns[None, :], mask=inside, other=0.0)
    opening = opening.to(tl.float32)
    x *= opening * tl.sigmoid(opening)
    for first in tl.range(0, C, N):
        w = tl.load(weight + (first + features)[None, :] * E + columns[:, None])
        place = tokens * C + (first + features)[None, :]
        before = tl.load(h + place, mask=inside, other=0.0)
        tl.store(y + place, product(x, w, before, PRODUCTS), mask=inside)


def gated(
    parts: Float[Tensor, "b k l e"],
    norm: nn.LayerNorm,
    gate: Float[Tensor, "b t v e"],
    weight: Float[Tensor, "c e"],
    h: Float[Tensor, "b t v c"],
    *,
    quiet: float,
    products: str,
) -> Float[Tensor, "b t v c"]:
    """Return ``h + linear(norm(parts.sum(1) / quiet) · silu(gate), weight)``."""
    y, (clips, directions, length, inner) = h.new_empty(h.shape), parts.shape
    width = weight.shape[0]
    tiles = Tile(64, 8, 3), Tile(share(NUMBERS, inner, most=32), 4, 3), Tile(16, 4, 1)
    launch(
        _gated_kernel, tiles, parts, norm.weight, norm.bias, norm.eps, gate, weight, h, y, length,
        rows=length, grid=(clips,), K=directions, C=width, E=inner, ROW=gate.stride(2),
        N=share(WEIGHTS, inner, most=width), QUIET=quiet, PRODUCTS=products,
    )  # fmt: skip
    return y
