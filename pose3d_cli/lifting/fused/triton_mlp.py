"""A block's perceptron in one GPU kernel: norm, two layers, what was there before, and a last norm."""

from typing import no_type_check

import triton
import triton.language as tl
from jaxtyping import Float
from torch import Tensor, nn

from pose3d_cli.lifting.fused.triton_norm import normed
from pose3d_cli.lifting.fused.triton_product import product
from pose3d_cli.lifting.fused.triton_tile import Tile, launch, share

TILES = (Tile(64, 4, 3), Tile(32, 4, 1), Tile(16, 4, 1))
WEIGHTS = 64 * 64
"""Numbers of each matrix that a program multiplies by at a time."""


@triton.jit
@no_type_check
def _mlp_kernel(
    h, scale, shift, epsilon, weight_in, bias_in, weight_out, bias_out,
    last_scale, last_shift, last_epsilon, y, total,
    C: tl.constexpr, H: tl.constexpr, M: tl.constexpr, N: tl.constexpr, PRODUCTS: tl.constexpr,
):  # fmt: skip
    """Work on M rows; h and y (total c), weight_in (h c), weight_out (c h)."""
    start = tl.program_id(0) * M
    h += start.to(tl.int64) * C
    y += start.to(tl.int64) * C
    rows, columns, features = tl.arange(0, M)[:, None], tl.arange(0, C), tl.arange(0, N)
    inside = rows < total - start
    before = tl.load(h + rows * C + columns[None, :], mask=inside, other=0.0)
    x = normed(before, scale, shift, epsilon, C)
    out = before + tl.load(bias_out + columns)
    for first in tl.range(0, H, N):
        w = tl.load(weight_in + (first + features)[None, :] * C + columns[:, None])
        hidden = tl.zeros((M, N), tl.float32) + tl.load(bias_in + first + features)
        hidden = product(x, w, hidden, PRODUCTS)
        hidden *= 0.5 + 0.5 * tl.erf(hidden * 0.7071067811865476)  # GELU
        w = tl.load(weight_out + columns[None, :] * H + (first + features)[:, None])
        out = product(hidden, w, out, PRODUCTS)
    out = normed(out, last_scale, last_shift, last_epsilon, C)
    tl.store(y + rows * C + columns[None, :], out, mask=inside)


def mlp(
    h: Float[Tensor, "b t v c"],
    norm: nn.LayerNorm,
    layers: nn.Sequential,
    last: nn.LayerNorm,
    *,
    products: str,
) -> Float[Tensor, "b t v c"]:
    """Return ``last(h + layers(norm(h)))`` with layers of linear, GELU, linear."""
    weight_in, bias_in, weight_out, bias_out = layers.parameters()
    y, total, (hidden, width) = h.new_empty(h.shape), h.shape[:-1].numel(), weight_in.shape
    launch(
        _mlp_kernel, TILES, h, norm.weight, norm.bias, norm.eps, weight_in, bias_in, weight_out, bias_out,
        last.weight, last.bias, last.eps, y, total,
        rows=total, grid=(), C=width, H=hidden, N=share(WEIGHTS, width, most=hidden), PRODUCTS=products,
    )  # fmt: skip
    return y
