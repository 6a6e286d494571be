"""The time steps of the selective scan on a GPU: projection, bias and softplus in one kernel."""

from typing import Any, no_type_check

import torch
import triton
import triton.language as tl
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import pad

TOKENS = 16
"""Tokens that a program works on at a time."""
BLOCKS = 16
"""Times that a program does so."""
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
    operands = (r.contiguous(), weight.float().contiguous(), bias.float().contiguous())
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
        ddelta = grads[0].contiguous()
        dr, dweight, dbias = torch.ops.pose3d.time_step_backward(*ctx.saved_tensors, ddelta)
        return dr, dweight.sum((0, 2)), dbias.sum((0, 2))


@triton.jit
@no_type_check
def _softplus(z):
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
def _forward_kernel(
    r, weight, bias, delta, length, directions,
    E: tl.constexpr, RANK: tl.constexpr, TOKENS: tl.constexpr, BLOCKS: tl.constexpr,
):  # fmt: skip
    """Grid (parts of a clip, clips × directions); r (b k l r), weight (k r e), bias (k e)."""
    part, sk = tl.program_id(0), tl.program_id(1)
    k, channels = sk % directions, tl.arange(0, E)[None, :]
    r += sk.to(tl.int64) * length * RANK
    delta += sk.to(tl.int64) * length * E
    shift, matrix = tl.load(bias + k * E + channels), ()
    for j in tl.static_range(RANK):
        matrix += (tl.load(weight + (k * RANK + j) * E + channels),)
    for block in range(BLOCKS):
        tokens = (part * BLOCKS + block) * TOKENS + tl.arange(0, TOKENS)[:, None]
        inside = tokens < length
        z = tl.zeros((TOKENS, E), tl.float32) + shift
        for j in tl.static_range(RANK):
            z += tl.load(r + tokens * RANK + j, mask=inside, other=0.0).to(tl.float32) * matrix[j]
        at = delta + tokens * E + channels
        tl.store(at, _softplus(z).to(delta.dtype.element_ty), mask=inside)


@triton.jit
@no_type_check
def _backward_kernel(
    r, weight, delta, ddelta, dr, dweight, dbias, length, directions,
    E: tl.constexpr, RANK: tl.constexpr, TOKENS: tl.constexpr, BLOCKS: tl.constexpr,
):  # fmt: skip
    """Grid as above; dweight (b k parts r e) and dbias (b k parts e) are each program's own."""
    part, sk = tl.program_id(0), tl.program_id(1)
    k, channels = sk % directions, tl.arange(0, E)[None, :]
    r += sk.to(tl.int64) * length * RANK
    dr += sk.to(tl.int64) * length * RANK
    delta += sk.to(tl.int64) * length * E
    ddelta += sk.to(tl.int64) * length * E
    dbias_sum, dweight_sums, matrix = tl.zeros((TOKENS, E), tl.float32), (), ()
    for j in tl.static_range(RANK):
        dweight_sums += (tl.zeros((TOKENS, E), tl.float32),)
        matrix += (tl.load(weight + (k * RANK + j) * E + channels),)
    for block in tl.range(BLOCKS, num_stages=3):
        tokens = (part * BLOCKS + block) * TOKENS + tl.arange(0, TOKENS)[:, None]
        at, inside = tokens * E + channels, tokens < length
        step = tl.load(delta + at, mask=inside, other=0.0).to(tl.float32)
        dz = tl.load(ddelta + at, mask=inside, other=0.0).to(tl.float32)
        dz *= 1 - tl.exp2(-step * LOG2_E)  # the slope of softplus, by its value
        dbias_sum += dz
        sums, dweight_sums = dweight_sums, ()
        for j in tl.static_range(RANK):
            at = tokens * RANK + j
            value = tl.load(r + at, mask=inside, other=0.0).to(tl.float32)
            dweight_sums += (sums[j] + dz * value,)
            back = tl.sum(dz * matrix[j], axis=1)[:, None]
            tl.store(dr + at, back.to(dr.dtype.element_ty), mask=inside)
    own, channel = sk * tl.num_programs(0) + part, tl.arange(0, E)
    tl.store(dbias + own * E + channel, tl.sum(dbias_sum, axis=0))
    for j in tl.static_range(RANK):
        tl.store(dweight + (own * RANK + j) * E + channel, tl.sum(dweight_sums[j], axis=0))


@torch.library.custom_op("pose3d::time_step", mutates_args=())
def _forward(r: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    grid, sizes = _tiling(r, weight)
    delta = r.new_empty(*r.shape[:3], weight.shape[2])
    _forward_kernel[grid](r, weight, bias, delta, r.shape[2], r.shape[1], **sizes)
    return delta


@_forward.register_fake
def _(r: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    del bias
    return r.new_empty(*r.shape[:3], weight.shape[2])


@torch.library.custom_op("pose3d::time_step_backward", mutates_args=())
def _backward(
    r: Tensor, weight: Tensor, delta: Tensor, ddelta: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Return the gradient of r, and parts of which those of weight and bias are the sums."""
    grid, sizes = _tiling(r, weight)
    grads = _backward_results(r, weight)
    _backward_kernel[grid](r, weight, delta, ddelta, *grads, r.shape[2], r.shape[1], **sizes)
    return grads


@_backward.register_fake
def _(r: Tensor, weight: Tensor, delta: Tensor, ddelta: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    del delta, ddelta
    return _backward_results(r, weight)


def _backward_results(r: Tensor, weight: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    (parts, _), _ = _tiling(r, weight)
    batch, directions = r.shape[:2]
    dweight = weight.new_empty(batch, directions, parts, *weight.shape[1:])
    return torch.empty_like(r), dweight, dweight.new_empty(*dweight.shape[:3], weight.shape[2])


def _tiling(r: Tensor, weight: Tensor) -> tuple[tuple[int, int], dict[str, Any]]:
    batch, directions, length, rank = r.shape
    grid = (triton.cdiv(length, TOKENS * BLOCKS), batch * directions)
    sizes = {"E": weight.shape[2], "RANK": rank, "TOKENS": TOKENS, "BLOCKS": BLOCKS}
    return grid, {**sizes, "num_warps": 4}
