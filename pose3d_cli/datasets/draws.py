"""Random numbers and constant tables on the device of a generator, without waiting for it.

A copy from the host's memory makes a GPU and its host wait for each other, so tables are copied
once and kept.
"""

import math
from functools import cache

import torch
from jaxtyping import Int
from torch import Tensor


def uniform(*shape: int, low: float, high: float, generator: torch.Generator) -> Tensor:
    """Draw evenly from ``low`` to ``high``."""
    return low + (high - low) * torch.rand(*shape, generator=generator, device=generator.device)


def log_uniform(*shape: int, low: float, high: float, generator: torch.Generator) -> Tensor:
    """Draw such that every octave between ``low`` and ``high`` is as likely."""
    return uniform(*shape, low=math.log(low), high=math.log(high), generator=generator).exp()


def normal(*shape: int, generator: torch.Generator) -> Tensor:
    """Draw from the standard normal distribution."""
    return torch.randn(*shape, generator=generator, device=generator.device)


def happens(*shape: int, chance: float, generator: torch.Generator) -> Tensor:
    """Draw ``True`` with a chance."""
    return torch.rand(*shape, generator=generator, device=generator.device) < chance


@cache
def indices(values: tuple[int, ...], device: torch.device) -> Int[Tensor, " n"]:
    """Return positions to gather from, on a device."""
    return torch.tensor(values, device=device)


@cache
def table(values: tuple[float, ...], device: torch.device) -> Tensor:
    """Return constants on a device."""
    return torch.tensor(values, device=device)
