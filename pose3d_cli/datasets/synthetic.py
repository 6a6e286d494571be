"""Random cameras that look at recorded motion, and a detector that makes a detector's mistakes.

The result is what the lifter will get in use: COCO keypoints through the same conversion to H36M
joints, as rays of a camera whose focal length is only roughly known.
"""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from pose3d_cli.datasets.bodies import coco_points, mirrored, with_varied_bones
from pose3d_cli.datasets.mocap import Corpus
from pose3d_cli.geometry.remap import COCO_SOURCES_OF_H36M

WRISTS_AND_ANKLES = (9, 10, 15, 16)
KNEES_AND_ANKLES = ((13, 14), (15, 16))
"""(left, right), as COCO numbers them."""


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """What a camera and a detector saw of some clips, and the truth."""

    rays: Float[Tensor, "b t 17 2"]
    """H36M joints at depth 1 of the assumed camera."""
    confidence: Float[Tensor, "b t 17"]
    truth_m: Float[Tensor, "b t 17 3"]
    """Root-relative, in the axes of the camera."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Views:
    """How cameras and detectors vary."""

    noise: float = 1.0
    """Multiplies all errors of the detector; 0 gives exact keypoints and focal lengths."""
    roll_sd_deg: float = 8.0
    vary_bones: bool = True
    """Give every clip its own proportions; off keeps the recording's."""
    speed: float = 1.5
    """Motion is played up to this much faster or slower."""


def synthesise(
    corpus: Corpus,
    *,
    chances: Float[Tensor, " c"],
    clips: int,
    frames: int,
    views: Views,
    generator: torch.Generator,
) -> Batch:
    """Draw clips of motion and look at each with another camera and detector."""
    positions = draw_windows(
        corpus, chances=chances, clips=clips, frames=frames, speed=views.speed, generator=generator
    )
    return look_at(positions, views=views, generator=generator)


def draw_windows(
    corpus: Corpus,
    *,
    chances: Float[Tensor, " c"],
    clips: int,
    frames: int,
    speed: float,
    generator: torch.Generator,
) -> Float[Tensor, "b t 24 3"]:
    """Cut random windows, played slower or faster; short clips hold their last pose."""
    clip = torch.multinomial(chances, clips, replacement=True, generator=generator)
    pace = speed ** (2 * torch.rand(clips, 1, generator=generator) - 1)
    last = (corpus.length[clip] - 1)[:, None].float()
    room = (last - pace * (frames - 1)).clamp(min=0)
    at = room * torch.rand(clips, 1, generator=generator) + pace * torch.arange(frames)
    at = torch.minimum(at, last)  # b t
    before = at.floor().long()
    after = torch.minimum(before + 1, last.long())
    first = corpus.start[clip, None]
    share = (at - before)[..., None, None]
    return torch.lerp(corpus.positions_m[first + before], corpus.positions_m[first + after], share)


def look_at(
    positions: Float[Tensor, "b t 24 3"], *, views: Views, generator: torch.Generator
) -> Batch:
    """Film each clip with a camera of its own and mark the joints like a detector."""
    mirror = torch.rand(len(positions), 1, 1, 1, generator=generator) < 0.5
    positions = torch.where(mirror, mirrored(positions), positions)
    if views.vary_bones:
        positions = with_varied_bones(positions, generator=generator)
    both = torch.cat([positions[:, :, :17], coco_points(positions, generator=generator)], dim=2)
    focal = torch.exp(_uniform(len(both), math.log(0.7), math.log(3.0), generator))
    seen = _filmed(both, focal=focal, views=views, generator=generator)
    truth = seen[:, :, :17] - seen[:, :, :1]
    misjudged = torch.exp(0.25 * views.noise * torch.randn(len(both), 1, 1, 1, generator=generator))
    rays = seen[:, :, 17:, :2] / seen[:, :, 17:, 2:] * misjudged
    rays, confidence = _detected(rays, noise=views.noise, generator=generator)
    to_h36m = _h36m_weights()
    worst = torch.stack([confidence[..., s].amin(-1) for s in COCO_SOURCES_OF_H36M], dim=-1)
    return Batch(rays=to_h36m @ rays, confidence=worst, truth_m=truth)


def _filmed(
    points: Float[Tensor, "b t v 3"],
    *,
    focal: Float[Tensor, " b"],
    views: Views,
    generator: torch.Generator,
) -> Float[Tensor, "b t v 3"]:
    """Return the points in the axes of a camera that has the person in its picture."""
    batch = len(points)
    centre = points[:, :, 0].mean(1)[:, None, None]
    usual = torch.rand(batch, generator=generator) < 0.8
    often, ever = _uniform(batch, -9.0, 26.0, generator), _uniform(batch, -29.0, 63.0, generator)
    pitch = torch.where(usual, often, ever)
    roll = views.roll_sd_deg * torch.randn(batch, generator=generator)
    camera_from_world = _camera_axes(
        _uniform(batch, 0.0, 2 * math.pi, generator), pitch.deg2rad(), roll.deg2rad()
    )
    points = (points - centre) @ camera_from_world.mT[:, None]
    # The person, 1.7 m, fills this share of the picture's height.
    fill = torch.exp(_uniform(batch, math.log(0.3), math.log(1.1), generator))
    depth = torch.maximum(1.7 * focal / fill, 0.6 - points[..., 2].amin((1, 2)))
    off_centre = 0.25 * torch.randn(batch, 2, generator=generator) / focal[:, None]
    shift = torch.cat([off_centre.clamp(-0.6, 0.6) * depth[:, None], depth[:, None]], dim=1)
    return points + shift[:, None, None]


