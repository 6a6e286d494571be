"""Where the deformable convolution looks: a 3×3 convolution to 18 numbers a token, as a GPU kernel."""

from typing import no_type_check

import torch
import triton
import triton.language as tl
from jaxtyping import Float
from torch import Tensor, nn

from pose3d_cli.lifting.fused.triton_product import product
from pose3d_cli.lifting.fused.triton_tile import Tile, launch

CHANNELS = 128
"""Of every token, looked at at a time."""
TILES = (Tile(64, 4, 3), Tile(64, 4, 1), Tile(16, 4, 1))


@triton.jit
@no_type_check
def _offsets_kernel(
    x, weight, bias, y, length,
    OUT: tl.constexpr, COLUMNS: tl.constexpr, V: tl.constexpr, E: tl.constexpr, ROW: tl.constexpr,
    P: tl.constexpr, M: tl.constexpr, PRODUCTS: tl.constexpr,
):  # fmt: skip
    """Grid (parts of a clip, clips); x (b l e), a row every ROW numbers, weight (9 OUT e), y (b l OUT)."""
    start, s = tl.program_id(0) * M, tl.program_id(1).to(tl.int64)
    x += s * length * ROW
    y += s * length * OUT
    tokens, part, columns = start + tl.arange(0, M), tl.arange(0, P), tl.arange(0, COLUMNS)
    real = columns < OUT
    out = tl.zeros((M, COLUMNS), tl.float32) + tl.load(bias + columns, mask=real, other=0.0)
    for step in tl.range(0, 9 * (E // P)):
        tap, channels = step // (E // P), step % (E // P) * P + part
        joint = tokens % V + tap % 3 - 1
        there = tokens + (tap // 3 - 1) * V + tap % 3 - 1
        exists = (joint >= 0) & (joint < V) & (there >= 0) & (there < length)
        at = x + there[:, None] * ROW + channels[None, :]
        rows = tl.load(at, mask=exists[:, None], other=0.0)
        at = weight + (tap * OUT + columns)[None, :] * E + channels[:, None]
        w = tl.load(at, mask=real[None, :], other=0.0)
        out = product(rows, w, out, PRODUCTS)
    at = y + tokens[:, None] * OUT + columns[None, :]
    tl.store(at, out, mask=(tokens < length)[:, None] & real[None, :])


def offsets(
    x: Float[Tensor, "b t v e"], conv: nn.Conv2d, *, products: str
) -> Float[Tensor, "b t v o"]:
    """Return ``conv(x)`` in float32; it sees zeros around the clip."""
    clips, frames, joints, inner = x.shape
    out, length = len(conv.weight), frames * joints
    y = x.new_empty(clips, frames, joints, out, dtype=torch.float32)
    taps = conv.weight.permute(2, 3, 0, 1).contiguous()  # 3 3 o e
    launch(
        _offsets_kernel, TILES, x, taps, conv.bias, y, length,
        rows=length, grid=(clips,), OUT=out, COLUMNS=triton.next_power_of_2(out),
        V=joints, E=inner, ROW=x.stride(2), P=min(CHANNELS, inner), PRODUCTS=products,
    )  # fmt: skip
    return y
