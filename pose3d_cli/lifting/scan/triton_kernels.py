"""The selective scan as GPU kernels in Triton; ``triton_scan.py`` calls them.

One warp runs one direction of one clip for ``EL·ER`` channels, and keeps their states in registers.
Its tile of states has four axes:

    NR  states that one thread holds                EL  threads side by side along channels
    NL  threads that share a channel's states       ER  channels that one thread holds

EL·NL is the warp's 32 threads, so every axis is either all registers or all threads: rows arrive
by wide loads where they are needed, and sums over states and channels take few shuffles. Rows are
copied to shared memory some chunks ahead of their use, else every step would wait for memory.

Where clips are few, each is cut into segments that are scanned at the same time. What a segment does to
the state that it starts from is known beforehand: it leaves exp(A·Σδ) of it, and adds where it would end
from 0. So a first pass finds that out for every segment, and a second one starts each from the right state.
"""

from typing import no_type_check

import triton
import triton.language as tl

CHUNK = tl.constexpr(4)
AHEAD = tl.constexpr(4)
"""Chunks on their way from memory, the present one included; more take too much shared memory."""
LOG2_E = tl.constexpr(1.4426950408889634)


@triton.jit
@no_type_check
def axes(tile, NR: tl.constexpr, EL: tl.constexpr, NL: tl.constexpr, ER: tl.constexpr):
    """Return the states (NR, NL), the channels (EL, NL, ER) and the cells of a tile in memory."""
    nr, nl = tl.arange(0, NR), tl.arange(0, NL)
    el, er = tl.arange(0, EL)[:, None, None], tl.arange(0, ER)[None, None, :]
    states = nl[None, :] * NR + nr[:, None]
    channels = tl.broadcast_to((tile * EL + el) * ER + er, (EL, NL, ER))
    cells = ((er * NL + nl[None, :, None]) * EL + el)[None] * NR + nr[:, None, None, None]
    return states, channels, cells


@triton.jit
@no_type_check
def rows(
    x, delta, b, c, order, i, length, states, channels,
    E: tl.constexpr, B_ROW: tl.constexpr, C_ROW: tl.constexpr,
):  # fmt: skip
    """Load what step i reads; beyond the end a step of length 0, which changes nothing."""
    token = tl.load(order + tl.minimum(i, length - 1))
    return (
        token,
        tl.load(x + token * E + channels),
        tl.load(delta + token * E + channels, mask=i < length, other=0.0),
        tl.load(b + token * B_ROW + states),
        tl.load(c + token * C_ROW + states),
    )


@triton.jit
@no_type_check
def advance(h, row, rate):
    """Return the state after a step, and how much of the old one is left in it."""
    _, value, step, b, _ = row
    step = step.to(tl.float32)
    decay = tl.exp2(step[None] * rate)
    gain = (step * value.to(tl.float32))[None] * b.to(tl.float32)[:, None, :, None]
    return decay * h + gain, decay


@triton.jit
@no_type_check
def over_states(values, EL: tl.constexpr, NL: tl.constexpr, ER: tl.constexpr):
    """Sum a tile over its states, for all threads of a channel."""
    return tl.broadcast_to(tl.sum(tl.sum(values, axis=0), axis=1)[:, None, :], (EL, NL, ER))


