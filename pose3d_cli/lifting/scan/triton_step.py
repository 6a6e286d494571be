"""The time steps of the selective scan on a GPU: projection, bias and softplus in one kernel.

Backwards, a slope and two matrix products, which PyTorch does as fast as memory allows.
"""

from typing import Any, no_type_check

import torch
import triton
import triton.language as tl
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import pad

from pose3d_cli.lifting.rows import evenly, pitch

TOKENS = 16
"""Tokens that a program works on at a time."""
BLOCKS = 16
"""Times that a program does so."""
ALIGNED = 8
"""Matrices of half precision whose rows have a multiple of so many numbers are multiplied faster."""
LOG2_E = tl.constexpr(1.4426950408889634)


def time_step(
    r: Float[Tensor, "b k l r"],
    weight: Float[Tensor, "k e r"],
    bias: Float[Tensor, "k e"],
) -> Float[Tensor, "b k l e"]:
    """Return the same as ``reference.time_step``, in the type of r; sums are float32."""
    channels = weight.shape[1]
    more = triton.next_power_of_2(channels) - channels
    weight, bias = pad(weight.mT, (0, more)), pad(bias, (0, more))
    operands = (evenly(r), weight.float().contiguous(), bias.float().contiguous())
    delta: Tensor = _TimeStep.apply(*operands)  # type: ignore[no-untyped-call]
    return delta[..., :channels] if more else delta


class _TimeStep(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, *operands: Tensor) -> Tensor:
        delta: Tensor = torch.ops.pose3d.time_step(*operands)
        ctx.save_for_backward(operands[0], operands[1], delta)
        return delta

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, ...]:
        r, weight, delta = ctx.saved_tensors
        rank, more = r.shape[-1], -r.shape[-1] % ALIGNED
        r, weight = pad(r, (0, more)), pad(weight, (0, 0, 0, more))
        dz = grads[0].float() * -torch.expm1(-delta.float())  # the slope of softplus, by its value
        rows = dz.to(r.dtype)
        dr = rows @ weight.mT.to(r.dtype)
        dweight = (r.mT @ rows).sum(0, dtype=torch.float32)
        return dr[..., :rank], dweight[:, :rank], dz.sum((0, 2))


@triton.jit
@no_type_check
def softplus(z):
    """Return log(1 + exp(z)) = max(z, 0) + log1p(t) with t = exp(−|z|), to the last bits.

    log1p(t) / t is a polynomial that interpolates it at the Chebyshev nodes of [0, 1]: 5e-9 off.
    """
    t = tl.exp2(-tl.abs(z) * LOG2_E)
    p = -0.0031760570127516985 * t + 0.019542528316378593
    p = p * t - 0.05637361481785774
    p = p * t + 0.10543623566627502
    p = p * t - 0.1526966691017151
    p = p * t + 0.1966327428817749
    p = p * t - 0.24951615929603577
    p = p * t + 0.33329710364341736
    p = p * t - 0.49999892711639404
    return tl.maximum(z, 0.0) + t * (p * t + 1.0)


@triton.jit
@no_type_check
def _step_kernel(
    r, weight, bias, delta, length, directions,
    E: tl.constexpr, ROW: tl.constexpr, RANK: tl.constexpr,
    TOKENS: tl.constexpr, BLOCKS: tl.constexpr,
):  # fmt: skip
    """Grid (parts of a clip, clips × directions); weight (k r e), bias (k e), delta (b k l e).

    r (b k l r), a row every ROW numbers.
    """
    part, sk = tl.program_id(0), tl.program_id(1)
    k, channels = sk % directions, tl.arange(0, E)[None, :]
    r += sk.to(tl.int64) * length * ROW
    delta += sk.to(tl.int64) * length * E
    shift, matrix = tl.load(bias + k * E + channels), ()
    for j in tl.static_range(RANK):
        matrix += (tl.load(weight + (k * RANK + j) * E + channels),)
    for block in range(BLOCKS):
        tokens = (part * BLOCKS + block) * TOKENS + tl.arange(0, TOKENS)[:, None]
        inside = tokens < length
        z = tl.zeros((TOKENS, E), tl.float32) + shift
        for j in tl.static_range(RANK):
            z += tl.load(r + tokens * ROW + j, mask=inside, other=0.0).to(tl.float32) * matrix[j]
        at = delta + tokens * E + channels
        tl.store(at, softplus(z).to(delta.dtype.element_ty), mask=inside)


@torch.library.custom_op("pose3d::time_step", mutates_args=())
def _forward(r: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    grid, sizes = _tiling(r, weight)
    delta = r.new_empty(*r.shape[:3], weight.shape[2])
    _step_kernel[grid](r, weight, bias, delta, r.shape[2], r.shape[1], **sizes)
    return delta


@_forward.register_fake
def _(r: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    del bias
    return r.new_empty(*r.shape[:3], weight.shape[2])


def _tiling(r: Tensor, weight: Tensor) -> tuple[tuple[int, int], dict[str, Any]]:
    batch, directions, length, rank = r.shape
    grid = (triton.cdiv(length, TOKENS * BLOCKS), batch * directions)
    sizes = {"E": weight.shape[2], "ROW": pitch(r), "RANK": rank}
    return grid, {**sizes, "TOKENS": TOKENS, "BLOCKS": BLOCKS, "num_warps": 4}
