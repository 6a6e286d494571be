"""The selective scan on a GPU, by the kernels of ``triton_kernels.py`` and ``triton_backward.py``.

The kernels are PyTorch operators, so that ``torch.compile`` and CUDA graphs can take them in, and
the sums over directions, clips and tiles of channels stand outside, where a compiler fuses them with
what comes next. All sums have a fixed order: the same inputs give the same bits.
"""

from functools import reduce
from typing import Any

import torch
import triton
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn.functional import pad

from pose3d_cli.lifting.rows import evenly, pitch
from pose3d_cli.lifting.scan.triton_backward import scan_backward_kernel
from pose3d_cli.lifting.scan.triton_kernels import CHUNK, scan_ends_kernel, scan_kernel

STATES = 16
"""States of a channel; fewer are padded with ones that stay 0."""
SIDE_BY_SIDE = 8
"""Threads side by side along the channels; channels are padded to a multiple."""
ENOUGH_PROGRAMS = 512
"""About one warp for every scheduler of a large GPU; below that, warps take fewer channels."""
FEWEST_SEGMENTS, SHORTEST_SEGMENT = 4, 64
"""Two passes over segments pay only if there are more than two; short ones do little but start."""


def selective_scan(
    x: Float[Tensor, "b g l e"],
    delta: Float[Tensor, "b k l e"],
    a: Float[Tensor, "k e n"],
    b: Float[Tensor, "b k l n"],
    c: Float[Tensor, "b k l n"],
    d: Float[Tensor, "k e"],
    order: Int[Tensor, "k l"],
) -> Float[Tensor, "b l e"]:
    """Return the same as ``reference.selective_scan``, in the type of x.

    The rows may be float32 or of half precision; states and sums are float32.

    Raises:
        ValueError: there are more than 16 states.
    """
    channels, states = a.shape[1:]
    if states > STATES:
        raise ValueError(f"expected at most {STATES} states, got {states}")
    more, more_states = -channels % SIDE_BY_SIDE, STATES - states
    if more or more_states:
        x, delta, d = pad(x, (0, more)), pad(delta, (0, more)), pad(d, (0, more))
        a, b, c = (
            pad(a, (0, more_states, 0, more)),
            pad(b, (0, more_states)),
            pad(c, (0, more_states)),
        )
    x, delta, a, d = (t.contiguous() for t in (x, delta.to(x.dtype), a.float(), d.float()))
    b, c, order = evenly(b.to(x.dtype)), evenly(c.to(x.dtype)), order.int().contiguous()
    keep = torch.is_grad_enabled()
    y: Tensor = _Scan.apply(x, delta, a, b, c, d, order, keep)  # type: ignore[no-untyped-call]
    return y[..., :channels] if more else y


class _Scan(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, *operands: Any) -> Tensor:
        parts, saved = scan(*operands)
        ctx.save_for_backward(*operands[:-1], saved)
        y: Tensor = parts.sum(1)
        return y

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        x, *_ = operands = ctx.saved_tensors
        dx, ddelta, da, db, dc, dd = torch.ops.pose3d.scan_backward(
            *operands, grads[0].contiguous()
        )
        dx = dx.unflatten(1, (-1, x.shape[1])).sum(1)
        return dx, ddelta, da.sum(0), _over_tiles(db), _over_tiles(dc), dd.sum(0), None, None


def _over_tiles(parts: Float[Tensor, "b k tiles l n"]) -> Float[Tensor, "b k l n"]:
    """Add them up one by one, which a compiler makes a wide and regular loop of, unlike ``sum``."""
    return reduce(torch.add, (part.float() for part in parts.unbind(2))).to(parts.dtype)


