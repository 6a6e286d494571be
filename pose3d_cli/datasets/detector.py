"""A detector that makes the mistakes of YOLO-pose.

It is off by a little, in ways that wander over tenths of a second and that neighbouring joints
share; more so with blur, with limbs that are hidden, with people who lean. Now and then it takes
one leg for the other, lays both onto the same, loses a wrist, or misses somebody. It is hardly
ever in doubt about a body, and often about a face.
"""

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from pose3d_cli.datasets.cameras import Shot
from pose3d_cli.datasets.curves import drift
from pose3d_cli.datasets.detector_errors import (
    DOUBTFUL,
    NEXT_UP,
    SPREAD,
    SURENESS,
    DetectorErrors,
)
from pose3d_cli.datasets.draws import among, indices, normal, table
from pose3d_cli.datasets.hiding import Seen, seen_by
from pose3d_cli.datasets.mishaps import DROPOUTS, JUMPS, MISSES, events_of, mixed_up

LOST_BELOW = 0.3
"""Keypoints of less confidence are filled in from the frames about them, as in use."""


def detected(
    shot: Shot,
    *,
    errors: DetectorErrors,
    noise: float,
    frame_s: Float[Tensor, " b"],
    generator: torch.Generator,
) -> tuple[Float[Tensor, "b t 17 2"], Float[Tensor, "b t 17"]]:
    """Return what a detector makes of COCO's keypoints: where they are, and how sure it is.

    Args:
        shot: the keypoints, and where the picture ends.
        errors: what is wrong, and how often.
        noise: multiplies distances and rates; at 0 everything is exact.
        frame_s: time between frames.
        generator: where chance comes from.
    """
    rays = shot.points_m[..., :2] / shot.points_m[..., 2:]
    if noise == 0:
        return rays, torch.ones_like(rays[..., 0])
    seen = seen_by(shot, rays, things=errors.things, frame_s=frame_s, generator=generator)
    events = events_of(seen, errors=errors, noise=noise, frame_s=frame_s, generator=generator)
    error = _usual_errors(seen, errors=errors, frame_s=frame_s, generator=generator)
    found = rays + noise * seen.size * error
    pixel = (0.6 / (errors.input_px * shot.focal))[:, None, None, None]
    found = found + noise * pixel * normal(*rays.shape, generator=generator)
    found = mixed_up(found, events)
    jumps = events.active[:, :, JUMPS]
    jump = events.held(normal(*events.active.shape, 2, generator=generator))[:, :, JUMPS]
    found = found + noise * errors.jump * seen.size * jump * jumps[..., None]
    found = torch.minimum(torch.maximum(found, -shot.edge), shot.edge)
    logit = _sureness(seen, jumps, frame_s=frame_s, generator=generator)
    confidence = 1 - min(noise, 1.0) * torch.sigmoid(-logit)
    missed = events.active[:, :, MISSES] | events.active[:, :, DROPOUTS]
    lost = missed | (confidence < LOST_BELOW)
    return bridged(found, lost=lost), confidence.masked_fill(lost, 0.0)


def bridged(
    rays: Float[Tensor, "b t v 2"], *, lost: Bool[Tensor, "b t v"]
) -> Float[Tensor, "b t v 2"]:
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


def _usual_errors(
    seen: Seen,
    *,
    errors: DetectorErrors,
    frame_s: Float[Tensor, " b"],
    generator: torch.Generator,
) -> Float[Tensor, "b t 17 2"]:
    """Return errors that are always there: a bias, one that wanders, and one that flickers."""
    batch, frames, device = *seen.rays.shape[:2], seen.rays.device
    knots = frame_s / among(errors.wander_s, batch, generator=generator)
    slow = drift(17, 2, frames=frames, knots=knots, generator=generator)
    quick = drift(17, 2, frames=frames, knots=frame_s / 0.04, generator=generator)
    bias = normal(batch, 1, 17, 2, generator=generator)
    own = 0.6 * bias + 0.65 * slow + 0.45 * quick
    shared = own.index_select(2, indices(NEXT_UP, device))
    error = 0.8 * own + 0.45 * shared + 0.3 * own[:, :, :1]
    moved = torch.nn.functional.pad(seen.rays.diff(dim=1), (0, 0, 0, 0, 1, 0)).norm(dim=-1)
    speed = moved / seen.size[..., 0] / frame_s[:, None, None]  # sizes a second
    worse = 1 + 1.5 * seen.doubt + 0.25 * speed.clamp(max=6) + seen.lean
    level = among(errors.level, batch, generator=generator)[:, None, None]
    spread = table(SPREAD, device)
    sd: Tensor = level * spread * worse + 0.04 * (seen.doubt > 0.5)
    return error * sd[..., None]


def _sureness(
    seen: Seen,
    jumps: Bool[Tensor, "b t 17"],
    *,
    frame_s: Float[Tensor, " b"],
    generator: torch.Generator,
) -> Float[Tensor, "b t 17"]:
    """Return logits of the confidence: hardly lower where it is wrong, unless it cannot see."""
    batch, frames, _ = seen.doubt.shape
    mood = 0.8 * normal(batch, 1, 1, generator=generator)
    wander = drift(17, frames=frames, knots=frame_s / 0.3, generator=generator)
    limits = normal(batch, 1, 17, generator=generator)
    logit: Tensor = (
        table(SURENESS, seen.doubt.device)
        + mood
        + 0.8 * wander
        - seen.doubt * (table(DOUBTFUL, seen.doubt.device) + 1.5 * limits)
        - 50 * seen.outside
        - 1.5 * jumps
    )
    return logit
