"""Blocks for lifting alone, on a GPU: a block in seven kernels, without anything to differentiate.

Eager PyTorch takes some forty for the same, each of which reads and writes a row of every token; that
took three quarters of the time of lifting 64 clips. The law is ``blocks.py``.
"""

import torch
from torch import Tensor

from pose3d_cli.lifting.compilers import has_triton
from pose3d_cli.lifting.config import SasMambaConfig

SMALLEST = 16
"""Features of the least matrix product that the kernels can make."""


def fits(config: SasMambaConfig, x: Tensor) -> bool:
    """Return whether the kernels can lift x, of which nobody wants a gradient."""
    return (
        has_triton(x)
        and x.dtype == torch.float32
        and not (torch.is_grad_enabled() or torch.compiler.is_compiling())
        and all(_power(n) for n in (config.width, config.inner, config.states))
    )


def _power(number: int) -> bool:
    return number >= SMALLEST and number & (number - 1) == 0
