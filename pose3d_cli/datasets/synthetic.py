"""Random cameras that look at recorded motion, and a detector that makes a detector's mistakes.

The result is what the lifter will get in use: COCO keypoints through the same conversion to H36M
joints, as rays of a camera whose focal length is only roughly known.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from pose3d_cli.datasets.bodies import coco_points, mirrored, with_varied_bones
from pose3d_cli.datasets.cameras import Shot, film
from pose3d_cli.datasets.detector import detected
from pose3d_cli.datasets.draws import happens, indices, normal, table
from pose3d_cli.datasets.mocap import Corpus
from pose3d_cli.datasets.playback import draw_windows
from pose3d_cli.datasets.recombine import recombined
from pose3d_cli.datasets.views import Views
from pose3d_cli.geometry.camera import TYPICAL_FOCAL
from pose3d_cli.geometry.remap import COCO_SOURCES_OF_H36M

_REMAP = tuple(
    float(keypoint in sources) / len(sources)
    for sources in COCO_SOURCES_OF_H36M
    for keypoint in range(17)
)
_SOURCES = tuple(s for four in COCO_SOURCES_OF_H36M for s in (four * 4)[:4])
"""Four for each joint, some of them repeated."""


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """What a camera and a detector saw of some clips, and the truth."""

    rays: Float[Tensor, "b t 17 2"]
    """H36M joints at depth 1 of the assumed camera."""
    confidence: Float[Tensor, "b t 17"]
    exact_rays: Float[Tensor, "b t 17 2"]
    """The same joints without the detector's errors, at depth 1 of the assumed camera."""
    truth_m: Float[Tensor, "b t 17 3"]
    """Root-relative, in the axes of the camera at each frame."""
    camera_from_world: Float[Tensor, "b t 3 3"]
    """Its last column is where up is: the world's z axis."""


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
    windows = draw_windows(
        corpus,
        chances=chances,
        clips=clips,
        frames=frames,
        playback=views.playback,
        generator=generator,
    )
    return look_at(windows.positions_m, frame_s=windows.frame_s, views=views, generator=generator)


def look_at(
    positions: Float[Tensor, "b t 24 3"],
    *,
    frame_s: Float[Tensor, " b"],
    views: Views,
    generator: torch.Generator,
) -> Batch:
    """Film each clip with a camera of its own and mark the joints like a detector."""
    batch = len(positions)
    mirror = happens(batch, 1, 1, 1, chance=0.5, generator=generator)
    positions = torch.where(mirror, mirrored(positions), positions)
    if views.bodies.vary:
        positions = recombined(positions, bodies=views.bodies, generator=generator)
        positions = with_varied_bones(positions, bodies=views.bodies, generator=generator)
    coco = coco_points(positions, bodies=views.bodies, generator=generator)
    both = torch.cat([positions[:, :, :17], coco], dim=2)
    shot = film(both, cameras=views.cameras, frame_s=frame_s, generator=generator)
    joints, keypoints = shot.points_m[:, :, :17], shot.points_m[:, :, 17:]
    zoom = _misjudged(shot.focal, views=views, generator=generator)
    rays, confidence = detected(
        Shot(keypoints, shot.camera_from_world, shot.focal, shot.edge),
        errors=views.errors,
        noise=views.noise,
        frame_s=frame_s,
        generator=generator,
    )
    return Batch(
        rays=zoom * h36m(rays),
        confidence=h36m_confidence(confidence),
        exact_rays=zoom * h36m(keypoints[..., :2] / keypoints[..., 2:]),
        truth_m=joints - joints[:, :, :1],
        camera_from_world=shot.camera_from_world,
    )


def h36m(points: Float[Tensor, "b t 17 2"]) -> Float[Tensor, "b t 17 2"]:
    """Return the joints of Human3.6M as means of COCO's keypoints."""
    by_source = table(_REMAP, points.device).view(17, 17)
    return (by_source[:, :, None] * points[:, :, None]).sum(3)


def h36m_confidence(confidence: Float[Tensor, "b t 17"]) -> Float[Tensor, "b t 17"]:
    """Return how far each joint can be trusted: no further than its worst source."""
    sources = indices(_SOURCES, confidence.device)
    return confidence.index_select(2, sources).view(*confidence.shape, -1).amin(-1)


def _misjudged(
    focal: Float[Tensor, " b"], *, views: Views, generator: torch.Generator
) -> Float[Tensor, "b 1 1 1"]:
    """Return how much wider than the rays themselves those of the assumed camera are."""
    known = happens(len(focal), chance=views.known_focal, generator=generator)
    slip = (0.03 * normal(len(focal), generator=generator)).exp()
    ratio = torch.where(known, slip, focal / TYPICAL_FOCAL)
    return (min(views.noise, 1.0) * ratio.log()).exp()[:, None, None, None]
