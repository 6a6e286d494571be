"""The selective scan in plain PyTorch, for any device: one multiply-add a step.

Everything that does not depend on the state, the exponentials, the inputs and the read-out, is
done in bulk for ``CHUNK`` steps at a time.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

CHUNK = 64


def selective_scan(
    x: Float[Tensor, "b g l e"],
    delta: Float[Tensor, "b k l e"],
    a: Float[Tensor, "k e n"],
    b: Float[Tensor, "b k l n"],
    c: Float[Tensor, "b k l n"],
    d: Float[Tensor, "k e"],
    order: Int[Tensor, "k l"],
) -> Float[Tensor, "b l e"]:
    """Return the same as ``reference.selective_scan``, all directions side by side."""
    batch, inputs, length, channels = x.shape
    directions = len(order)
    x = x[:, torch.arange(directions, device=x.device) % inputs]  # b k l e
    xo, delta_o, bo, co = (_visit(t, order) for t in (x, delta, b, c))
    h = x.new_zeros(batch, directions, channels, a.shape[-1])
    outputs = []
    for start in range(0, length, CHUNK):
        part = slice(start, start + CHUNK)
        step = delta_o[:, :, part, :, None]  # b k c e 1
        decay = torch.exp(step * a[:, None])  # b k c e n
        gain = step * xo[:, :, part, :, None] * bo[:, :, part, None, :]
        states = []
        for i in range(decay.shape[2]):
            h = torch.addcmul(gain[:, :, i], decay[:, :, i], h)
            states.append(h)
        trajectory = torch.stack(states, dim=2)  # b k c e n
        outputs.append((trajectory @ co[:, :, part, :, None]).squeeze(-1))
    y = torch.cat(outputs, dim=2) + d[:, None] * xo  # b k l e
    back = torch.argsort(order, dim=1)
    return _visit(y, back).sum(1)


def _visit(t: Float[Tensor, "b k l m"], order: Int[Tensor, "k l"]) -> Float[Tensor, "b k l m"]:
    """Reorder the tokens of each direction."""
    return t.gather(2, order.long()[None, :, :, None].expand(len(t), -1, -1, t.shape[-1]))
