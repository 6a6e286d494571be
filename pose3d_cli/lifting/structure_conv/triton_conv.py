"""The deformable depthwise 3×3 convolution on a GPU, in Triton.

A program takes some tokens and all channels: every corner that a tap reads is one wide load of a
row, since channels lie side by side and share the offsets. In the backward pass a program takes one
tap, so that the gradient of its weights stays in registers; the gradient of the plane is added to
memory atomically, in an order that differs from run to run, and so do its last digits; in the
plane's own type, which halves the traffic that the backward pass waits for.
"""

from typing import Any, no_type_check

import torch
import triton
import triton.language as tl
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import pad

from pose3d_cli.lifting.rows import evenly, pitch

TAPS = tl.constexpr(9)
TOKENS, WARPS = 16, 4
"""Tokens that a program of the forward pass works on."""
FEWER_TOKENS, BLOCKS = 4, 64
"""Tokens that one of the backward pass works on at a time, and how many times it does so."""


def structure_conv(
    x: Float[Tensor, "b t v e"],
    offsets: Float[Tensor, "b t v 18"],
    weight: Float[Tensor, "e 9"],
    bias: Float[Tensor, " e"],
) -> Float[Tensor, "b t v e"]:
    """Return the same as ``reference.structure_conv``, in the type of x; sums are float32."""
    channels = x.shape[-1]
    more = triton.next_power_of_2(channels) - channels
    if more:
        x, weight, bias = pad(x, (0, more)), pad(weight, (0, 0, 0, more)), pad(bias, (0, more))
    rest = (t.contiguous() for t in (offsets, weight.T.float(), bias.float()))
    y: Tensor = _StructureConv.apply(evenly(x), *rest)  # type: ignore[no-untyped-call]
    return y[..., :channels] if more else y


class _StructureConv(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, *operands: Tensor) -> Tensor:
        ctx.save_for_backward(*operands[:3])
        y: Tensor = torch.ops.pose3d.structure_conv(*operands)
        return y

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, ...]:
        x, offsets, weight = ctx.saved_tensors
        dy = grads[0].contiguous()
        dx, doffsets, dweight = torch.ops.pose3d.structure_conv_backward(x, offsets, weight, dy)
        doffsets = doffsets.transpose(0, 1).reshape(offsets.shape).to(offsets.dtype)
        return dx, doffsets, dweight.sum(0), dy.sum((0, 1, 2), dtype=torch.float32)