@triton.jit
@no_type_check
def scan_ends_kernel(
    x, delta, a, b, order, ends, passed, length, span,
    SEGMENTS: tl.constexpr, B_ROW: tl.constexpr,
    INPUTS: tl.constexpr, E: tl.constexpr, N: tl.constexpr,
    NR: tl.constexpr, EL: tl.constexpr, NL: tl.constexpr, ER: tl.constexpr,
):  # fmt: skip
    """Find where segments would end from 0, and how much time passes in them; the last is left out.

    Grid (tiles of channels, directions, clips × (segments − 1)); operands as in ``scan_kernel``.
    ends (b k segments−1 tiles cells), passed (b k segments−1 e).
    """
    tile, k = tl.program_id(0), tl.program_id(1)
    s, segment = tl.program_id(2) // (SEGMENTS - 1), tl.program_id(2) % (SEGMENTS - 1)
    tiles, sk = tl.num_programs(0), (s * tl.num_programs(1) + k).to(tl.int64)
    x += (s * INPUTS + k % INPUTS).to(tl.int64) * length * E
    delta += sk * length * E
    b += sk * length * B_ROW
    order += k * length

    states, channels, cells = axes(tile, NR, EL, NL, ER)
    first = tl.broadcast_to(tl.arange(0, NL)[None, :, None] == 0, (EL, NL, ER))
    rate = tl.load(a + (k * E + channels[None]) * N + states[:, None, :, None]) * LOG2_E
    h = tl.zeros((NR, EL, NL, ER), tl.float32)
    time = tl.zeros((EL, NL, ER), tl.float32)
    begin = segment * span
    for start in tl.range(begin, begin + span, CHUNK, num_stages=AHEAD):
        now = ()
        for j in tl.static_range(CHUNK):
            row = rows(x, delta, b, b, order, start + j, length, states, channels, E, B_ROW, B_ROW)
            now += (row,)
        for j in tl.static_range(CHUNK):
            h, _ = advance(h, now[j], rate)
            _, _, step, _, _ = now[j]
            time += step.to(tl.float32)
    known = sk * (SEGMENTS - 1) + segment
    tl.store(ends + (known * tiles + tile) * (N * EL * ER) + cells, h)
    tl.store(passed + known * E + channels, time, mask=first)


@triton.jit
@no_type_check
def scan_kernel(
    x, delta, a, b, c, d, order, y, saved, ends, passed, length, span,
    SEGMENTS: tl.constexpr, KEEP: tl.constexpr, B_ROW: tl.constexpr, C_ROW: tl.constexpr,
    INPUTS: tl.constexpr, E: tl.constexpr, N: tl.constexpr,
    NR: tl.constexpr, EL: tl.constexpr, NL: tl.constexpr, ER: tl.constexpr,
):  # fmt: skip
    """Scan; grid (tiles of channels, directions, clips × segments of ``span`` steps).

    x (b g l e), delta (b k l e), a (k e n), b and c (b k l n), d (k e), order (k l) as in
    ``reference.py``, a row of b every B_ROW numbers, one of c every C_ROW; ends and passed as
    ``scan_ends_kernel`` left them, if there are several segments; y (b k l e); saved (b k chunks tiles
    cells), if KEEP.
    """
    tile, k = tl.program_id(0), tl.program_id(1)
    s, segment = tl.program_id(2) // SEGMENTS, tl.program_id(2) % SEGMENTS
    tiles, sk = tl.num_programs(0), (s * tl.num_programs(1) + k).to(tl.int64)
    x += (s * INPUTS + k % INPUTS).to(tl.int64) * length * E
    delta += sk * length * E
    b += sk * length * B_ROW
    c += sk * length * C_ROW
    y += sk * length * E
    order += k * length
    chunk = sk * tl.cdiv(length, CHUNK) + segment * span // CHUNK
    saved += (chunk * tiles + tile) * (N * EL * ER)

    states, channels, cells = axes(tile, NR, EL, NL, ER)
    first = tl.broadcast_to(tl.arange(0, NL)[None, :, None] == 0, (EL, NL, ER))
    rate = tl.load(a + (k * E + channels[None]) * N + states[:, None, :, None]) * LOG2_E
    skip = tl.load(d + k * E + channels)
    h = tl.zeros((NR, EL, NL, ER), tl.float32)
    if SEGMENTS > 1:
        for before in range(segment):
            known = sk * (SEGMENTS - 1) + before
            left = tl.exp2(tl.load(passed + known * E + channels)[None] * rate)
            h = left * h + tl.load(ends + (known * tiles + tile) * (N * EL * ER) + cells)
    begin = segment * span
    for start in tl.range(begin, tl.minimum(begin + span, length), CHUNK, num_stages=AHEAD):
        now = ()
        for j in tl.static_range(CHUNK):
            row = rows(x, delta, b, c, order, start + j, length, states, channels, E, B_ROW, C_ROW)
            now += (row,)
        if KEEP:
            tl.store(saved + cells, h)
            saved += tiles * (N * EL * ER)
        for j in tl.static_range(CHUNK):
            h, _ = advance(h, now[j], rate)
            token, value, _, _, weight = now[j]
            out = over_states(h * weight.to(tl.float32)[:, None, :, None], EL, NL, ER)
            out += skip * value.to(tl.float32)
            place = y + token * E + channels
            tl.store(place, out.to(y.dtype.element_ty), mask=first & (start + j < length))
