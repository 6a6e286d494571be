"""SasMamba, from a clip of joints in the picture to a clip of joints in space.

"SasMamba: structure-aware stride state space model for 3D human pose estimation" (2025). Letters
are explained in ``blocks.py``. The network is the published one, down to its oddities: spatial and
temporal blocks are built alike, and the norm after a block is shared by all depths.
"""

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from pose3d_cli.lifting.blocks import Block, LayerNorm, scan_order
from pose3d_cli.lifting.config import SasMambaConfig
from pose3d_cli.lifting.fused import fits


class SasMamba(nn.Module):
    """2D joints in, root-relative 3D joints out, one pose for every frame."""

    def __init__(self, config: SasMambaConfig) -> None:
        super().__init__()
        self.config = config
        self.bf16 = False
        """Blocks with bfloat16 linear layers; coordinates, in and out, need more digits."""
        width, depth = config.width, config.depth
        self.embed = nn.Linear(config.in_channels, width)
        self.joint_embedding = nn.Parameter(torch.zeros(config.joints, width))
        self.frame_embedding = nn.Parameter(torch.zeros(config.max_frames, width))
        drops = [config.drop_path * i / max(depth - 1, 1) for i in range(depth)]
        self.spatial = nn.ModuleList(Block(config, drop_path=drop) for drop in drops)
        self.temporal = nn.ModuleList(Block(config, drop_path=drop) for drop in drops)
        self.spatial_norm = LayerNorm(width, eps=1e-6)
        self.temporal_norm = LayerNorm(width, eps=1e-6)
        self.head_norm = LayerNorm(width, eps=1e-5)
        self.head = nn.Linear(width, 3)

    def forward(self, x: Float[Tensor, "b t v i"]) -> Float[Tensor, "b t v 3"]:
        """Lift clips of up to ``max_frames`` frames.

        Raises:
            ValueError: the clip has too many frames, or other joints or channels than configured.
        """
        self._check(x)
        order = scan_order(x.shape[1], x.shape[2], device=x.device)  # the same in every block
        block_and_norm = self._best_for(x)
        h = self.embed(x) + self.joint_embedding  # b t v c
        with torch.autocast(x.device.type, torch.bfloat16) if self.bf16 else nullcontext():
            for i, (spatial, temporal) in enumerate(zip(self.spatial, self.temporal, strict=True)):
                h = block_and_norm(spatial, self.spatial_norm, h, order)
                if i == 0:
                    h = h + self.frame_embedding[: x.shape[1], None]
                h = block_and_norm(temporal, self.temporal_norm, h, order)
        out: Tensor = self.head(self.head_norm(h))
        return out

    def _best_for(self, x: Float[Tensor, "b t v i"]) -> "BlockAndNorm":
        if self.training or self.bf16 or not fits(self.config, x):
            return _block_and_norm
        from pose3d_cli.lifting.fused.triton_block import block_and_norm

        return block_and_norm

    def _check(self, x: Tensor) -> None:
        config, (_, frames, joints, channels) = self.config, x.shape
        if (joints, channels) != (config.joints, config.in_channels):
            raise ValueError(
                f"expected {config.joints} joints × {config.in_channels} channels, "
                f"got {joints} × {channels}"
            )
        if not 1 <= frames <= config.max_frames:
            raise ValueError(f"expected 1 to {config.max_frames} frames, got {frames}")


BlockAndNorm = Callable[[Any, LayerNorm, Tensor, Tensor], Tensor]


def _block_and_norm(
    block: Block, norm: LayerNorm, h: Float[Tensor, "b t v c"], order: Int[Tensor, "4 l"]
) -> Float[Tensor, "b t v c"]:
    y: Tensor = norm(block(h, order))
    return y
