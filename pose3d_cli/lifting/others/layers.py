"""What the transformers among the lifters share; tensors are (b, t, v, c): clips, frames, joints."""

from typing import Literal

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

Axis = Literal["joints", "frames"]


class Attention(nn.Module):
    """Multi-head self-attention among the joints of a frame, or among the frames of a joint."""

    def __init__(self, width: int, *, heads: int, over: Axis, bias: bool) -> None:
        super().__init__()
        self.heads, self.over = heads, over
        self.qkv = nn.Linear(width, 3 * width, bias=bias)
        self.proj = nn.Linear(width, width)

    def forward(self, x: Float[Tensor, "b t v c"]) -> Float[Tensor, "b t v c"]:
        """Let every token look at the others of its row."""
        rows = x if self.over == "joints" else x.transpose(1, 2)  # b r n c
        qkv = self.qkv(rows).unflatten(-1, (3, self.heads, -1))  # b r n 3 h d
        query, key, value = qkv.permute(3, 0, 1, 4, 2, 5)  # b r h n d
        seen = F.scaled_dot_product_attention(query, key, value)
        out: Tensor = self.proj(seen.transpose(2, 3).flatten(-2))  # b r n c
        return out if self.over == "joints" else out.transpose(1, 2)


class Mlp(nn.Module):
    """Two layers with a GELU between them."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(width, hidden)
        self.fc2 = nn.Linear(hidden, width)

    def forward(self, x: Float[Tensor, "*n c"]) -> Float[Tensor, "*n c"]:
        """Mix the features of every token."""
        out: Tensor = self.fc2(F.gelu(self.fc1(x)))
        return out


def fused(
    weigh: nn.Module, first: Float[Tensor, "b t v c"], second: Float[Tensor, "b t v c"]
) -> Float[Tensor, "b t v c"]:
    """Mix two branches token by token, by weights that both of them decide."""
    share: Tensor = weigh(torch.cat([first, second], dim=-1)).softmax(-1)  # b t v 2
    return first * share[..., :1] + second * share[..., 1:]
