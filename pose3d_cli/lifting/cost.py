"""What a SasMamba costs, counted from its tensors.

Every weight says by its shape how often it is used: a projection once a token for each of its
numbers, a state four times (δ·A, a·h + b, δ·u·B, C·h). Biases, norms and activations are left out, as
is usual; what each is about is in ``blocks.py``.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from pose3d_cli.lifting.config import SasMambaConfig
from pose3d_cli.lifting.model import SasMamba

_PARTS = {
    "ssm.in_proj.weight": ("input projection, gate", 1),
    "ssm.conv.offset.weight": ("offset convolution", 1),
    # A tap, and the bilinear reading of four neighbours for it.
    "ssm.conv.weight": ("deformable taps, sampling", 1 + 4),
    "ssm.scan.in_weight": ("scan projections", 1),
    "ssm.scan.step_weight": ("scan projections", 1),
    "ssm.scan.log_decay": ("scan", 4),
    "ssm.scan.skip": ("scan", 1),
    "ssm.out_proj.weight": ("output projection", 1),
    "mlp.0.weight": ("perceptron", 1),
    "mlp.2.weight": ("perceptron", 1),
    "embed.weight": ("embedding, head", 1),
    "head.weight": ("embedding, head", 1),
}
"""Part and multiply–accumulates a token, for each number of the tensors whose names end so."""

_UNSEEN = ("scan.", "ssm.conv.weight", "ssm.conv.bias", "_embedding")
"""Tensors that belong to no layer that a profiler of layers knows."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Parameters and multiply–accumulates of one network."""

    parameters: int
    macs_per_token: dict[str, int]
    """By part, all blocks together; a token is one joint in one frame."""
    exponentials_per_token: int
    """Of the scan; a multiply–accumulate does not hold them."""
    seen_parameters: int
    """What a profiler counts that looks at layers only, such as ``thop``."""
    seen_macs_per_token: int
    """The same profiler's count: linear layers, plain convolutions, four for each normed number."""
    joints: int

    def macs(self, frames: int) -> int:
        """Return the multiply–accumulates of one clip."""
        return frames * self.joints * sum(self.macs_per_token.values())

    def seen_macs(self, frames: int) -> int:
        """Return what a profiler of layers says of one clip."""
        return frames * self.joints * self.seen_macs_per_token


def cost_of(config: SasMambaConfig) -> Cost:
    """Count a configuration's tensors; allocates none of them."""
    with torch.device("meta"):
        tensors = dict(SasMamba(config).named_parameters())
    by_part: dict[str, int] = {}
    for name, tensor in tensors.items():
        part, each = _part(name)
        if each:
            by_part[part] = by_part.get(part, 0) + each * tensor.numel()
    seen = {n: t for n, t in tensors.items() if not any(mark in n for mark in _UNSEEN)}
    return Cost(
        parameters=_numbers(tensors),
        macs_per_token=by_part,
        exponentials_per_token=_numbers({n: t for n, t in tensors.items() if "log_decay" in n}),
        seen_parameters=_numbers(seen),
        seen_macs_per_token=_numbers({n: t for n, t in seen.items() if t.ndim > 1})
        + 4 * _normed_numbers(seen, depth=config.depth),
        joints=config.joints,
    )


def _part(name: str) -> tuple[str, int]:
    """Return what a tensor belongs to, and how often a token uses each of its numbers."""
    return next((part for end, part in _PARTS.items() if name.endswith(end)), ("", 0))


def _numbers(tensors: Mapping[str, Tensor]) -> int:
    return sum(tensor.numel() for tensor in tensors.values())


def _normed_numbers(tensors: Mapping[str, Tensor], *, depth: int) -> int:
    """Count what the norms work on; the two that all depths share run once at each."""
    norms = {n: t.numel() for n, t in tensors.items() if "norm" in n and n.endswith("weight")}
    return sum(
        numbers * (depth if name in ("spatial_norm.weight", "temporal_norm.weight") else 1)
        for name, numbers in norms.items()
    )
