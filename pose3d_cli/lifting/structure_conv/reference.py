"""The deformable depthwise 3×3 convolution in plain PyTorch, without torchvision.

Dai et al. 2017, "Deformable Convolutional Networks", equations 2–4: every tap k = 3·i + j of the
filter reads the plane at a fractional place

    (t + i − 1 + offsets[2k],  v + j − 1 + offsets[2k + 1])

bilinearly, with zeros outside. All channels share the offsets.
"""

import torch
from jaxtyping import Float
from torch import Tensor


def structure_conv(
    x: Float[Tensor, "b t v e"],
    offsets: Float[Tensor, "b t v 18"],
    weight: Float[Tensor, "e 9"],
    bias: Float[Tensor, " e"],
) -> Float[Tensor, "b t v e"]:
    """Return the filtered plane of t frames × v joints, channels last."""
    _, frames, joints, _ = x.shape
    t = torch.arange(frames, device=x.device, dtype=x.dtype)[:, None]
    v = torch.arange(joints, device=x.device, dtype=x.dtype)
    y = bias
    for tap in range(9):
        # The whole step first, then the offset: the other order rounds differently far from 0.
        row = (t + (tap // 3 - 1)) + offsets[..., 2 * tap]  # b t v
        column = (v + (tap % 3 - 1)) + offsets[..., 2 * tap + 1]
        y = y + weight[:, tap] * _sample(x, row, column)
    return y


def _sample(
    x: Float[Tensor, "b t v e"], row: Float[Tensor, "b t v"], column: Float[Tensor, "b t v"]
) -> Float[Tensor, "b t v e"]:
    """Read the plane bilinearly; grid points outside count as zero."""
    _, frames, joints, channels = x.shape
    tokens, top, left = x.flatten(1, 2), row.floor(), column.floor()
    below, beside = row - top, column - left
    value = torch.zeros_like(x)
    # Not 1 − |row − r|: its slope at 0 is 0, which is where a filter with zero offsets starts.
    for r, down in ((top, 1 - below), (top + 1, below)):
        for c, along in ((left, 1 - beside), (left + 1, beside)):
            share = down * along
            inside = (r >= 0) & (r < frames) & (c >= 0) & (c < joints)
            at = r.clamp(0, frames - 1) * joints + c.clamp(0, joints - 1)
            token = at.long().flatten(1)[..., None].expand(-1, -1, channels)
            value = value + (share * inside)[..., None] * tokens.gather(1, token).view_as(x)
    return value