@torch.library.custom_op("pose3d::scan", mutates_args=())
def scan(
    x: Tensor, delta: Tensor, a: Tensor, b: Tensor, c: Tensor, d: Tensor, order: Tensor,
    keep: bool,
) -> tuple[Tensor, Tensor]:  # fmt: skip
    """Return the outputs of each direction (b k l e) and, to keep, the states between chunks."""
    y, saved = _forward_results(delta, keep=keep)
    (tiles, directions, clips), sizes = _tiling(delta)
    sizes |= {"INPUTS": x.shape[1], "E": x.shape[3], "N": STATES}
    length = x.shape[2]
    segments, span = _segments(tiles * directions * clips, length)
    ends = a.new_empty(clips, directions, segments - 1, x.shape[3], STATES)
    passed = a.new_empty(clips, directions, segments - 1, x.shape[3])
    if segments > 1:
        scan_ends_kernel[tiles, directions, clips * (segments - 1)](
            x, delta, a, b, order, ends, passed, length, span,
            SEGMENTS=segments, B_ROW=pitch(b), **sizes,
        )  # fmt: skip
    scan_kernel[tiles, directions, clips * segments](
        x, delta, a, b, c, d, order, y, saved, ends, passed, length, span,
        SEGMENTS=segments, KEEP=keep, B_ROW=pitch(b), C_ROW=pitch(c), **sizes,
    )  # fmt: skip
    return y, saved


def _segments(programs: int, length: int) -> tuple[int, int]:
    """Return into how many segments each clip is cut, and how many steps all but the last have."""
    segments = min(2 * ENOUGH_PROGRAMS // programs, length // SHORTEST_SEGMENT)
    if segments < FEWEST_SEGMENTS:
        return 1, length
    span = triton.cdiv(triton.cdiv(length, segments), CHUNK.value) * CHUNK.value
    return triton.cdiv(length, span), span


@scan.register_fake
def _(
    x: Tensor, delta: Tensor, a: Tensor, b: Tensor, c: Tensor, d: Tensor, order: Tensor,
    keep: bool,
) -> tuple[Tensor, Tensor]:  # fmt: skip
    del x, a, b, c, d, order
    return _forward_results(delta, keep=keep)


def _forward_results(delta: Tensor, *, keep: bool) -> tuple[Tensor, Tensor]:
    batch, directions, length, channels = delta.shape
    chunks = -(-length // CHUNK.value) if keep else 0
    saved = delta.new_empty(batch, directions, chunks, channels * STATES, dtype=torch.float32)
    return torch.empty_like(delta), saved


@torch.library.custom_op("pose3d::scan_backward", mutates_args=())
def _backward(
    x: Tensor, delta: Tensor, a: Tensor, b: Tensor, c: Tensor, d: Tensor, order: Tensor,
    saved: Tensor, dy: Tensor,
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]:  # fmt: skip
    """Return the parts of which the gradients of all operands but the order are the sums."""
    grads = _backward_results(delta, a, b, d)
    grid, sizes = _tiling(delta)
    scan_backward_kernel[grid](
        x, delta, a, b, c, d, order, saved, dy, *grads, x.shape[2],
        B_ROW=pitch(b), C_ROW=pitch(c), INPUTS=x.shape[1], E=x.shape[3], N=STATES, **sizes,
    )  # fmt: skip
    return grads


@_backward.register_fake
def _(
    x: Tensor, delta: Tensor, a: Tensor, b: Tensor, c: Tensor, d: Tensor, order: Tensor,
    saved: Tensor, dy: Tensor,
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]:  # fmt: skip
    del x, c, order, saved, dy
    return _backward_results(delta, a, b, d)


def _backward_results(
    delta: Tensor, a: Tensor, b: Tensor, d: Tensor
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]:
    batch, directions, length, _ = delta.shape
    (tiles, _, _), _ = _tiling(delta)
    rows = (batch, directions, tiles, length, STATES)
    return (
        torch.empty_like(delta),
        torch.empty_like(delta),
        a.new_empty(batch, *a.shape),
        b.new_empty(rows),
        b.new_empty(rows),
        d.new_empty(batch, *d.shape),
    )


def _tiling(delta: Tensor) -> tuple[tuple[int, int, int], dict[str, Any]]:
    """Return the grid and the tile's axes: as many channels a warp as leave enough programs.

    A thread that reads less than four bytes of a row cannot read ahead, so it should hold two halves.
    """
    batch, directions, _, channels = delta.shape
    enough = batch * directions * channels // (SIDE_BY_SIDE * ENOUGH_PROGRAMS)
    held, most = 4, max(enough, 4 // delta.element_size())
    while held > 1 and (held > most or channels % (held * SIDE_BY_SIDE)):
        held //= 2
    grid = (channels // (held * SIDE_BY_SIDE), directions, batch)
    return grid, {"NR": 4, "EL": SIDE_BY_SIDE, "NL": 4, "ER": held, "num_warps": 1}
