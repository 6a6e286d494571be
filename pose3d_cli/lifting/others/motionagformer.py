"""MotionAGFormer's network: attention and graph convolution side by side.

Mehraban et al. 2024, "MotionAGFormer: Enhancing 3D Human Pose Estimation with a Transformer-GCNFormer
Network", section 3. Modules carry the names of the published checkpoints.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from pose3d_cli.lifting.others.layers import Attention, Axis, Mlp, fused
from pose3d_cli.skeleton import H36M17

NEIGHBOURS = 2
"""Frames that a frame is joined to: the most similar ones, itself among them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MotionAgFormerConfig:
    """Sizes; the four constants below are the published ones."""

    layers: int
    width: int
    frames: int
    """Length of every clip: the graph branch has a norm for each frame."""
    heads: int = 8
    mlp_ratio: int = 4
    representation: int = 512


XS = MotionAgFormerConfig(layers=12, width=64, frames=27)
"""2.2 M parameters."""
S = MotionAgFormerConfig(layers=26, width=64, frames=81)
"""4.8 M parameters."""
B = MotionAgFormerConfig(layers=16, width=128, frames=243)
"""11.7 M parameters."""
L = MotionAgFormerConfig(layers=26, width=128, frames=243)
"""19.0 M parameters."""


class MotionAgFormer(nn.Module):
    """Joints and confidence in, root-relative poses out, in the same units."""

    def __init__(self, config: MotionAgFormerConfig) -> None:
        super().__init__()
        width = config.width
        self.joints_embed = nn.Linear(3, width)
        self.pos_embed = nn.Parameter(torch.zeros(1, 17, width))
        self.layers = nn.ModuleList(_Layer(config) for _ in range(config.layers))
        self.norm = nn.LayerNorm(width)
        self.rep_logit = nn.ModuleDict({"fc": nn.Linear(width, config.representation)})
        self.head = nn.Linear(config.representation, 3)

    def forward(self, x: Float[Tensor, "b t 17 3"]) -> Float[Tensor, "b t 17 3"]:
        """Lift clips of exactly as many frames as configured."""
        h = self.joints_embed(x) + self.pos_embed  # b t v c
        for layer in self.layers:
            h = layer(h)
        out: Tensor = self.head(torch.tanh(self.rep_logit["fc"](self.norm(h))))
        return out


class _Layer(nn.Module):
    """Two branches over joints, then frames: one by attention, one by graphs."""

    def __init__(self, config: MotionAgFormerConfig) -> None:
        super().__init__()
        width, heads, frames = config.width, config.heads, config.frames

        def block(mixer: nn.Module) -> _Block:
            return _Block(width, config.mlp_ratio * width, mixer)

        self.att_spatial = block(Attention(width, heads=heads, over="joints", bias=False))
        self.att_temporal = block(Attention(width, heads=heads, over="frames", bias=False))
        self.graph_spatial = block(_GraphConv(width, over="joints", nodes=17))
        self.graph_temporal = block(_GraphConv(width, over="frames", nodes=frames))
        self.fusion = nn.Linear(2 * width, 2)

    def forward(self, h: Float[Tensor, "b t v c"]) -> Float[Tensor, "b t v c"]:
        """Weigh what the two branches say."""
        attended = self.att_temporal(self.att_spatial(h))
        return fused(self.fusion, attended, self.graph_temporal(self.graph_spatial(h)))


class _Block(nn.Module):
    """Mixer and perceptron, each normed before and scaled after."""

    def __init__(self, width: int, hidden: int, mixer: nn.Module) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(width)
        self.mixer = mixer
        self.layer_scale_1 = nn.Parameter(torch.full((width,), 1e-5))
        self.norm2 = nn.LayerNorm(width)
        self.mlp = Mlp(width, hidden)
        self.layer_scale_2 = nn.Parameter(torch.full((width,), 1e-5))

    def forward(self, h: Float[Tensor, "b t v c"]) -> Float[Tensor, "b t v c"]:
        """Add what the two branches say."""
        h = h + self.layer_scale_1 * self.mixer(self.norm1(h))
        scaled: Tensor = self.layer_scale_2 * self.mlp(self.norm2(h))
        return h + scaled


class _GraphConv(nn.Module):
    """Graph convolution over bones, or over each joint's most similar frames (equation 7)."""

    bones: Tensor

    def __init__(self, width: int, *, over: Axis, nodes: int) -> None:
        super().__init__()
        self.over = over
        self.U = nn.Linear(width, width)
        self.V = nn.Linear(width, width)
        self.batch_norm = nn.BatchNorm1d(nodes)
        self.register_buffer("bones", _bones(), persistent=False)

    def forward(self, x: Float[Tensor, "b t v c"]) -> Float[Tensor, "b t v c"]:
        """Mix every node with its neighbours."""
        rows = x if self.over == "joints" else x.transpose(1, 2)  # b r n c
        nodes = rows.flatten(0, 1)  # (b r) n c
        near = self.bones if self.over == "joints" else _similar(nodes)
        degree = near.sum(-1).rsqrt()  # n, or (b r) n
        near = degree[..., :, None] * near * degree[..., None, :]
        mixed: Tensor = near @ self.V(nodes) + self.U(nodes)
        out = torch.relu(nodes + self.batch_norm(mixed)).view(rows.shape)
        return out if self.over == "joints" else out.transpose(1, 2)


def _similar(frames: Float[Tensor, "r n c"]) -> Float[Tensor, "r n n"]:
    """Join every frame to those that resemble it most; frames that tie all count."""
    alike = frames @ frames.mT
    least = alike.topk(NEIGHBOURS, dim=-1).values[..., -1:]
    return (alike >= least).to(frames.dtype)


def _bones() -> Float[Tensor, "17 17"]:
    """Join every joint to those at the other ends of its bones.

    The published graph leaves out three of them: pelvis to left hip, and thorax to both shoulders.
    """
    joined = torch.zeros(17, 17)
    for parent, child in H36M17.bones:
        joined[parent, child] = joined[child, parent] = 1
    joined[0, 4] = joined[8, 11] = joined[8, 14] = 0
    return joined
