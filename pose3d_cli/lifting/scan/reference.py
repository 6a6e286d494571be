"""The selective scan (S6), written as its definition: a loop over time.

Gu & Dao 2023, "Mamba: Linear-Time Sequence Modeling with Selective State Spaces", equation 2a–b, run
in several directions over the same tokens as in SasMamba. A is discretised as in equation 4 (zero-order
hold), B by Euler's step δ·B, as in Mamba's code and unlike equation 4, (δA)⁻¹(exp(δA) − 1)·δB.

For direction k, channel e, state n and the tokens in the direction's own order:

    h[n] ← exp(δ·A[n])·h[n] + δ·x·B[n]        h starts at 0
    y     = Σ_n C[n]·h[n] + D·x

The outputs of all directions are put back in the tokens' order and added up.

Letters, as in the paper: g inputs, k directions (direction k reads input k mod g), l tokens,
e channels, n states.
"""

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor


def selective_scan(
    x: Float[Tensor, "b g l e"],
    delta: Float[Tensor, "b k l e"],
    a: Float[Tensor, "k e n"],
    b: Float[Tensor, "b k l n"],
    c: Float[Tensor, "b k l n"],
    d: Float[Tensor, "k e"],
    order: Int[Tensor, "k l"],
) -> Float[Tensor, "b l e"]:
    """Return the sum over all directions of their scans.

    Args:
        x: the inputs, in token order.
        delta: time steps, positive, in token order.
        a: continuous-time decay rates, negative.
        b: input weights of the states, in token order.
        c: output weights of the states, in token order.
        d: weight of the direct path.
        order: order[k, i] is the token that direction k visits as its i-th.
    """
    directions, length = order.shape
    y = torch.zeros_like(x[:, 0])  # b l e
    for k in range(directions):
        xk, h = x[:, k % x.shape[1]], torch.zeros_like(a[k]).expand(len(x), -1, -1)  # b e n
        outputs = []
        for i in range(length):
            token = order[k, i]
            step, value = delta[:, k, token, :, None], xk[:, token, :, None]  # b e 1
            h = torch.exp(step * a[k]) * h + step * value * b[:, k, token, None, :]
            outputs.append((h * c[:, k, token, None, :]).sum(-1) + d[k] * xk[:, token])
        y = y.index_add(1, order[k], torch.stack(outputs, dim=1))
    return y


def time_step(
    r: Float[Tensor, "b k l r"], weight: Float[Tensor, "k e r"], bias: Float[Tensor, "k e"]
) -> Float[Tensor, "b k l e"]:
    """Return the time steps δ = softplus(weight·r + bias), positive (Mamba, section 3.6)."""
    return F.softplus(r @ weight.mT + bias[:, None])
