"""What the lifter is trained to make small. Poses are in metres."""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from pose3d_cli.skeleton import H36M17

Clips = Float[Tensor, "b t v 3"]


def position_loss(predicted: Clips, truth: Clips) -> Float[Tensor, ""]:
    """Mean distance between joints: MPJPE."""
    distance: Tensor = (predicted - truth).norm(dim=-1)
    return distance.mean()


def scale_free_loss(predicted: Clips, truth: Clips) -> Float[Tensor, ""]:
    """MPJPE after the best scale for each frame: N-MPJPE (Rhodin et al. 2018)."""
    dot = (predicted * truth).sum((-2, -1), keepdim=True)
    norm = predicted.square().sum((-2, -1), keepdim=True)
    return position_loss(dot / norm.clamp(min=1e-8) * predicted, truth)


def velocity_loss(predicted: Clips, truth: Clips) -> Float[Tensor, ""]:
    """Mean difference between steps from frame to frame: MPJVE (Pavllo et al. 2019)."""
    if predicted.shape[1] < 2:
        return predicted.new_zeros(())
    return position_loss(predicted.diff(dim=1), truth.diff(dim=1))


def bone_direction_loss(predicted: Clips, truth: Clips) -> Float[Tensor, ""]:
    """Mean distance between the ends of unit bones, whatever their lengths: 0 to 2, no unit."""
    return position_loss(_directions(predicted), _directions(truth))


def total_loss(
    predicted: Clips,
    truth: Clips,
    *,
    scale_weight: float,
    velocity_weight: float,
    bone_direction_weight: float = 0.0,
) -> Float[Tensor, ""]:
    """Return the weighted sum (MotionBERT, Zhu et al. 2023, section 3.4), and bone directions."""
    total = (
        position_loss(predicted, truth)
        + scale_weight * scale_free_loss(predicted, truth)
        + velocity_weight * velocity_loss(predicted, truth)
    )
    if bone_direction_weight:
        total = total + bone_direction_weight * bone_direction_loss(predicted, truth)
    return total


def _directions(poses: Clips) -> Float[Tensor, "b t 16 3"]:
    parents = torch.stack([poses[:, :, parent] for parent in H36M17.parents[1:]], dim=2)
    return F.normalize(poses[:, :, 1:] - parents, dim=-1)
