"""The selective scan, one contract with several implementations.

``reference.py`` is the law; every other file agrees with it in values and gradients.
``selective_scan`` and ``time_step`` take the fastest one for the device at hand.
"""

from jaxtyping import Float, Int
from torch import Tensor

from pose3d_cli.lifting.compilers import has_numba, has_triton
from pose3d_cli.lifting.scan import reference
from pose3d_cli.lifting.scan.torch_scan import selective_scan as hoisted_scan


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
    if has_triton(x):
        from pose3d_cli.lifting.scan.triton_scan import selective_scan as gpu_scan

        return gpu_scan(x, delta, a, b, c, d, order)
    if has_numba(x):
        from pose3d_cli.lifting.scan.cpu import selective_scan as compiled_scan

        return compiled_scan(x, delta, a, b, c, d, order)
    return hoisted_scan(x, delta, a, b, c, d, order)


def time_step(
    r: Float[Tensor, "b k l r"], weight: Float[Tensor, "k e r"], bias: Float[Tensor, "k e"]
) -> Float[Tensor, "b k l e"]:
    """Run ``reference.time_step`` with the best implementation there is."""
    if has_triton(r):
        from pose3d_cli.lifting.scan.triton_step import time_step as gpu_step

        return gpu_step(r, weight, bias)
    return reference.time_step(r, weight, bias)
