"""What goes wrong with a detector in bursts: legs and sides mixed up, keypoints elsewhere or lost."""

import torch
from jaxtyping import Float
from torch import Tensor

from pose3d_cli.datasets.curves import Bursts, bursts
from pose3d_cli.datasets.detector_errors import SPREAD, DetectorErrors
from pose3d_cli.datasets.draws import indices, normal, table
from pose3d_cli.datasets.hiding import TWINS, Seen

_KNEES_AND_ANKLES = (*range(13), 14, 13, 16, 15)
_LEGS = (*range(11), 12, 11, 14, 13, 16, 15)
_LEFT_LEG, _RIGHT_LEG = (13, 15), (14, 16)

_SWAP_LOW, _SWAP_LEGS, _SNAP_LEFT, _SNAP_RIGHT, _SWAP_SIDES = range(5)
MISSES, JUMPS, DROPOUTS = slice(5, 6), slice(6, 23), slice(23, 40)
"""Which bursts are which."""


def events_of(
    seen: Seen,
    *,
    errors: DetectorErrors,
    noise: float,
    frame_s: Float[Tensor, " b"],
    generator: torch.Generator,
) -> Bursts:
    """Draw all that comes in bursts. Some clips have many, most have few."""
    batch, frames, device = *seen.rays.shape[:2], seen.rays.device
    swap, snap, jump = errors.leg_swaps_hz / 2, errors.leg_snaps_hz / 2, errors.jumps_hz
    legs = table((swap, swap, snap, snap), device)
    others = (errors.side_swaps_hz, errors.misses_hz, *(jump * s**2 for s in SPREAD))
    others += (errors.dropouts_hz,) * 17
    hardness = (1.2 * normal(batch, 1, 1, generator=generator) - 0.7).exp()
    gap = (seen.rays[:, :, 13] - seen.rays[:, :, 14]).norm(dim=-1, keepdim=True) / seen.size[..., 0]
    near = 0.4 + 1.6 * torch.exp(-(gap / 0.12).square())
    rate_hz = torch.cat(
        [legs * near * (1 + 8 * seen.lean), table(others, device).expand(batch, frames, -1)], dim=2
    )
    mean_s = [errors.burst_s] * 6 + [errors.burst_s / 3] * 17 + [errors.burst_s] * 17
    return bursts(
        noise * hardness * rate_hz,
        mean_s=table(tuple(mean_s), device),
        frames=frames,
        frame_s=frame_s,
        generator=generator,
    )


def mixed_up(found: Float[Tensor, "b t 17 2"], events: Bursts) -> Float[Tensor, "b t 17 2"]:
    """Exchange legs or sides, or lay one leg onto the other."""

    def when(kind: int, order: tuple[int, ...], points: Tensor) -> Tensor:
        active = events.active[:, :, kind, None, None]
        return torch.where(active, points.index_select(2, indices(order, points.device)), points)

    for kind, leg in ((_SNAP_LEFT, _LEFT_LEG), (_SNAP_RIGHT, _RIGHT_LEG)):
        order = tuple(TWINS[joint] if joint in leg else joint for joint in range(17))
        # Not quite onto it: what remains of the leg's own errors keeps them apart.
        found = torch.lerp(found, when(kind, order, found), 0.93)
    found = when(_SWAP_LOW, _KNEES_AND_ANKLES, found)
    return when(_SWAP_SIDES, TWINS, when(_SWAP_LEGS, _LEGS, found))
