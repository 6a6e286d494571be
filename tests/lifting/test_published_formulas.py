"""The network against a second one, written from the formulas alone and for nothing but clarity.

It works on the authors' tensors under the authors' names, in double precision: that shows mistakes
that freshly initialised weights hide, such as directions in another order or an epsilon of a norm.
"""

import pytest
import torch
from torch import Tensor
from torch.nn.functional import conv2d, gelu, layer_norm, pad, silu, softplus

from pose3d_cli.lifting.checkpoint import from_published, to_published
from pose3d_cli.lifting.config import SasMambaConfig
from pose3d_cli.lifting.model import SasMamba

TINY = SasMambaConfig(width=20, depth=2, max_frames=7, states=3)

BORDER = 60
"""Zeros around the plane: more than any offset here reaches."""

State = dict[str, Tensor]


@pytest.fixture
def state() -> State:
    """Random tensors: no two directions, norms or embeddings are alike."""
    make = torch.Generator().manual_seed(3)

    def drawn(name: str, like: Tensor) -> Tensor:
        noise = torch.randn(like.shape, generator=make, dtype=torch.float64)
        if "norm" in name and name.endswith("weight"):
            return 1 + 0.3 * noise
        return (0.1 if "offset_conv" in name else 0.3) * noise

    return {name: drawn(name, like) for name, like in to_published(SasMamba(TINY)).items()}


def at(state: State, prefix: str) -> State:
    return {n.removeprefix(prefix): t for n, t in state.items() if n.startswith(prefix)}


def norm(h: Tensor, state: State, name: str, *, eps: float) -> Tensor:
    return layer_norm(h, h.shape[-1:], state[f"{name}.weight"], state[f"{name}.bias"], eps)


def network(x: Tensor, state: State) -> Tensor:
    patch = at(state, "Spatial_patch_to_embedding.")
    h = x @ patch["weight"].T + patch["bias"] + state["Spatial_pos_embed"]
    for i in range(TINY.depth):
        h = norm(block(h, at(state, f"STEblocks.{i}.")), state, "Spatial_norm", eps=1e-6)
        if i == 0:
            h = h + state["Temporal_pos_embed"][0, : x.shape[1], None]
        h = norm(block(h, at(state, f"TTEblocks.{i}.")), state, "Temporal_norm", eps=1e-6)
    return norm(h, state, "head.0", eps=1e-5) @ state["head.1.weight"].T + state["head.1.bias"]


def block(h: Tensor, state: State) -> Tensor:
    h = h + state_space(norm(h, state, "norm", eps=1e-6), at(state, "op."))
    hidden = gelu(
        norm(h, state, "norm2", eps=1e-6) @ state["mlp.fc1.weight"].T + state["mlp.fc1.bias"]
    )
    return h + hidden @ state["mlp.fc2.weight"].T + state["mlp.fc2.bias"]


def state_space(h: Tensor, state: State) -> Tensor:
    inner = 2 * TINY.width
    both = h @ state["in_proj.weight"].T
    plane = both[..., :inner].permute(0, 3, 1, 2)  # b e t v
    u = silu(deformable(plane, at(state, "conv2d.")))
    batch, _, frames, joints = u.shape
    groups_of_2 = u[..., [0, 0, 2, 2, 4, 4, 6, 6, 8, 8, 10, 10, 12, 12, 14, 14, 16]]
    groups_of_3 = u[..., [0, 0, 0, 3, 3, 3, 6, 6, 6, 9, 9, 9, 12, 12, 12, 15, 15]]
    mixed = (u + groups_of_2 + groups_of_3).flatten(2)
    plain = u.mT.flatten(2)
    y = [scan(q, state, k) for k, q in enumerate((mixed, plain, mixed.flip(2), plain.flip(2)))]
    frame_major = (y[0] + y[2].flip(2)).view(batch, inner, frames, joints)
    joint_major = (y[1] + y[3].flip(2)).view(batch, inner, joints, frames)
    merged = (frame_major + joint_major.mT).permute(0, 2, 3, 1)  # b t v e
    gated = norm(merged, state, "out_norm", eps=1e-5) * silu(both[..., inner:])
    return gated @ state["out_proj.weight"].T


def deformable(plane: Tensor, state: State) -> Tensor:
    offsets = conv2d(plane, state["offset_conv.weight"], state["offset_conv.bias"], padding=1)
    _, _, frames, joints = plane.shape
    out = state["dcn.bias"][:, None, None].expand_as(plane).clone()
    padded = pad(plane, (BORDER,) * 4)
    clip = torch.arange(len(plane))[:, None, None]
    for i in range(3):
        for j in range(3):
            tap = 3 * i + j
            row = torch.arange(frames)[:, None] + i - 1 + offsets[:, 2 * tap]
            column = torch.arange(joints) + j - 1 + offsets[:, 2 * tap + 1]
            top, left = row.floor().long(), column.floor().long()
            for r, down in ((top, top + 1 - row), (top + 1, row - top)):
                for c, along in ((left, left + 1 - column), (left + 1, column - left)):
                    read = padded[clip, :, r + BORDER, c + BORDER].permute(0, 3, 1, 2)
                    share = (down * along)[:, None] * state["dcn.weight"][:, 0, i, j, None, None]
                    out = out + share * read
    return out


def scan(sequence: Tensor, state: State, k: int) -> Tensor:
    batch, inner, length = sequence.shape
    rank, states = TINY.rank, TINY.states
    decay = -state["A_logs"][k * inner : (k + 1) * inner].exp()
    skip = state["Ds"][k * inner : (k + 1) * inner]
    h, outputs = torch.zeros(batch, inner, states, dtype=torch.float64), []
    for i in range(length):
        q = sequence[..., i]
        z = q @ state["x_proj_weight"][k].T
        step = softplus(z[:, :rank] @ state["dt_projs_weight"][k].T + state["dt_projs_bias"][k])
        into, out_of = z[:, None, rank : rank + states], z[:, None, rank + states :]
        h = (step[..., None] * decay).exp() * h + (step * q)[..., None] * into
        outputs.append((h * out_of).sum(-1) + skip * q)
    return torch.stack(outputs, dim=-1)


@pytest.mark.parametrize("frames", [1, 5, 7])
@torch.no_grad()
def test_the_network_is_the_published_one_in_double_precision(state: State, frames: int) -> None:
    x = torch.randn(2, frames, 17, 2, generator=torch.Generator().manual_seed(frames)).double()
    model = SasMamba(TINY).double().eval()
    model.load_state_dict(from_published(state, TINY))
    torch.testing.assert_close(model(x), network(x, state), rtol=1e-9, atol=1e-10)
