"""Bodies of many sizes that make the recorded motion, and where COCO would mark them.

Recordings disagree on proportions, because every rig puts joints elsewhere, so bones take the
lengths of Human3.6M's skeleton, with jitter, and keep their directions.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from pose3d_cli.datasets.draws import indices, normal, table, uniform

# Mean bone lengths of Human3.6M's subjects, by the joint at their far end (Ionescu et al. 2014).
_H36M_LENGTHS_M = {
    1: 0.1329, 2: 0.4429, 3: 0.4545, 4: 0.1329, 5: 0.4429, 6: 0.4545, 7: 0.2333, 8: 0.2571,
    9: 0.1211, 10: 0.1150, 11: 0.1510, 12: 0.2789, 13: 0.2517, 14: 0.1510, 15: 0.2789, 16: 0.2517,
}  # fmt: skip
_STANDARD_M = tuple(_H36M_LENGTHS_M.get(joint, 0.0) for joint in range(24))
_LEG_M = _H36M_LENGTHS_M[2] + _H36M_LENGTHS_M[3]
_PARENTS = (-1, 0, 1, 2, 0, 4, 5, 0, 7, 8, 9, 8, 11, 12, 8, 14, 15, 9, 9, 9, 9, 9, 6, 3)
_COCO_POINTS = (17, 18, 19, 20, 21, 11, 14, 12, 15, 13, 16, 4, 1, 5, 2, 6, 3)
_SHOULDERS, _HIPS = slice(5, 7), slice(11, 13)  # of COCO
_MIRROR = (0, 4, 5, 6, 1, 2, 3, 7, 8, 9, 10, 14, 15, 16, 11, 12, 13, 17, 19, 18, 21, 20, 23, 22)
_LEFT_AS_RIGHT = tuple(min(joint, twin) for joint, twin in enumerate(_MIRROR))


def with_varied_bones(
    positions: Float[Tensor, "b t 24 3"],
    *,
    generator: torch.Generator,
    scale_sd: float = 0.06,
    bone_sd: float = 0.06,
    own_share: float = 0.3,
) -> Float[Tensor, "b t 24 3"]:
    """Give every clip a body of its own: scale, bone lengths, and up to a share of the source's."""
    batch, device = len(positions), positions.device
    parents = indices(tuple(max(p, 0) for p in _PARENTS), device)
    bones = positions - positions.index_select(2, parents)
    lengths = bones.norm(dim=-1).mean(1)  # b 24
    leg = lengths[:, 2:3] + lengths[:, 3:4] + lengths[:, 5:6] + lengths[:, 6:7]
    leg = leg / 2
    own = lengths * (_LEG_M / leg)
    standard = table(_STANDARD_M, device)
    standard = torch.where(standard > 0, standard, own)
    mix = own_share * uniform(batch, 1, low=0.0, high=1.0, generator=generator)
    jitter = 1 + bone_sd * normal(batch, 24, generator=generator).clamp(-2.5, 2.5)
    jitter = jitter.index_select(1, indices(_LEFT_AS_RIGHT, device))
    jitter = torch.cat([jitter[:, :17], torch.ones_like(jitter[:, 17:22]), jitter[:, 22:]], dim=1)
    scale = 1 + scale_sd * normal(batch, 1, generator=generator).clamp(-2.5, 2.5)
    wanted = (mix * own + (1 - mix) * standard) * jitter * scale
    bones = bones * (wanted / lengths.clamp(min=1e-6))[:, None, :, None]
    placed = [positions[:, :, 0] * (scale * _LEG_M / leg)[..., None]]
    for joint in range(1, 24):
        placed.append(placed[_PARENTS[joint]] + bones[:, :, joint])
    return torch.stack(placed, dim=2)


def mirrored(positions: Float[Tensor, "b t 24 3"]) -> Float[Tensor, "b t 24 3"]:
    """Return the motion as a mirror shows it."""
    device = positions.device
    return positions.index_select(2, indices(_MIRROR, device)) * table((-1.0, 1.0, 1.0), device)


def coco_points(
    positions: Float[Tensor, "b t 24 3"], *, generator: torch.Generator
) -> Float[Tensor, "b t 17 3"]:
    """Return where COCO's annotators would click: hips closer together and higher, shoulders wider.

    Against joint centres of Human3.6M's proportions, that is. The factors vary between clips,
    because annotators and clothes do.
    """
    batch = len(positions)
    hip = 0.80 + 0.10 * normal(batch, 1, 1, 1, generator=generator)
    shoulder = 1.12 + 0.08 * normal(batch, 1, 1, 1, generator=generator)
    pelvis = positions[:, :, :1]
    raised = pelvis + 0.02 * torch.nn.functional.normalize(positions[:, :, 7:8] - pelvis, dim=-1)
    middle = (positions[:, :, 11:12] + positions[:, :, 14:15]) / 2
    points = positions.index_select(2, indices(_COCO_POINTS, positions.device))
    shoulders, hips = points[:, :, _SHOULDERS], points[:, :, _HIPS]
    shoulders = middle + shoulder * (shoulders - middle)
    hips = raised + hip * (hips - pelvis)
    return torch.cat([points[:, :, :5], shoulders, points[:, :, 7:11], hips, points[:, :, 13:]], 2)
