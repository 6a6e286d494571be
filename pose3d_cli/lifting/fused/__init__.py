"""Blocks for lifting alone, on a GPU: a block in seven kernels, without anything to differentiate.

Eager PyTorch takes some forty for the same, each of which reads and writes a row of every token; that
took three quarters of the time of lifting 64 clips. The law is ``blocks.py``.
"""

import functools
import logging

import torch
from torch import Tensor

from pose3d_cli.lifting.blocks import Block, LayerNorm, scan_order
from pose3d_cli.lifting.compilers import has_triton
from pose3d_cli.lifting.config import SasMambaConfig

logger = logging.getLogger(__name__)

SMALLEST = 16
"""Features of the least matrix product that the kernels can make."""
OLDEST = (8, 0)
"""Compute capability (Ampere) from which on matrix units take bfloat16."""
FRAMES = 3
"""Of the clip that finds out whether a card has room; fewer are compiled in another way."""


def fits(config: SasMambaConfig, x: Tensor) -> bool:
    """Return whether the kernels can lift x, of which nobody wants a gradient."""
    return (
        has_triton(x)
        and x.dtype == torch.float32
        and not (torch.is_grad_enabled() or torch.compiler.is_compiling())
        and all(_power(n) for n in (config.width, config.inner, config.states))
        and has_room(config, x.device)
    )


@functools.cache
def has_room(config: SasMambaConfig, device: torch.device) -> bool:
    """Return whether a card can run the kernels, by doing so once, on a tiny clip and any weights."""
    if torch.cuda.get_device_capability(device) < OLDEST:
        return False
    from triton.runtime.errors import OutOfResources

    from pose3d_cli.lifting.fused.triton_block import block_and_norm

    with torch.device("meta"):
        block, norm = Block(config, drop_path=0.0), LayerNorm(config.width)
    h = torch.zeros(1, FRAMES, config.joints, config.width, device=device)
    try:
        block, norm = block.to_empty(device=device), norm.to_empty(device=device)
        block_and_norm(block, norm, h, scan_order(FRAMES, config.joints, device=device))
    except OutOfResources as error:
        logger.info("lifting takes slower kernels, since this GPU is too small: %s", error)
        return False
    return True


def _power(number: int) -> bool:
    return number >= SMALLEST and number & (number - 1) == 0
