"""New motion out of old: upper bodies and arms that move as in other clips, people who lie down.

A part keeps its directions about what it hangs on: an upper body about the pelvis, an arm about the
chest. Mixtures in which arms go through legs or trunk, or below the floor, are not taken.
"""

import math

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from pose3d_cli.datasets.bodies import Bodies, bones_of, placed, turned
from pose3d_cli.datasets.draws import happens, indices, table, uniform

_UPPER_BODY = (*range(7, 22),)
_ARMS = ((12, 13), (15, 16))
_CLEARANCE_M = 0.05
"""Elbows and wrists nearer than this to the axis of a thigh or of the trunk are inside it."""
_TOLERATED = 0.05
"""Share of frames in which they may be, as recordings are not free of it either."""
_FLOOR_M = 0.1
"""How far below the lowest point of the recording a mixture may reach."""


def recombined(
    positions: Float[Tensor, "b t 24 3"], *, bodies: Bodies, generator: torch.Generator
) -> Float[Tensor, "b t 24 3"]:
    """Let some clips of a batch borrow an upper body or arms from others, and lay some down."""
    batch = len(positions)
    half = happens(batch, 1, chance=bodies.recombined / 2, generator=generator)
    arms = [happens(batch, 1, chance=bodies.recombined / 4, generator=generator) for _ in _ARMS]
    bones = bones_of(positions)
    mixed = _transplanted(bones, _UPPER_BODY, onto=_pelvis(bones), wanted=half, donor=1)
    for number, (arm, wanted) in enumerate(zip(_ARMS, arms, strict=True)):
        mixed = _transplanted(mixed, arm, onto=_chest(mixed), wanted=wanted, donor=2 + number)
    candidate = placed(positions[:, :, 0], mixed)
    taken = plausible(candidate, instead_of=positions)
    positions = torch.where(taken[:, None, None, None], candidate, positions)
    return _laid_down(positions, share=bodies.lying, generator=generator)


def plausible(
    candidate: Float[Tensor, "b t 24 3"], *, instead_of: Float[Tensor, "b t 24 3"]
) -> Bool[Tensor, " b"]:
    """Return which mixtures keep their arms out of their body and above the floor."""
    hands = candidate.index_select(2, indices((12, 13, 15, 16), candidate.device))[:, :, :, None]
    start = candidate.index_select(2, indices((1, 4, 0), candidate.device))[:, :, None]
    stop = candidate.index_select(2, indices((2, 5, 8), candidate.device))[:, :, None]
    along = stop - start
    share = ((hands - start) * along).sum(-1, keepdim=True) / along.square().sum(-1, keepdim=True)
    nearest = start + share.clamp(0, 1) * along
    inside = ((hands - nearest).norm(dim=-1) < _CLEARANCE_M).any(-1).any(-1)  # b t
    floor = instead_of[..., 2].amin((1, 2))
    above: Tensor = candidate[..., 2].amin((1, 2)) > floor - _FLOOR_M
    outside: Tensor = inside.float().mean(1) < _TOLERATED
    return above & outside


def _transplanted(
    bones: Float[Tensor, "b t 24 3"],
    part: tuple[int, ...],
    *,
    onto: Float[Tensor, "b t 3 3"],
    wanted: Bool[Tensor, "b 1"],
    donor: int,
) -> Float[Tensor, "b t 24 3"]:
    """Give bones the directions that those of another clip have about the same part of the body."""
    moved = turned(turned(bones.roll(donor, 0), onto.roll(donor, 0)), onto.mT)
    belongs = table(tuple(float(joint in part) for joint in range(24)), bones.device) > 0
    return torch.where((belongs & wanted)[:, None, :, None], moved, bones)


def _pelvis(bones: Float[Tensor, "b t 24 3"]) -> Float[Tensor, "b t 3 3"]:
    return _axes(left=bones[:, :, 4] - bones[:, :, 1], up=bones[:, :, 7])


def _chest(bones: Float[Tensor, "b t 24 3"]) -> Float[Tensor, "b t 3 3"]:
    return _axes(left=bones[:, :, 11] - bones[:, :, 14], up=bones[:, :, 8])


def _axes(*, left: Float[Tensor, "b t 3"], up: Float[Tensor, "b t 3"]) -> Float[Tensor, "b t 3 3"]:
    """Rows: left, back and up, at right angles."""
    left = torch.nn.functional.normalize(left, dim=-1)
    back = torch.nn.functional.normalize(torch.linalg.cross(up, left), dim=-1)
    return torch.stack([left, back, torch.linalg.cross(left, back)], dim=2)


def _laid_down(
    positions: Float[Tensor, "b t 24 3"], *, share: float, generator: torch.Generator
) -> Float[Tensor, "b t 24 3"]:
    """Tilt some clips as a whole about a horizontal axis."""
    batch = len(positions)
    tilted = happens(batch, chance=share, generator=generator)
    angle = tilted * uniform(batch, low=math.pi / 3, high=2 * math.pi / 3, generator=generator)
    way = uniform(batch, low=0.0, high=2 * math.pi, generator=generator)
    x, y, c, s = way.cos(), way.sin(), angle.cos(), angle.sin()
    rows = (
        torch.stack([c + x * x * (1 - c), x * y * (1 - c), y * s], dim=-1),
        torch.stack([x * y * (1 - c), c + y * y * (1 - c), -x * s], dim=-1),
        torch.stack([-y * s, x * s, c], dim=-1),
    )
    return turned(positions, torch.stack(rows, dim=1)[:, None])
