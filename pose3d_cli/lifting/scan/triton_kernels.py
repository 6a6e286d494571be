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
"""Steps whose rows are loaded together; ``each`` takes apart so many."""
AHEAD, AHEAD_KEEPING = tl.constexpr(3), tl.constexpr(4)
"""Chunks on their way from memory, the present one included, without and with states to keep; measured."""
LOG2_E = tl.constexpr(1.4426950408889634)


@triton.jit
@no_type_check
def axes(tile, NR: tl.constexpr, EL: tl.constexpr, NL: tl.constexpr, ER: tl.constexpr):
    """Return the states (NR, NL), the channels (EL, 1, ER) and the cells of a tile in memory."""
    nr, nl = tl.arange(0, NR), tl.arange(0, NL)
    el, er = tl.arange(0, EL)[:, None, None], tl.arange(0, ER)[None, None, :]
    states = nl[None, :] * NR + nr[:, None]
    channels = (tile * EL + el) * ER + er
    cells = ((er * NL + nl[None, :, None]) * EL + el)[None] * NR + nr[:, None, None, None]
    return states, channels, cells


@triton.jit
@no_type_check
def each(rows):
    """Return the CHUNK tensors that lie along the last axis."""
    even, odd = tl.split(tl.reshape(rows, rows.shape[:-1] + [2, 2]))  # noqa: RUF005 - cannot unpack
    first, third = tl.split(even)
    second, fourth = tl.split(odd)
    return first, second, third, fourth


@triton.jit
@no_type_check
def visited(order, start, length):
    """Return the tokens of CHUNK steps, and which steps there are; beyond the end is the last token."""
    i = start + tl.arange(0, CHUNK)
    return tl.load(order + tl.minimum(i, length - 1)), i < length


@triton.jit
@no_type_check
def each_row(x, tokens, real, channels, E: tl.constexpr):
    """Load what a tile of channels is at each of the tokens; 0 beyond the end.

    On their way, in shared memory, tokens are the outermost axis: threads side by side write side by side.
    """
    at = tokens[:, None, None, None] * E + channels[None]
    rows = tl.load(x + at, mask=real[:, None, None, None], other=0.0)
    return each(tl.permute(rows, 1, 2, 3, 0))


@triton.jit
@no_type_check
def each_weight(b, tokens, states, ROW: tl.constexpr):
    """Load what the weights of all states are at each of the tokens."""
    return each(tl.permute(tl.load(b + tokens[:, None, None] * ROW + states[None]), 1, 2, 0))


@triton.jit
@no_type_check
def advance(h, value, step, b, rate):
    """Return the state after a step, and how much of the old one is left in it: all, if its length is 0."""
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
def to_write(channels, EL: tl.constexpr, NL: tl.constexpr, ER: tl.constexpr):
    """Return the channels of all threads, and which threads write: those that hold the first states.

    What is spread over all threads is written from where it lies; else it would be moved about first.
    """
    first = tl.broadcast_to(tl.arange(0, NL)[None, :, None] == 0, (EL, NL, ER))
    return tl.broadcast_to(channels, (EL, NL, ER)), first


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
    rate = tl.load(a + (k * E + channels[None]) * N + states[:, None, :, None]) * LOG2_E
    h = tl.zeros((NR, EL, NL, ER), tl.float32)
    time = tl.zeros((EL, NL, ER), tl.float32)
    begin = segment * span
    for start in tl.range(begin, begin + span, CHUNK, num_stages=AHEAD):
        tokens, real = visited(order, start, length)
        values = each_row(x, tokens, real, channels, E)
        lengths = each_row(delta, tokens, real, channels, E)
        ins = each_weight(b, tokens, states, B_ROW)
        for j in tl.static_range(CHUNK):
            h, _ = advance(h, values[j], lengths[j], ins[j], rate)
            time += lengths[j].to(tl.float32)
    known = sk * (SEGMENTS - 1) + segment
    tl.store(ends + (known * tiles + tile) * (N * EL * ER) + cells, h)
    everywhere, first = to_write(channels, EL, NL, ER)
    tl.store(passed + known * E + everywhere, time, mask=first)


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
    everywhere, first = to_write(channels, EL, NL, ER)
    rate = tl.load(a + (k * E + channels[None]) * N + states[:, None, :, None]) * LOG2_E
    skip = tl.load(d + k * E + everywhere)
    h = tl.zeros((NR, EL, NL, ER), tl.float32)
    if SEGMENTS > 1:
        for before in range(segment):
            known = sk * (SEGMENTS - 1) + before
            left = tl.exp2(tl.load(passed + known * E + channels)[None] * rate)
            h = left * h + tl.load(ends + (known * tiles + tile) * (N * EL * ER) + cells)
    begin = segment * span
    ahead: tl.constexpr = AHEAD_KEEPING if KEEP else AHEAD
    for start in tl.range(begin, tl.minimum(begin + span, length), CHUNK, num_stages=ahead):
        tokens, real = visited(order, start, length)
        values = each_row(x, tokens, real, channels, E)
        lengths = each_row(delta, tokens, real, channels, E)
        ins, outs = each_weight(b, tokens, states, B_ROW), each_weight(c, tokens, states, C_ROW)
        visits = each(tokens)
        if KEEP:
            tl.store(saved + cells, h)
            saved += tiles * (N * EL * ER)
        for j in tl.static_range(CHUNK):
            h, _ = advance(h, values[j], lengths[j], ins[j], rate)
            out = over_states(h * outs[j].to(tl.float32)[:, None, :, None], EL, NL, ER)
            out += skip * tl.broadcast_to(values[j].to(tl.float32), (EL, NL, ER))
            place = y + visits[j] * E + everywhere
            tl.store(place, out.to(y.dtype.element_ty), mask=first & (start + j < length))
