"""What the scan needs of its inputs, in one GPU kernel: stride mixing, projections and time steps."""

from typing import no_type_check

import triton
import triton.language as tl
from jaxtyping import Float
from torch import Tensor

from pose3d_cli.lifting.fused.triton_product import product
from pose3d_cli.lifting.fused.triton_tile import LEAST, Tile, launch, share
from pose3d_cli.lifting.scan.triton_step import softplus

NUMBERS = (64 * 128, 32 * 128)
"""Of all tokens together that a program works on; fewer where registers are scarce."""


@triton.jit
@no_type_check
def _project_kernel(
    x, weight, step_weight, step_bias, weights_of_states, delta, length,
    V: tl.constexpr, E: tl.constexpr, N2: tl.constexpr, RANK: tl.constexpr, R: tl.constexpr,
    QUIET: tl.constexpr, M: tl.constexpr, PRODUCTS: tl.constexpr,
):  # fmt: skip
    """Grid (parts of a clip, inputs, clips).

    x (b 2 l e), the second input given, the first made of it; weight (4 RANK+N2 e), step_weight
    (4 e RANK), step_bias (4 e); weights_of_states (b 4 l N2), delta (b 4 l e).
    """
    start, g, s = tl.program_id(0) * M, tl.program_id(1), tl.program_id(2).to(tl.int64)
    x += s * 2 * length * E
    tokens, channels = start + tl.arange(0, M)[:, None], tl.arange(0, E)
    inside = tokens < length
    plain = x + (length + tokens) * E + channels[None, :]
    mixed = inside & (g == 0)
    u = tl.load(plain, mask=inside, other=0.0).to(tl.float32)
    u += tl.load(plain - tokens % V % 2 * E, mask=mixed, other=0.0).to(tl.float32)
    u += tl.load(plain - tokens % V % 3 * E, mask=mixed, other=0.0).to(tl.float32)
    u = u.to(x.dtype.element_ty)  # what the scan reads
    tl.store(x + tokens * E + channels[None, :], u, mask=mixed)
    states, ranks = tl.arange(0, N2), tl.arange(0, R)
    loudness = tl.where(states < N2 // 2, 1.0, QUIET)
    for way in tl.range(0, 2, num_stages=1):
        k = 2 * way + g
        of_way = weight + k * (RANK + N2) * E
        w = tl.load(of_way + (RANK + states)[None, :] * E + channels[:, None])
        out = product(u, w, tl.zeros((M, N2), tl.float32), PRODUCTS)
        at = ((s * 4 + k) * length + tokens) * N2 + states[None, :]
        tl.store(weights_of_states + at, (out * loudness).to(x.dtype.element_ty), mask=inside)
        real = ranks < RANK
        w = tl.load(of_way + ranks[None, :] * E + channels[:, None], mask=real[None, :], other=0.0)
        r = product(u, w, tl.zeros((M, R), tl.float32), PRODUCTS)
        at = step_weight + (k * E + channels)[None, :] * RANK + ranks[:, None]
        w = tl.load(at, mask=real[:, None], other=0.0)
        z = tl.zeros((M, E), tl.float32) + tl.load(step_bias + k * E + channels)
        z = product(r, w, z, PRODUCTS)
        at = ((s * 4 + k) * length + tokens) * E + channels[None, :]
        tl.store(delta + at, softplus(z).to(x.dtype.element_ty), mask=inside)


def project(
    x: Float[Tensor, "b 2 l e"],
    weight: Float[Tensor, "4 r e"],
    step_weight: Float[Tensor, "4 e rank"],
    step_bias: Float[Tensor, "4 e"],
    *,
    joints: int,
    quiet: float,
    products: str,
) -> tuple[Float[Tensor, "b 4 l n2"], Float[Tensor, "b 4 l e"]]:
    """Fill in x[:, 0], the stride mixing of x[:, 1]; return B and C side by side, and time steps.

    All in the type of x; sums are float32. C is multiplied by ``quiet``.
    """
    (clips, _, length, inner), (_, rows, _), rank = x.shape, weight.shape, step_weight.shape[2]
    weights_of_states = x.new_empty(clips, 4, length, rows - rank)
    delta = x.new_empty(clips, 4, length, inner)
    tiles = tuple(Tile(share(numbers, inner, most=64), 4, 1) for numbers in NUMBERS)
    launch(
        _project_kernel, tiles, x, weight, step_weight, step_bias, weights_of_states, delta, length,
        rows=length, grid=(2, clips), V=joints, E=inner, N2=rows - rank,
        RANK=rank, R=max(LEAST, triton.next_power_of_2(rank)), QUIET=quiet, PRODUCTS=products,
    )  # fmt: skip
    return weights_of_states, delta