def warps(channels: int) -> int:
    """Return how many of the forward kernel share its tokens, so that registers suffice."""
    return WARPS * max(1, channels // 128)


@triton.jit
@no_type_check
def corners(offsets, tokens, tap, total, frames, V: tl.constexpr):
    """Return the four tokens around where a tap reads, which of them exist, and how far in it is."""
    inside = tokens < total
    within = tokens % (frames * V)
    row = (within // V + (tap // 3 - 1)).to(tl.float32)
    column = (within % V + (tap % 3 - 1)).to(tl.float32)
    at = offsets + tokens * (2 * TAPS) + 2 * tap
    row += tl.load(at, mask=inside, other=0.0).to(tl.float32)
    column += tl.load(at + 1, mask=inside, other=0.0).to(tl.float32)
    top, left = tl.floor(row), tl.floor(column)
    upper, lower = inside & (top >= 0) & (top < frames), inside & (top >= -1) & (top < frames - 1)
    near, far = (left >= 0) & (left < V), (left >= -1) & (left < V - 1)
    # Places far outside would overflow as integers.
    token = tokens - within + tl.where(upper | lower, top, 0.0).to(tl.int32) * V
    token += tl.where(near | far, left, 0.0).to(tl.int32)
    places = (token, token + 1, token + V, token + (V + 1))
    exist = (upper & near, upper & far, lower & near, lower & far)
    return places, exist, (row - top)[:, None], (column - left)[:, None]


@triton.jit
@no_type_check
def read(x, place, exists, channels, ROW: tl.constexpr):
    """Load one row for every token."""
    at = x + place[:, None] * ROW + channels
    return tl.load(at, mask=exists[:, None], other=0.0).to(tl.float32)


@triton.jit
@no_type_check
def filter_kernel(
    x, offsets, weight, bias, y, total, frames, gap,
    SILU: tl.constexpr, V: tl.constexpr, E: tl.constexpr, ROW: tl.constexpr, TOKENS: tl.constexpr,
):  # fmt: skip
    """Filter TOKENS tokens; x (total e), a row every ROW numbers, offsets (total 18), weight (9 e).

    y (total e), with room for ``gap`` tokens before each clip. SiLU follows, if SILU.
    """
    tokens = tl.program_id(0) * TOKENS + tl.arange(0, TOKENS)
    channels = tl.arange(0, E)[None, :]
    total_sum = tl.zeros((TOKENS, E), tl.float32) + tl.load(bias + channels)
    for tap in tl.static_range(TAPS):
        places, exist, below, beside = corners(offsets, tokens, tap, total, frames, V)
        shares = (
            (1 - below) * (1 - beside), (1 - below) * beside, below * (1 - beside), below * beside
        )  # fmt: skip
        sample = tl.zeros((TOKENS, E), tl.float32)
        for j in tl.static_range(4):
            sample += shares[j] * read(x, places[j], exist[j], channels, ROW)
        total_sum += sample * tl.load(weight + tap * E + channels)
    if SILU:
        total_sum *= tl.sigmoid(total_sum)
    tokens_out = tokens + (tokens // (frames * V) + 1) * gap
    at = y + tokens_out[:, None] * E + channels
    tl.store(at, total_sum.to(y.dtype.element_ty), mask=(tokens < total)[:, None])


@triton.jit
@no_type_check
def _filter_backward_kernel(
    x, offsets, weight, dy, dx, doffsets, dweight, total, frames,
    BLOCKS: tl.constexpr,
    V: tl.constexpr, E: tl.constexpr, ROW: tl.constexpr, TOKENS: tl.constexpr,
):  # fmt: skip
    """Differentiate; grid (taps, parts). dx (total e) holds zeros, doffsets (9 total 2)."""
    tap, part = tl.program_id(0), tl.program_id(1)
    channels = tl.arange(0, E)[None, :]
    filters = tl.load(weight + tap * E + channels)
    dweight_sum = tl.zeros((TOKENS, E), tl.float32)
    for block in range(BLOCKS):
        tokens = (part * BLOCKS + block) * TOKENS + tl.arange(0, TOKENS)
        places, exist, below, beside = corners(offsets, tokens, tap, total, frames, V)
        g = read(dy, tokens, tokens < total, channels, E)
        v00 = read(x, places[0], exist[0], channels, ROW)
        v01 = read(x, places[1], exist[1], channels, ROW)
        v10 = read(x, places[2], exist[2], channels, ROW)
        v11 = read(x, places[3], exist[3], channels, ROW)
        upper, lower = v00 + beside * (v01 - v00), v10 + beside * (v11 - v10)
        dweight_sum += g * (upper + below * (lower - upper))
        g *= filters
        along = (v01 - v00) + below * ((v11 - v10) - (v01 - v00))
        at = doffsets + (tap * total + tokens) * 2
        tl.store(at, tl.sum(g * (lower - upper), axis=1), mask=tokens < total)
        tl.store(at + 1, tl.sum(g * along, axis=1), mask=tokens < total)
        shares = (
            (1 - below) * (1 - beside), (1 - below) * beside, below * (1 - beside), below * beside
        )  # fmt: skip
        for j in tl.static_range(4):
            at = dx + places[j][:, None] * E + channels
            share = (g * shares[j]).to(dx.dtype.element_ty)
            tl.atomic_add(at, share, mask=exist[j][:, None], sem="relaxed")
    tl.store(dweight + (part * TAPS + tap) * E + tl.arange(0, E), tl.sum(dweight_sum, axis=0))


@torch.library.custom_op("pose3d::structure_conv", mutates_args=())
def _forward(x: Tensor, offsets: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    y = x.new_empty(x.shape)
    total = x.shape[:3].numel()
    filter_kernel[(triton.cdiv(total, TOKENS),)](
        x, offsets, weight, bias, y, total, x.shape[1], 0,
        SILU=False, V=x.shape[2], E=x.shape[3], ROW=pitch(x), TOKENS=TOKENS,
        num_warps=warps(x.shape[3]),
    )  # fmt: skip
    return y


@_forward.register_fake
def _(x: Tensor, offsets: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    del offsets, weight, bias
    return x.new_empty(x.shape)


@torch.library.custom_op("pose3d::structure_conv_backward", mutates_args=())
def _backward(
    x: Tensor, offsets: Tensor, weight: Tensor, dy: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Return the gradients of x, of the offsets (9 tokens 2), and parts of that of the weights."""
    dx, doffsets, dweight = grads = _backward_results(x)
    dx.zero_()
    _filter_backward_kernel[(TAPS.value, len(dweight))](
        x, offsets, weight, dy, *grads, doffsets.shape[1], x.shape[1],
        BLOCKS=BLOCKS, V=x.shape[2], E=x.shape[3], ROW=pitch(x), TOKENS=FEWER_TOKENS,
        num_warps=2,
    )  # fmt: skip
    return grads


@_backward.register_fake
def _(x: Tensor, offsets: Tensor, weight: Tensor, dy: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    del offsets, weight, dy
    return _backward_results(x)


def _backward_results(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    total = x.shape[:3].numel()
    parts = triton.cdiv(total, FEWER_TOKENS * BLOCKS)
    return (
        x.new_empty(x.shape),
        x.new_empty(TAPS.value, total, 2, dtype=torch.float32),
        x.new_empty(parts, TAPS.value, x.shape[3], dtype=torch.float32),
    )
