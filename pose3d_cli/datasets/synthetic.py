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
from pose3d_cli.datasets.detector import detected
from pose3d_cli.datasets.draws import happens, log_uniform, normal, table, uniform
from pose3d_cli.datasets.mocap import Corpus
from pose3d_cli.geometry.remap import COCO_SOURCES_OF_H36M

_REMAP = tuple(
    float(keypoint in sources) / len(sources)
    for sources in COCO_SOURCES_OF_H36M
    for keypoint in range(17)
)


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """What a camera and a detector saw of some clips, and the truth."""

    rays: Float[Tensor, "b t 17 2"]
    """H36M joints at depth 1 of the assumed camera."""
    confidence: Float[Tensor, "b t 17"]
    exact_rays: Float[Tensor, "b t 17 2"]
    """The same joints without the detector's errors, at depth 1 of the assumed camera."""
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
    """Draw clips of motion and look at each with another camera and detector.

    All on the device of ``corpus``, ``chances`` and ``generator``, without waiting for it.
    """
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
    device = corpus.positions_m.device
    draw = uniform(clips, low=0.0, high=1.0, generator=generator)
    # No multinomial: it looks at the chances on the host.
    clip = torch.searchsorted(chances.cumsum(0), draw).clamp(max=len(chances) - 1)
    pace = speed ** uniform(clips, 1, low=-1.0, high=1.0, generator=generator)
    last = (corpus.length[clip] - 1)[:, None].float()
    room = (last - pace * (frames - 1)).clamp(min=0)
    at = room * uniform(clips, 1, low=0.0, high=1.0, generator=generator)
    at = torch.minimum(at + pace * torch.arange(frames, device=device), last)  # b t
    before = at.floor().long()
    after = torch.minimum(before + 1, last.long())
    first = corpus.start[clip, None]
    share = (at - before)[..., None, None]
    return torch.lerp(corpus.positions_m[first + before], corpus.positions_m[first + after], share)


def look_at(
    positions: Float[Tensor, "b t 24 3"], *, views: Views, generator: torch.Generator
) -> Batch:
    """Film each clip with a camera of its own and mark the joints like a detector."""
    batch = len(positions)
    mirror = happens(batch, 1, 1, 1, chance=0.5, generator=generator)
    positions = torch.where(mirror, mirrored(positions), positions)
    if views.vary_bones:
        positions = with_varied_bones(positions, generator=generator)
    both = torch.cat([positions[:, :, :17], coco_points(positions, generator=generator)], dim=2)
    focal = log_uniform(batch, low=0.7, high=3.0, generator=generator)
    seen = _filmed(both, focal=focal, views=views, generator=generator)
    truth = seen[:, :, :17] - seen[:, :, :1]
    misjudged = torch.exp(0.25 * views.noise * normal(batch, 1, 1, 1, generator=generator))
    exact = seen[:, :, 17:, :2] / seen[:, :, 17:, 2:] * misjudged
    rays, confidence = detected(exact, noise=views.noise, generator=generator)
    worst = torch.stack(
        [
            torch.stack([confidence[..., keypoint] for keypoint in sources], dim=-1).amin(-1)
            for sources in COCO_SOURCES_OF_H36M
        ],
        dim=-1,
    )
    return Batch(rays=_h36m(rays), confidence=worst, exact_rays=_h36m(exact), truth_m=truth)


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
    usual = happens(batch, chance=0.8, generator=generator)
    often = uniform(batch, low=-9.0, high=26.0, generator=generator)
    ever = uniform(batch, low=-29.0, high=63.0, generator=generator)
    roll = views.roll_sd_deg * normal(batch, generator=generator)
    camera_from_world = _camera_axes(
        uniform(batch, low=0.0, high=2 * math.pi, generator=generator),
        torch.where(usual, often, ever).deg2rad(),
        roll.deg2rad(),
    )
    points = turned(points - centre, camera_from_world)
    # The person, 1.7 m, fills this share of the picture's height.
    fill = log_uniform(batch, low=0.3, high=1.1, generator=generator)
    depth = torch.maximum(1.7 * focal / fill, 0.6 - points[..., 2].amin((1, 2)))
    off_centre = 0.25 * normal(batch, 2, generator=generator) / focal[:, None]
    shift = torch.cat([off_centre.clamp(-0.6, 0.6) * depth[:, None], depth[:, None]], dim=1)
    return points + shift[:, None, None]


def turned(
    points: Float[Tensor, "b t v 3"], rotation: Float[Tensor, "b 3 3"]
) -> Float[Tensor, "b t v 3"]:
    """Rotate each clip. No matrix product: on GPUs that may round to ten bits."""
    x, y, z = rotation[:, None, None].unbind(-1)  # what each axis becomes
    return points[..., :1] * x + points[..., 1:2] * y + points[..., 2:] * z


def _camera_axes(
    yaw: Float[Tensor, " b"], pitch: Float[Tensor, " b"], roll: Float[Tensor, " b"]
) -> Float[Tensor, "b 3 3"]:
    """Rows: the camera's right, down and forward in a world with z up; pitch > 0 looks down."""
    forward = torch.stack([pitch.cos() * yaw.cos(), pitch.cos() * yaw.sin(), -pitch.sin()], dim=-1)
    right = torch.stack([yaw.sin(), -yaw.cos(), torch.zeros_like(yaw)], dim=-1)
    down = torch.linalg.cross(forward, right)
    c, s = roll.cos()[:, None], roll.sin()[:, None]
    return torch.stack([c * right + s * down, c * down - s * right, forward], dim=1)


def _h36m(points: Float[Tensor, "b t 17 2"]) -> Float[Tensor, "b t 17 2"]:
    """Return the joints of Human3.6M as means of COCO's keypoints."""
    by_source = table(_REMAP, points.device).view(17, 17)
    return (by_source[:, :, None] * points[:, :, None]).sum(3)
