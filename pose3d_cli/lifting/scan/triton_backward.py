"""The selective scan backwards, as a GPU kernel in Triton; ``triton_scan.py`` calls it.

The forward pass saves the state every ``CHUNK`` steps. This one walks the chunks from last to first;
the states inside a chunk are recomputed from the saved one and stay in registers.
With λ the adjoint of the state h, and a = exp(δA), going back in time:

    λ ← λ + g·C        dC = Σₑ g·h      dB = Σₑ λ·δx     dx = D·g + δ·Σₙ λB
    λ ← a·λ            dA += λ·h'·δ     dδ = x·Σₙ λB + Σₙ λ·h'·A       with h' the state before
"""

from typing import no_type_check

import triton
import triton.language as tl

from pose3d_cli.lifting.scan.triton_kernels import (
    CHUNK,
    LOG2_E,
    advance,
    axes,
    each,
    each_row,
    each_weight,
    over_states,
    to_write,
    visited,
)

AHEAD = tl.constexpr(3)
"""Chunks on their way from memory, the present one included; more take too much shared memory."""
LN_2 = tl.constexpr(0.6931471805599453)


@triton.jit
@no_type_check
def over_channels(values, NR: tl.constexpr, EL: tl.constexpr, NL: tl.constexpr):
    """Sum a tile over its channels, for all threads of a state."""
    return tl.broadcast_to(tl.sum(tl.sum(values, axis=3), axis=1)[:, None, :], (NR, EL, NL))


@triton.jit
@no_type_check
def scan_backward_kernel(
    x, delta, a, b, c, d, order, saved, dy, dx, ddelta, da, db, dc, dd, length,
    B_ROW: tl.constexpr, C_ROW: tl.constexpr,
    INPUTS: tl.constexpr, E: tl.constexpr, N: tl.constexpr,
    NR: tl.constexpr, EL: tl.constexpr, NL: tl.constexpr, ER: tl.constexpr,
):  # fmt: skip
    """Differentiate the scan; grid as in ``scan_kernel``.

    dy (b l e). Each program writes parts of its own: dx and ddelta (b k l e), db and dc
    (b k tiles l n), da (b k e n), dd (b k e).
    """
    tile, k, s = tl.program_id(0), tl.program_id(1), tl.program_id(2)
    tiles, sk = tl.num_programs(0), (s * tl.num_programs(1) + k).to(tl.int64)
    chunks = tl.cdiv(length, CHUNK)
    x += (s * INPUTS + k % INPUTS).to(tl.int64) * length * E
    dy += s.to(tl.int64) * length * E
    delta += sk * length * E
    b += sk * length * B_ROW
    c += sk * length * C_ROW
    dx += sk * length * E
    ddelta += sk * length * E
    db += (sk * tiles + tile) * length * N
    dc += (sk * tiles + tile) * length * N
    order += k * length
    saved += ((sk * chunks + chunks - 1) * tiles + tile) * (N * EL * ER)

    states, channels, cells = axes(tile, NR, EL, NL, ER)
    everywhere, first = to_write(channels, EL, NL, ER)
    every_thread = tl.broadcast_to(states[:, None, :], (NR, EL, NL))
    leading = tl.broadcast_to(tl.arange(0, EL)[None, :, None] == 0, (NR, EL, NL))
    own = channels[None] * N + states[:, None, :, None]
    rate = tl.load(a + k * E * N + own) * LOG2_E
    skip = tl.load(d + k * E + everywhere)
    carried = tl.zeros((NR, EL, NL, ER), tl.float32)
    da_sum = tl.zeros((NR, EL, NL, ER), tl.float32)
    dd_sum = tl.zeros((EL, NL, ER), tl.float32)

    for chunk in tl.range(0, chunks, num_stages=AHEAD):
        start = (chunks - 1 - chunk) * CHUNK
        tokens, real = visited(order, start, length)
        values = each_row(x, tokens, real, channels, E)
        lengths = each_row(delta, tokens, real, channels, E)
        gs = each_row(dy, tokens, real, channels, E)
        ins, outs = each_weight(b, tokens, states, B_ROW), each_weight(c, tokens, states, C_ROW)
        visits = each(tokens)
        hs = (tl.load(saved - chunk * tiles * (N * EL * ER) + cells),)
        decays = ()
        for j in tl.static_range(CHUNK):
            h, decay = advance(hs[j], values[j], lengths[j], ins[j], rate)
            hs += (h,)
            decays += (decay,)
        for j in tl.static_range(CHUNK - 1, -1, -1):
            token, exists = visits[j], start + j < length
            value = tl.broadcast_to(values[j].to(tl.float32), (EL, NL, ER))
            step = tl.broadcast_to(lengths[j].to(tl.float32), (EL, NL, ER))
            g = tl.broadcast_to(gs[j].to(tl.float32), (EL, NL, ER))
            weight_in = ins[j].to(tl.float32)[:, None, :, None]
            weight_out = outs[j].to(tl.float32)[:, None, :, None]
            adjoint = carried + g[None] * weight_out
            to_c = over_channels(hs[j + 1] * g[None], NR, EL, NL)
            to_b = over_channels(adjoint * (step * value)[None], NR, EL, NL)
            carried = adjoint * decays[j]
            through = carried * hs[j]
            to_u = over_states(adjoint * weight_in, EL, NL, ER)
            to_rate = over_states(through * rate, EL, NL, ER)
            da_sum += through * step[None]
            dd_sum += g * value
            to_x, to_step = skip * g + step * to_u, value * to_u + LN_2 * to_rate
            out, at = first & exists, token * E + everywhere
            tl.store(dx + at, to_x.to(dx.dtype.element_ty), mask=out)
            tl.store(ddelta + at, to_step.to(ddelta.dtype.element_ty), mask=out)
            out, at = leading & exists, token * N + every_thread
            tl.store(db + at, to_b.to(db.dtype.element_ty), mask=out)
            tl.store(dc + at, to_c.to(dc.dtype.element_ty), mask=out)
    tl.store(da + sk * E * N + own, da_sum)
    tl.store(dd + sk * E + everywhere, dd_sum, mask=first)
