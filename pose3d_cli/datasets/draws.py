"""Random numbers and constant tables on the device of a generator, without waiting for it.

A copy from the host's memory makes a GPU and its host wait for each other, so tables are copied
once and kept.
"""

from functools import cache
from itertools import accumulate

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

Ranges = tuple[tuple[float, float, float], ...]
"""(share, from, to): how often a value lies between two bounds, anywhere between them."""


def uniform(*shape: int, low: float, high: float, generator: torch.Generator) -> Tensor:
    """Draw evenly from ``low`` to ``high``."""
    return low + (high - low) * torch.rand(*shape, generator=generator, device=generator.device)


def normal(*shape: int, generator: torch.Generator) -> Tensor:
    """Draw from the standard normal distribution."""
    return torch.randn(*shape, generator=generator, device=generator.device)


def happens(*shape: int, chance: float, generator: torch.Generator) -> Bool[Tensor, "*shape"]:
    """Draw ``True`` with a chance."""
    return torch.rand(*shape, generator=generator, device=generator.device) < chance


def among(ranges: Ranges, *shape: int, generator: torch.Generator) -> Float[Tensor, "*shape"]:
    """Draw from one of the ranges, each as often as its share."""
    shares, lows, highs = zip(*ranges, strict=True)
    device, last = generator.device, len(ranges) - 1
    below = table(tuple(accumulate(share / sum(shares) for share in shares)), device)
    draw = torch.rand(*shape, generator=generator, device=device)
    which = torch.searchsorted(below, draw).clamp(max=last)
    low, high = table(lows, device)[which], table(highs, device)[which]
    return torch.lerp(low, high, torch.rand(*shape, generator=generator, device=device))


@cache
def indices(values: tuple[int, ...], device: torch.device) -> Int[Tensor, " n"]:
    """Return positions to gather from, on a device."""
    return torch.tensor(values, device=device)


@cache
def table(values: tuple[float, ...], device: torch.device) -> Float[Tensor, " n"]:
    """Return constants on a device."""
    return torch.tensor(values, dtype=torch.float32, device=device)
