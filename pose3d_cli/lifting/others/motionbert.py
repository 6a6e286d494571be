"""MotionBERT's network, the dual-stream spatio-temporal transformer.

Zhu et al. 2023, "MotionBERT: A Unified Perspective on Learning Human Motion Representations", section
3.3. Modules carry the names of the published checkpoints.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from pose3d_cli.lifting.others.layers import Attention, Axis, Mlp, fused

EPS = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class MotionBertConfig:
    """Sizes; ``FULL`` and ``LITE`` are the published ones."""

    width: int = 512
    mlp_ratio: int = 2
    depth: int = 5
    heads: int = 8
    representation: int = 512
    frames: int = 243


FULL = MotionBertConfig()
"""42.5 M parameters; 42.3 M as published, without the two embeddings."""
LITE = MotionBertConfig(width=256, mlp_ratio=4)
"""16.0 M parameters."""


class MotionBert(nn.Module):
    """Joints and confidence in, root-relative poses out, in the same units."""

    def __init__(self, config: MotionBertConfig) -> None:
        super().__init__()
        width = config.width
        self.joints_embed = nn.Linear(3, width)
        self.temp_embed = nn.Parameter(torch.zeros(1, config.frames, 1, width))
        self.pos_embed = nn.Parameter(torch.zeros(1, 17, width))
        self.blocks_st = nn.ModuleList(_Block(config, first="joints") for _ in range(config.depth))
        self.blocks_ts = nn.ModuleList(_Block(config, first="frames") for _ in range(config.depth))
        self.ts_attn = nn.ModuleList(nn.Linear(2 * width, 2) for _ in range(config.depth))
        self.norm = nn.LayerNorm(width, eps=EPS)
        self.pre_logits = nn.ModuleDict({"fc": nn.Linear(width, config.representation)})
        self.head = nn.Linear(config.representation, 3)

    def forward(self, x: Float[Tensor, "b t 17 3"]) -> Float[Tensor, "b t 17 3"]:
        """Lift clips of up to 243 frames."""
        h = self.joints_embed(x) + self.pos_embed + self.temp_embed[:, : x.shape[1]]  # b t v c
        for joints_first, frames_first, weigh in zip(
            self.blocks_st, self.blocks_ts, self.ts_attn, strict=True
        ):
            h = fused(weigh, joints_first(h), frames_first(h))
        out: Tensor = self.head(torch.tanh(self.pre_logits["fc"](self.norm(h))))
        return out


class _Block(nn.Module):
    """Attention and perceptron over one axis, then over the other."""

    def __init__(self, config: MotionBertConfig, *, first: Axis) -> None:
        super().__init__()
        width, hidden = config.width, config.width * config.mlp_ratio
        self.suffixes = ("s", "t") if first == "joints" else ("t", "s")
        for suffix, over in (("s", "joints"), ("t", "frames")):
            axis: Axis = "joints" if over == "joints" else "frames"
            self.add_module(f"norm1_{suffix}", nn.LayerNorm(width, eps=EPS))
            self.add_module(
                f"attn_{suffix}", Attention(width, heads=config.heads, over=axis, bias=True)
            )
            self.add_module(f"norm2_{suffix}", nn.LayerNorm(width, eps=EPS))
            self.add_module(f"mlp_{suffix}", Mlp(width, hidden))

    def forward(self, h: Float[Tensor, "b t v c"]) -> Float[Tensor, "b t v c"]:
        """Add what the four branches say, one after the other."""
        for suffix in self.suffixes:
            for norm, branch in (("norm1", "attn"), ("norm2", "mlp")):
                normed = self.get_submodule(f"{norm}_{suffix}")(h)
                h = h + self.get_submodule(f"{branch}_{suffix}")(normed)
        return h
