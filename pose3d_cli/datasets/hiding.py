"""What a camera cannot see of a person: behind themselves, behind things, beyond the picture."""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from pose3d_cli.datasets.cameras import Shot
from pose3d_cli.datasets.draws import among, happens, indices, normal, uniform

TWINS = (0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15)
"""COCO's keypoints, left and right exchanged."""
_BEHIND_M, _BLUR_M = 0.08, 0.03
"""How much further away something must be to be hidden, and how sharply that sets in."""
_NEAR = 0.06
"""Within this share of the person's size, one joint covers another."""
_ARMS = (7, 8, 9, 10)


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What makes a picture easy or hard."""

    rays: Float[Tensor, "b t 17 2"]
    size: Float[Tensor, "b t 1 1"]
    doubt: Float[Tensor, "b t 17"]
    """How far each keypoint is hidden, 0 to 1."""
    outside: Float[Tensor, "b t 17"]
    """How far beyond the picture, in sizes of the person."""
    lean: Float[Tensor, "b t 1"]
    """0 for a trunk that is upright in the picture, 1 for a level one, 2 upside down."""


def seen_by(
    shot: Shot,
    rays: Float[Tensor, "b t 17 2"],
    *,
    things: float,
    frame_s: Float[Tensor, " b"],
    generator: torch.Generator,
) -> Seen:
    """Return what there is to be seen; ``things`` is the share of clips with one in the way."""
    size = size_of(rays, edge=shot.edge)
    hidden = behind_oneself(shot.points_m, rays, size=size)
    away = torch.nn.functional.pad(turned_away(shot.points_m), (0, 12))
    in_the_way = behind_things(rays, size=size, chance=things, frame_s=frame_s, generator=generator)
    trunk = rays[:, :, 5:7].mean(2) - rays[:, :, 11:13].mean(2)
    return Seen(
        rays=rays,
        size=size,
        doubt=torch.maximum(torch.maximum(hidden, away), in_the_way.float()),
        outside=beyond_the_picture(rays, edge=shot.edge, size=size),
        lean=1 + torch.nn.functional.normalize(trunk, dim=-1)[..., 1:],
    )


def size_of(
    rays: Float[Tensor, "b t 17 2"], *, edge: Float[Tensor, "b 1 1 2"]
) -> Float[Tensor, "b t 1 1"]:
    """Return the longer side of the person's box in each frame, as far as it is in the picture."""
    seen = torch.minimum(torch.maximum(rays, -edge), edge)
    extent = (seen.amax(2) - seen.amin(2)).amax(-1)
    return extent.clamp(min=1e-3)[..., None, None]


def behind_oneself(
    points_m: Float[Tensor, "b t 17 3"],
    rays: Float[Tensor, "b t 17 2"],
    *,
    size: Float[Tensor, "b t 1 1"],
) -> Float[Tensor, "b t 17"]:
    """Return how far keypoints are hidden, 0 to 1: far limbs by near ones, arms by the trunk."""
    order = indices(TWINS, rays.device)
    depth = points_m[..., 2]
    twin_gap = (rays - rays.index_select(2, order)).norm(dim=-1) / size[..., 0]
    hidden = _covered(depth - depth.index_select(2, order), twin_gap)
    arms = indices(_ARMS, rays.device)
    shoulders, hips = rays[:, :, 5:7].mean(2, keepdim=True), rays[:, :, 11:13].mean(2, keepdim=True)
    along, to_arm = hips - shoulders, rays.index_select(2, arms) - shoulders
    share = (to_arm * along).sum(-1, keepdim=True) / along.square().sum(-1, keepdim=True).clamp(
        min=1e-9
    )
    trunk_gap = (to_arm - share.clamp(0, 1) * along).norm(dim=-1) / size[..., 0]
    trunk_depth = (depth[:, :, 5:7].sum(-1) + depth[:, :, 11:13].sum(-1)) / 4
    by_trunk = _covered(depth.index_select(2, arms) - trunk_depth[..., None] - 0.05, trunk_gap)
    return hidden.index_copy(2, arms, torch.maximum(hidden.index_select(2, arms), by_trunk))


