"""One block of the network, and the norm after it, by the kernels of this folder and of the scan."""

import torch
import triton
from jaxtyping import Float, Int
from torch import Tensor, nn

from pose3d_cli.lifting.blocks import Block, StructureConv
from pose3d_cli.lifting.fused.triton_gate import gated
from pose3d_cli.lifting.fused.triton_mlp import mlp
from pose3d_cli.lifting.fused.triton_norm import norm_linear
from pose3d_cli.lifting.fused.triton_offsets import offsets
from pose3d_cli.lifting.fused.triton_project import project
from pose3d_cli.lifting.scan.triton_scan import scan
from pose3d_cli.lifting.structure_conv.triton_conv import TOKENS, filter_kernel, warps

PRODUCTS = "bf16x3"
"""How matrices are multiplied; see ``triton_product.py``."""
ROWS = torch.float16
"""What lies in memory between the kernels of a block: half as much to read and write as float32, for
joints that are 0.04 mm off on average. What one block leaves to the next is float32."""
QUIET = 2.0**-6
"""How much smaller than by the law the scan's outputs are, so that they stay far below 65,504, where float16
ends; with the large weights that ship they come to half of it. A power of two costs no digit."""


def block_and_norm(
    block: Block, norm: nn.LayerNorm, h: Float[Tensor, "b t v c"], order: Int[Tensor, "4 l"]
) -> Float[Tensor, "b t v c"]:
    """Return ``norm(block(h, order))``."""
    ssm, how = block.ssm, {"products": PRODUCTS}
    projected = norm_linear(h, block.norm1, ssm.in_proj.weight, rows=ROWS, **how)
    a, gate = projected.chunk(2, dim=-1)  # b t v e
    x = _both_inputs(ssm.conv, a)
    weights, delta = project(
        x,
        ssm.scan.in_weight,
        ssm.scan.step_weight,
        ssm.scan.step_bias,
        joints=h.shape[2],
        quiet=QUIET,
        **how,
    )
    b, c = weights.chunk(2, dim=-1)  # b k l n
    decay, skip = -ssm.scan.log_decay.exp(), ssm.scan.skip * QUIET
    parts, _ = scan(x, delta, decay, b, c, skip, order, keep=False)
    h = gated(parts, ssm.norm, gate, ssm.out_proj.weight, h, quiet=QUIET, **how)
    return mlp(h, block.norm2, block.mlp, norm, **how)


def _both_inputs(conv: StructureConv, a: Float[Tensor, "b t v e"]) -> Float[Tensor, "b 2 l e"]:
    """Return the scan's inputs; the second, SiLU of the convolution, is there, the first is not."""
    clips, frames, joints, inner = a.shape
    length, total = frames * joints, clips * frames * joints
    x = a.new_empty(clips, 2, length, inner)
    at = offsets(a, conv.offset, products=PRODUCTS)
    filter_kernel[(triton.cdiv(total, TOKENS),)](
        a, at, conv.weight.T.contiguous(), conv.bias, x, total, frames, length,
        SILU=True, V=joints, E=inner, ROW=a.stride(2), TOKENS=TOKENS,
        num_warps=warps(inner),
    )  # fmt: skip
    return x
