"""The structure-aware convolution: a deformable depthwise 3×3 filter over (frame, joint).

``reference.py`` is the law and runs on any device; ``cpu.py`` is compiled by numba.
"""

import functools
import importlib.util

import torch
from jaxtyping import Float
from torch import Tensor

from pose3d_cli.lift.structure_conv import reference


def structure_conv(
    x: Float[Tensor, "b t v e"],
    offsets: Float[Tensor, "b t v 18"],
    weight: Float[Tensor, "e 9"],
    bias: Float[Tensor, " e"],
) -> Float[Tensor, "b t v e"]:
    """Run ``reference.structure_conv`` with the best implementation there is."""
    if x.device.type == "cpu" and x.dtype == torch.float32 and _has_numba():
        from pose3d_cli.lift.structure_conv import cpu

        return cpu.structure_conv(x, offsets, weight, bias)
    return reference.structure_conv(x, offsets, weight, bias)


@functools.cache
def _has_numba() -> bool:
    return importlib.util.find_spec("numba") is not None