def turned_away(points_m: Float[Tensor, "b t 17 3"]) -> Float[Tensor, "b t 5"]:
    """Return how far nose, eyes and ears look away from the camera, 0 to 1."""
    head = points_m[:, :, :5]
    middle = head[:, :, 3:5].mean(2, keepdim=True)
    to_camera = -torch.nn.functional.normalize(middle, dim=-1)
    ahead = torch.nn.functional.normalize(head[:, :, :1] - middle, dim=-1)
    sideways = torch.nn.functional.normalize(head[:, :, 3:4] - head[:, :, 4:5], dim=-1)
    facing = (ahead * to_camera).sum(-1)  # b t 1
    left = (sideways * to_camera).sum(-1)
    front = facing + 0.15
    eyes = (front + 0.4 * left, front - 0.4 * left)
    ears = (left + 0.35 - 0.2 * facing, -left + 0.35 - 0.2 * facing)
    return torch.sigmoid(-8 * torch.cat([front + 0.1, *eyes, *ears], dim=-1))


def behind_things(
    rays: Float[Tensor, "b t 17 2"],
    *,
    size: Float[Tensor, "b t 1 1"],
    chance: float,
    frame_s: Float[Tensor, " b"],
    generator: torch.Generator,
) -> Bool[Tensor, "b t 17"]:
    """Put something in front of some people: a table for the whole clip, or what passes by."""
    batch, frames = rays.shape[:2]

    def draw(*ranges: tuple[float, float, float]) -> Tensor:
        return among(ranges, batch, generator=generator)

    there = happens(batch, chance=chance, generator=generator)
    table = happens(batch, chance=0.35, generator=generator)
    half = torch.stack([draw((1.0, 0.06, 0.5)), draw((1.0, 0.06, 0.5))], dim=1)
    place = 0.35 * normal(batch, 2, generator=generator)
    moving = happens(batch, 1, chance=0.5, generator=generator)
    speed = 0.6 * moving * normal(batch, 2, generator=generator)
    half = torch.where(table[:, None], torch.full_like(half, 3.0), half)
    top = draw((0.4, -0.1, 0.05), (0.6, 0.05, 0.4))
    table_place = torch.stack([torch.zeros_like(top), top + 3.0], dim=1)
    place = torch.where(table[:, None], table_place, place)
    speed = torch.where(table[:, None], torch.zeros_like(speed), speed)
    phase = uniform(batch, 1, low=0.0, high=1.0, generator=generator)
    time = frame_s[:, None] * (torch.arange(frames, device=rays.device) - frames * phase)  # b t
    at = place[:, None] + speed[:, None] * time[..., None]  # b t 2
    pelvis = rays[:, :, 11:13].mean((1, 2))[:, None, None]
    from_pelvis = (rays - pelvis) / size.mean((1, 2, 3), keepdim=True)
    inside = ((from_pelvis - at[:, :, None]).abs() < half[:, None, None]).all(-1)
    return inside & there[:, None, None]


def beyond_the_picture(
    rays: Float[Tensor, "b t 17 2"],
    *,
    edge: Float[Tensor, "b 1 1 2"],
    size: Float[Tensor, "b t 1 1"],
) -> Float[Tensor, "b t 17"]:
    """Return how far outside keypoints are, in sizes of the person; 0 inside."""
    beyond: Tensor = (rays.abs() - edge).clamp(min=0).norm(dim=-1)
    return beyond / size[..., 0]


def _covered(further_m: Tensor, gap: Tensor) -> Tensor:
    near: Tensor = torch.exp(-(gap / _NEAR).square())
    far: Tensor = torch.sigmoid((further_m - _BEHIND_M) / _BLUR_M)
    return near * far
