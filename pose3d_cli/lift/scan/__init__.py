"""The selective scan, one contract with several implementations.

``reference.py`` is the law; every other file agrees with it in values and gradients.
``selective_scan`` takes the fastest one for the device at hand.
"""

import functools
import importlib.util

import torch
from jaxtyping import Float, Int
from torch import Tensor

from pose3d_cli.lift.scan.torch_scan import selective_scan as hoisted_scan


def selective_scan(
    x: Float[Tensor, "b g l e"],
    delta: Float[Tensor, "b k l e"],
    a: Float[Tensor, "k e n"],
    b: Float[Tensor, "b k l n"],
    c: Float[Tensor, "b k l n"],
    d: Float[Tensor, "k e"],
    order: Int[Tensor, "k l"],
) -> Float[Tensor, "b l e"]:
    """Run the scan of ``reference.selective_scan`` with the best implementation there is."""
    if x.device.type == "cpu" and x.dtype == torch.float32 and _has_numba():
        from pose3d_cli.lift.scan.cpu import selective_scan as compiled_scan

        return compiled_scan(x, delta, a, b, c, d, order)
    return hoisted_scan(x, delta, a, b, c, d, order)


@functools.cache
def _has_numba() -> bool:
    return importlib.util.find_spec("numba") is not None
