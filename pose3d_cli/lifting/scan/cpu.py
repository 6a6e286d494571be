"""The selective scan compiled for the CPU by numba: no compiler on the user's machine.

One task per clip and direction; inside it the channels are vectorised, so that the state of a
direction (channels × states floats) stays in the first-level cache. The backward pass keeps the
state only every ``CHUNK`` steps and recomputes the ones between.
"""

from typing import Any, no_type_check

import numba
import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.autograd.function import once_differentiable

from pose3d_cli.compiled import jit

CHUNK = 16
_LOG2_E = np.float32(1.4426950408889634)


def selective_scan(
    x: Float[Tensor, "b g l e"],
    delta: Float[Tensor, "b k l e"],
    a: Float[Tensor, "k e n"],
    b: Float[Tensor, "b k l n"],
    c: Float[Tensor, "b k l n"],
    d: Float[Tensor, "k e"],
    order: Int[Tensor, "k l"],
) -> Float[Tensor, "b l e"]:
    """Return the same as ``reference.selective_scan``, for float32 tensors on the CPU."""
    y: Tensor = _Scan.apply(x, delta, a, b, c, d, order)  # type: ignore[no-untyped-call]
    return y


class _Scan(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, *tensors: Tensor) -> Tensor:
        x, delta, a, b, c, d, order = (t.contiguous() for t in tensors)
        a_ne = a.transpose(1, 2).contiguous()  # k n e: channels innermost, where the vectors are
        batch, _, length, channels = x.shape
        saves = -(-length // CHUNK) if any(ctx.needs_input_grad) else 0
        states = x.new_empty(batch, len(order), saves, a.shape[2], channels)
        y = x.new_empty(batch, len(order), length, channels)
        _forward(*_arrays(x, delta, a_ne, b, c, d, order, states, y))
        ctx.save_for_backward(x, delta, a_ne, b, c, d, order, states)
        return y.sum(1)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        x, delta, a_ne, b, c, d, order, states = ctx.saved_tensors
        dy = grads[0].contiguous()
        dx = torch.empty_like(delta)  # one for each direction, added up below
        ddelta, db, dc = torch.empty_like(delta), torch.empty_like(b), torch.empty_like(c)
        da = a_ne.new_zeros(len(x), *a_ne.shape)
        dd = d.new_zeros(len(x), *d.shape)
        _backward(*_arrays(x, delta, a_ne, b, c, d, order, states, dy, dx, ddelta, da, db, dc, dd))
        inputs = x.shape[1]
        dx = torch.stack([dx[:, g::inputs].sum(1) for g in range(inputs)], dim=1)
        return dx, ddelta, da.sum(0).transpose(1, 2), db, dc, dd.sum(0), None


def _arrays(*tensors: Tensor) -> list[np.ndarray]:
    return [t.detach().numpy() for t in tensors]


@jit()
@no_type_check  # numba reads the source: no type checker may wrap these
def _exp2_negative(value):  # pragma: no cover - compiled
    """Power of two for value ≤ 0 in a form that vectorises: 2^n·2^f, f in [−½, ½], n added to the exponent.

    The polynomial is that of exp2f in Moshier's Cephes library: 2e-9 off before rounding.
    """
    value = max(value, np.float32(-125.0))  # with f below 0 the least that is not denormal
    whole = np.rint(value)
    f = value - whole
    p = np.float32(1.535336188319500e-4)
    p = p * f + np.float32(1.339887440266574e-3)
    p = p * f + np.float32(9.618437357674640e-3)
    p = p * f + np.float32(5.550332471162809e-2)
    p = p * f + np.float32(2.402264791363012e-1)
    p = p * f + np.float32(6.931472028550421e-1)
    p = p * f + np.float32(1.0)
    bits = np.float32(p).view(np.int32) + (np.int32(whole) << np.int32(23))
    return np.int32(bits).view(np.float32)


@jit(parallel=True)
@no_type_check
def _forward(x, delta, a, b, c, d, order, states, y):  # pragma: no cover - compiled
    batch, inputs, length, channels = x.shape
    directions, count, _ = a.shape
    keep = states.shape[2] > 0
    for task in numba.prange(batch * directions):
        s, k = task // directions, task % directions
        g = k % inputs
        rate = a[k] * _LOG2_E
        u = np.empty(channels, np.float32)
        h = np.zeros((count, channels), np.float32)
        for i in range(length):
            if keep and i % CHUNK == 0:
                states[s, k, i // CHUNK] = h
            t = order[k, i]
            for e in range(channels):
                u[e] = delta[s, k, t, e] * x[s, g, t, e]
                y[s, k, t, e] = d[k, e] * x[s, g, t, e]
            for n in range(count):
                bn, cn = b[s, k, t, n], c[s, k, t, n]
                for e in range(channels):
                    decay = _exp2_negative(delta[s, k, t, e] * rate[n, e])
                    h[n, e] = decay * h[n, e] + u[e] * bn
                    y[s, k, t, e] += cn * h[n, e]


@jit(parallel=True)
@no_type_check
def _backward(
    x, delta, a, b, c, d, order, states, dy, dx, ddelta, da, db, dc, dd
):  # pragma: no cover - compiled
    batch, inputs, length, channels = x.shape
    directions, count, _ = a.shape
    for task in numba.prange(batch * directions):
        s, k = task // directions, task % directions
        g = k % inputs
        rate = a[k] * _LOG2_E
        carried = np.zeros((count, channels), np.float32)
        h = np.empty((CHUNK + 1, count, channels), np.float32)
        decay = np.empty((CHUNK, count, channels), np.float32)
        for chunk in range(states.shape[2] - 1, -1, -1):
            first = chunk * CHUNK
            steps = min(CHUNK, length - first)
            h[0] = states[s, k, chunk]
            for i in range(steps):
                t = order[k, first + i]
                for n in range(count):
                    bn = b[s, k, t, n]
                    for e in range(channels):
                        step = delta[s, k, t, e]
                        decay[i, n, e] = _exp2_negative(step * rate[n, e])
                        h[i + 1, n, e] = decay[i, n, e] * h[i, n, e] + step * x[s, g, t, e] * bn
            for i in range(steps - 1, -1, -1):
                t = order[k, first + i]
                for e in range(channels):
                    dx[s, k, t, e] = d[k, e] * dy[s, t, e]
                    ddelta[s, k, t, e] = np.float32(0)
                    dd[s, k, e] += dy[s, t, e] * x[s, g, t, e]
                for n in range(count):
                    bn, cn = b[s, k, t, n], c[s, k, t, n]
                    dbn, dcn = np.float32(0), np.float32(0)
                    for e in range(channels):
                        step, value, out = delta[s, k, t, e], x[s, g, t, e], dy[s, t, e]
                        adjoint = carried[n, e] + out * cn
                        dcn += out * h[i + 1, n, e]
                        dbn += adjoint * step * value
                        dx[s, k, t, e] += adjoint * bn * step
                        through = adjoint * decay[i, n, e]
                        dh = through * h[i, n, e]
                        ddelta[s, k, t, e] += adjoint * bn * value + dh * a[k, n, e]
                        da[s, k, n, e] += dh * step
                        carried[n, e] = through
                    db[s, k, t, n], dc[s, k, t, n] = dbn, dcn
