"""What the network sees: a person in the middle of a camera that points at them.

The picture is turned, in perspective, until the person's centre over the window is on the optical
axis; then it is scaled by the person's size. Where in the picture somebody stands, and how large,
no longer matters, and the tilt that perspective gives to people off the axis is undone (to a tenth
of a degree or so: the centre is a mean of rays, which a turn moves a little).
The turn has no roll, so that the picture's vertical stays vertical.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

INPUT_CONVENTION = "person-centred-rays/1"
"""Name of this convention in a checkpoint's header."""

SEEN = 0.05
"""Joints of less confidence do not count for the person's place and size."""


@dataclass(frozen=True, slots=True, eq=False)
class Normalised:
    """Windows in the network's own view, and the way back."""

    inputs: Float[Tensor, "b t v 3"]
    """x right, y down, half the person's longer side is 1; then the confidence."""
    view_from_camera: Float[Tensor, "b 3 3"]


def normalise(rays: Float[Tensor, "b t v 2"], confidence: Float[Tensor, "b t v"]) -> Normalised:
    """Turn and scale windows; joints that are never seen in a window become 0.

    Args:
        rays: the joints at depth 1 of the camera, x right, y down.
        confidence: 0 to 1, 0 for a joint that was filled in.
    """
    seen = confidence > SEEN
    seen = torch.where(seen.flatten(1).any(1)[:, None, None], seen, torch.ones_like(seen))
    centre = _mean(rays.flatten(1, 2), seen.flatten(1))  # b 2
    view_from_camera = _look_at(centre)
    homogeneous = torch.cat([rays, torch.ones_like(rays[..., :1])], dim=-1)
    in_view = turned(homogeneous, view_from_camera)
    points = in_view[..., :2] / in_view[..., 2:].clamp(min=0.05)
    points = points / _half_size(points, seen)
    points = points * seen.any(1)[:, None, :, None]
    return Normalised(torch.cat([points, confidence[..., None]], dim=-1), view_from_camera)


def turned(
    vectors: Float[Tensor, "b t v 3"], rotation: Float[Tensor, "b 3 3"]
) -> Float[Tensor, "b t v 3"]:
    """Turn vectors, in full precision: GPUs may round the operands of ``@`` to ten bits."""
    return (rotation[:, None, None] * vectors[..., None, :]).sum(-1)


def _mean(values: Float[Tensor, "b n 2"], mask: Bool[Tensor, "b n"]) -> Float[Tensor, "b 2"]:
    weights = mask.to(values.dtype)[..., None]
    return (values * weights).sum(1) / weights.sum(1)


def _look_at(centre: Float[Tensor, "b 2"]) -> Float[Tensor, "b 3 3"]:
    """Rows: right, down and forward of a camera that is turned towards a ray, without roll."""
    ray = torch.cat([centre, torch.ones_like(centre[:, :1])], dim=-1)
    forward = torch.nn.functional.normalize(ray, dim=-1)
    right = torch.stack([forward[:, 2], torch.zeros_like(forward[:, 0]), -forward[:, 0]], dim=-1)
    right = torch.nn.functional.normalize(right, dim=-1)
    return torch.stack([right, torch.linalg.cross(forward, right), forward], dim=1)


def _half_size(
    points: Float[Tensor, "b t v 2"], seen: Bool[Tensor, "b t v"]
) -> Float[Tensor, "b 1 1 1"]:
    """Half the longer side of the person's box, the median over the frames with enough joints."""
    hidden = ~seen[..., None]
    extent = points.masked_fill(hidden, -torch.inf).amax(2)
    extent = extent - points.masked_fill(hidden, torch.inf).amin(2)  # b t 2
    longer = extent.amax(-1)
    longer = longer.masked_fill(~torch.isfinite(longer), torch.nan)
    return (longer.nanmedian(1).values / 2).clamp(min=1e-4).view(-1, 1, 1, 1)