def _camera_axes(
    yaw: Float[Tensor, " b"], pitch: Float[Tensor, " b"], roll: Float[Tensor, " b"]
) -> Float[Tensor, "b 3 3"]:
    """Rows: the camera's right, down and forward in a world with z up; pitch > 0 looks down."""
    forward = torch.stack([pitch.cos() * yaw.cos(), pitch.cos() * yaw.sin(), -pitch.sin()], dim=-1)
    right = torch.stack([yaw.sin(), -yaw.cos(), torch.zeros_like(yaw)], dim=-1)
    down = torch.linalg.cross(forward, right)
    c, s = roll.cos()[:, None], roll.sin()[:, None]
    return torch.stack([c * right + s * down, c * down - s * right, forward], dim=1)


def _detected(
    rays: Float[Tensor, "b t v 2"], *, noise: float, generator: torch.Generator
) -> tuple[Float[Tensor, "b t v 2"], Float[Tensor, "b t v"]]:
    """Add a detector's errors: jitter, slow drift, bias, swapped legs, joints that drop out."""
    batch, frames, joints, _ = rays.shape
    # Of the person in each frame: over the window, somebody who walks by would be huge.
    size = (rays.amax(2) - rays.amin(2)).amax(-1)[..., None, None]  # b t 1 1
    level = torch.exp(_uniform(batch, math.log(0.003), math.log(0.02), generator))
    level = noise * level.view(batch, 1, 1, 1) * size
    worse = torch.ones(joints, 1)
    worse[list(WRISTS_AND_ANKLES)] = 1.6

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator)

    drift = _smoothed(normal(batch, frames, joints, 2))
    error = 0.5 * normal(batch, frames, joints, 2) + drift + 0.7 * normal(batch, 1, joints, 2)
    rays = rays + level * worse * error
    if noise == 0:
        return rays, torch.ones(batch, frames, joints)
    rays = _with_swapped_legs(rays, generator=generator)
    lost = _bursts((batch, joints), frames=frames, chance=0.12, generator=generator).transpose(1, 2)
    unseen = _out_of_view(batch, joints, generator=generator)
    confidence = 1 - 0.35 * torch.rand(batch, frames, joints, generator=generator) ** 2
    confidence = confidence.masked_fill(lost | unseen, 0.0)
    return _bridged(rays, lost=lost), confidence


def _smoothed(noise: Float[Tensor, "b t v 2"]) -> Float[Tensor, "b t v 2"]:
    """Correlate noise over nine frames and keep its variance, but for the ends of the clip."""
    window = torch.hann_window(11, periodic=False)[1:-1]
    window = window / window.norm()
    batch, frames, joints, _ = noise.shape
    rows = noise.permute(0, 2, 3, 1).reshape(-1, 1, frames)
    smooth = torch.nn.functional.conv1d(rows, window.view(1, 1, -1), padding=4)
    return smooth.view(batch, joints, 2, frames).permute(0, 3, 1, 2)


def _bursts(
    shape: tuple[int, ...], *, frames: int, chance: float, generator: torch.Generator
) -> Tensor:
    """Return masks (*shape, t) in which some rows hold one burst of 2 to 25 frames."""
    start = torch.rand(*shape, 1, generator=generator) * (frames + 10) - 10
    length = 2 + 23 * torch.rand(*shape, 1, generator=generator) ** 2
    hit = torch.rand(*shape, 1, generator=generator) < chance
    time = torch.arange(frames)
    return hit & (time >= start) & (time < start + length)


def _with_swapped_legs(
    rays: Float[Tensor, "b t v 2"], *, generator: torch.Generator
) -> Float[Tensor, "b t v 2"]:
    """Exchange left and right knees and ankles in bursts, in some clips."""
    order = list(range(rays.shape[2]))
    for left, right in KNEES_AND_ANKLES:
        order[left], order[right] = right, left
    swap = _bursts((len(rays),), frames=rays.shape[1], chance=0.05, generator=generator)
    return torch.where(swap[..., None, None], rays[:, :, order], rays)


def _out_of_view(batch: int, joints: int, *, generator: torch.Generator) -> Tensor:
    """Hide knees and ankles, or ankles alone, for a whole clip now and then."""
    draw = torch.rand(batch, 1, 1, generator=generator)
    joint = torch.arange(joints)
    return ((draw < 0.03) & (joint >= 13)) | ((draw > 0.96) & (joint >= 15))


def _bridged(rays: Float[Tensor, "b t v 2"], *, lost: Tensor) -> Float[Tensor, "b t v 2"]:
    """Replace lost joints by straight lines between the frames around the gap, as in use."""
    frames = rays.shape[1]
    time = torch.arange(frames).view(1, frames, 1).expand(lost.shape)
    before = torch.where(lost, -1, time).cummax(1).values
    after = torch.where(lost, frames, time).flip(1).cummin(1).values.flip(1)
    known_before = torch.where(before < 0, after, before).clamp(0, frames - 1)
    known_after = torch.where(after >= frames, before, after).clamp(0, frames - 1)
    span = (known_after - known_before).clamp(min=1)
    share = ((time - known_before) / span).clamp(0, 1)[..., None]

    def pick(at: Tensor) -> Tensor:
        return rays.gather(1, at[..., None].expand(-1, -1, -1, 2))

    return torch.lerp(pick(known_before), pick(known_after), share)


def _h36m_weights() -> Float[Tensor, "17 17"]:
    weights = torch.zeros(17, 17)
    for joint, sources in enumerate(COCO_SOURCES_OF_H36M):
        weights[joint, list(sources)] = 1 / len(sources)
    return weights


def _uniform(
    count: int, low: float, high: float, generator: torch.Generator
) -> Float[Tensor, " b"]:
    return low + (high - low) * torch.rand(count, generator=generator)
