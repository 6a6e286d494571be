"""A detector that makes a detector's mistakes: jitter, drift, mixed-up legs, joints that drop out."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from pose3d_cli.datasets.draws import happens, indices, log_uniform, normal, table, uniform

WRISTS_AND_ANKLES = (9, 10, 15, 16)
_WORSE = tuple(1.6 if joint in WRISTS_AND_ANKLES else 1.0 for joint in range(17))
_OTHER_LEGS = (*range(13), 14, 13, 16, 15)
"""COCO's keypoints, with knees and ankles exchanged."""
_HANN_9 = (0.0955, 0.3455, 0.6545, 0.9045, 1.0, 0.9045, 0.6545, 0.3455, 0.0955)


def detected(
    rays: Float[Tensor, "b t 17 2"], *, noise: float, generator: torch.Generator
) -> tuple[Float[Tensor, "b t 17 2"], Float[Tensor, "b t 17"]]:
    """Return what a detector makes of exact keypoints: where it puts them, and how sure it is."""
    batch, frames, joints, _ = rays.shape
    # Of the person in each frame: over the window, somebody who walks by would be huge.
    size = (rays.amax(2) - rays.amin(2)).amax(-1)[..., None, None]  # b t 1 1
    level = log_uniform(batch, 1, 1, 1, low=0.003, high=0.02, generator=generator)
    drift = _smoothed(normal(batch, frames, joints, 2, generator=generator))
    bias = normal(batch, 1, joints, 2, generator=generator)
    error = 0.5 * normal(batch, frames, joints, 2, generator=generator) + drift + 0.7 * bias
    worse = table(_WORSE, rays.device)[:, None]
    rays = rays + noise * level * size * worse * error
    if noise == 0:
        return rays, torch.ones_like(rays[..., 0])
    rays = _with_swapped_legs(rays, generator=generator)
    lost = _bursts((batch, joints), frames=frames, chance=0.12, generator=generator).transpose(1, 2)
    unseen = _out_of_view(batch, joints, generator=generator)
    doubt = uniform(batch, frames, joints, low=0.0, high=1.0, generator=generator)
    confidence = (1 - 0.35 * doubt**2).masked_fill(lost | unseen, 0.0)
    return _bridged(rays, lost=lost), confidence


def _smoothed(noise: Float[Tensor, "b t v 2"]) -> Float[Tensor, "b t v 2"]:
    """Correlate noise over nine frames and keep its variance, but for the ends of the clip."""
    window = table(_HANN_9, noise.device)
    batch, frames, joints, _ = noise.shape
    rows = noise.permute(0, 2, 3, 1).reshape(-1, 1, frames)
    smooth = torch.nn.functional.conv1d(rows, (window / window.norm()).view(1, 1, -1), padding=4)
    return smooth.view(batch, joints, 2, frames).permute(0, 3, 1, 2)


def _bursts(
    shape: tuple[int, ...], *, frames: int, chance: float, generator: torch.Generator
) -> Bool[Tensor, "*shape t"]:
    """Return masks (*shape, t) in which some rows hold one burst of 2 to 25 frames."""
    start = uniform(*shape, 1, low=-10.0, high=float(frames), generator=generator)
    length = 2 + 23 * uniform(*shape, 1, low=0.0, high=1.0, generator=generator) ** 2
    hit = happens(*shape, 1, chance=chance, generator=generator)
    time = torch.arange(frames, device=generator.device)
    return hit & (time >= start) & (time < start + length)


def _with_swapped_legs(
    rays: Float[Tensor, "b t v 2"], *, generator: torch.Generator
) -> Float[Tensor, "b t v 2"]:
    """Exchange left and right knees and ankles in bursts, in some clips."""
    swap = _bursts((len(rays),), frames=rays.shape[1], chance=0.05, generator=generator)
    return torch.where(
        swap[..., None, None], rays.index_select(2, indices(_OTHER_LEGS, rays.device)), rays
    )


def _out_of_view(batch: int, joints: int, *, generator: torch.Generator) -> Bool[Tensor, "b 1 v"]:
    """Hide knees and ankles, or ankles alone, for a whole clip now and then."""
    draw = uniform(batch, 1, 1, low=0.0, high=1.0, generator=generator)
    joint = torch.arange(joints, device=generator.device)
    return ((draw < 0.03) & (joint >= 13)) | ((draw > 0.96) & (joint >= 15))


def _bridged(rays: Float[Tensor, "b t v 2"], *, lost: Tensor) -> Float[Tensor, "b t v 2"]:
    """Replace lost joints by straight lines between the frames around the gap, as in use."""
    frames = rays.shape[1]
    time = torch.arange(frames, device=rays.device).view(1, frames, 1).expand(lost.shape)
    before = torch.where(lost, -1, time).cummax(1).values
    after = torch.where(lost, frames, time).flip(1).cummin(1).values.flip(1)
    known_before = torch.where(before < 0, after, before).clamp(0, frames - 1)
    known_after = torch.where(after >= frames, before, after).clamp(0, frames - 1)
    span = (known_after - known_before).clamp(min=1)
    share = ((time - known_before) / span).clamp(0, 1)[..., None]

    def pick(at: Tensor) -> Tensor:
        return rays.gather(1, at[..., None].expand(-1, -1, -1, 2))

    return torch.lerp(pick(known_before), pick(known_after), share)
