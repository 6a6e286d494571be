"""The deformable depthwise 3×3 convolution compiled for the CPU by numba."""

from typing import Any, no_type_check

import numba
import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor
from torch.autograd.function import once_differentiable

from pose3d_cli.compiled import jit


def structure_conv(
    x: Float[Tensor, "b t v e"],
    offsets: Float[Tensor, "b t v 18"],
    weight: Float[Tensor, "e 9"],
    bias: Float[Tensor, " e"],
) -> Float[Tensor, "b t v e"]:
    """Return the same as ``reference.structure_conv``, for float32 tensors on the CPU."""
    y: Tensor = _StructureConv.apply(x, offsets, weight.T, bias)  # type: ignore[no-untyped-call]
    return y


class _StructureConv(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, *tensors: Tensor) -> Tensor:
        x, offsets, weight, bias = (t.contiguous() for t in tensors)
        y = torch.empty_like(x)
        _forward(*_arrays(x, offsets, weight, bias, y))
        ctx.save_for_backward(x, offsets, weight)
        return y

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, ...]:
        x, offsets, weight = ctx.saved_tensors
        dy = grads[0].contiguous()
        dx, doffsets = torch.zeros_like(x), torch.empty_like(offsets)
        dweight = weight.new_zeros(len(x), *weight.shape)  # one a clip, so that threads never meet
        _backward(*_arrays(x, offsets, weight, dy, dx, doffsets, dweight))
        return dx, doffsets, dweight.sum(0), dy.sum((0, 1, 2))


def _arrays(*tensors: Tensor) -> list[np.ndarray]:
    return [t.detach().numpy() for t in tensors]


@jit()
@no_type_check  # numba reads the source: no type checker may wrap these
def _place(offsets, t, v, tap):  # pragma: no cover - compiled
    """Top left grid point of a tap, and how far below and right of it the tap reads."""
    row = np.float32(t + tap // 3 - 1) + offsets[2 * tap]
    column = np.float32(v + tap % 3 - 1) + offsets[2 * tap + 1]
    top, left = np.floor(row), np.floor(column)
    return int(top), int(left), row - top, column - left


@jit(parallel=True)
@no_type_check
def _forward(x, offsets, weight, bias, y):  # pragma: no cover - compiled
    batch, frames, joints, channels = x.shape
    for task in numba.prange(batch * frames):
        s, t = task // frames, task % frames
        for v in range(joints):
            y[s, t, v] = bias
            for tap in range(9):
                top, left, below, right = _place(offsets[s, t, v], t, v, tap)
                for corner in range(4):
                    r, c = top + corner // 2, left + corner % 2
                    if 0 <= r < frames and 0 <= c < joints:
                        share = below if corner // 2 else np.float32(1) - below
                        share *= right if corner % 2 else np.float32(1) - right
                        for e in range(channels):
                            y[s, t, v, e] += share * weight[tap, e] * x[s, r, c, e]


@jit(parallel=True)
@no_type_check
def _backward(x, offsets, weight, dy, dx, doffsets, dweight):  # pragma: no cover - compiled
    batch, frames, joints, channels = x.shape
    for s in numba.prange(batch):
        for t in range(frames):
            for v in range(joints):
                for tap in range(9):
                    top, left, below, right = _place(offsets[s, t, v], t, v, tap)
                    drow, dcolumn = np.float32(0), np.float32(0)
                    for corner in range(4):
                        r, c = top + corner // 2, left + corner % 2
                        if 0 <= r < frames and 0 <= c < joints:
                            down = below if corner // 2 else np.float32(1) - below
                            along = right if corner % 2 else np.float32(1) - right
                            share, dot = down * along, np.float32(0)
                            for e in range(channels):
                                out = dy[s, t, v, e]
                                dx[s, r, c, e] += share * weight[tap, e] * out
                                dweight[s, tap, e] += share * out * x[s, r, c, e]
                                dot += weight[tap, e] * out * x[s, r, c, e]
                            drow += dot * along * np.float32(2 * (corner // 2) - 1)
                            dcolumn += dot * down * np.float32(2 * (corner % 2) - 1)
                    doffsets[s, t, v, 2 * tap] = drow
                    doffsets[s, t, v, 2 * tap + 1] = dcolumn
