"""The structure-aware convolution: a deformable depthwise 3×3 filter over (frame, joint).

``reference.py`` is the law and runs on any device; ``cpu.py`` is compiled by numba,
``triton_conv.py`` for GPUs.
"""

from jaxtyping import Float
from torch import Tensor

from pose3d_cli.lifting.compilers import has_numba, has_triton
from pose3d_cli.lifting.structure_conv import reference


def structure_conv(
    x: Float[Tensor, "b t v e"],
    offsets: Float[Tensor, "b t v 18"],
    weight: Float[Tensor, "e 9"],
    bias: Float[Tensor, " e"],
) -> Float[Tensor, "b t v e"]:
    """Run ``reference.structure_conv`` with the best implementation there is."""
    if has_triton(x):
        from pose3d_cli.lifting.structure_conv import triton_conv

        return triton_conv.structure_conv(x, offsets, weight, bias)
    if has_numba(x):
        from pose3d_cli.lifting.structure_conv import cpu

        return cpu.structure_conv(x, offsets, weight, bias)
    return reference.structure_conv(x, offsets, weight, bias)
