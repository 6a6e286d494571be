"""Bodies of many proportions that make the recorded motion, and where COCO would mark them.

Recordings disagree on proportions, because every rig puts joints elsewhere, so bones take the
lengths of Human3.6M's skeleton, varied, and keep their directions. Pictures disagree too: where
detectors mark hips and shoulders, trunks are longer and legs shorter than Human3.6M's, so bodies reach
from the one to the other. A picture does not tell how large somebody is, so all bodies are about as tall
as those of Human3.6M, children too: they differ in shape.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from pose3d_cli.datasets.draws import happens, indices, normal, table, uniform

PARENTS = (-1, 0, 1, 2, 0, 4, 5, 0, 7, 8, 9, 8, 11, 12, 8, 14, 15, 9, 9, 9, 9, 9, 6, 3)
"""Of each of a corpus's points."""

# Of the skeleton with which Human3.6M's joint angles are played (forward_kinematics.py of Martinez et al. 2017,
# "On human motion prediction using recurrent neural networks"), by the joint at their far end.
_H36M_LENGTHS_M = {
    1: 0.1329, 2: 0.4429, 3: 0.4545, 4: 0.1329, 5: 0.4429, 6: 0.4545, 7: 0.2333, 8: 0.2571,
    9: 0.1211, 10: 0.1150, 11: 0.1510, 12: 0.2789, 13: 0.2517, 14: 0.1510, 15: 0.2789, 16: 0.2517,
}  # fmt: skip
_STANDARD_M = tuple(_H36M_LENGTHS_M.get(joint, 0.0) for joint in range(24))
_LEG_M = _H36M_LENGTHS_M[2] + _H36M_LENGTHS_M[3]
_UPRIGHT = (5, 6, 7, 8, 9, 10)
"""Bones that add up to a stature, by their far ends."""
_STATURE_M = sum(_H36M_LENGTHS_M[joint] for joint in _UPRIGHT)

_HEAD, _FEET = (9, 10, 17, 18, 19, 20, 21), (22, 23)
_LEGS, _ARMS, _TRUNK, _HIPS, _SHOULDERS = (2, 3, 5, 6), (12, 13, 15, 16), (7, 8), (1, 4), (11, 14)
_VARIATIONS = (
    *((_LEGS, 0.9), (_ARMS, 0.9), (_TRUNK, 0.8), (_HIPS, 1.6), (_SHOULDERS, 1.3), (_HEAD, 1.2)),
    *((_FEET, 1.0), ((2, 5), 0.7), ((3, 6), 0.7), ((12, 15), 0.7), ((13, 16), 0.7), ((7,), 0.6)),
)
"""Bones that are long or short together, and how much they vary against ``bone_sd``."""
_GROWTH = {_LEGS: -0.2, _ARMS: -0.15, _SHOULDERS: -0.15, _HIPS: -0.1, _HEAD: 0.45}
"""How a toddler differs from an adult, as logarithms of ratios (Snyder et al. 1977, rounded)."""
_LONG_TRUNK = {_TRUNK: 0.6, _LEGS: -0.4}
"""How the logarithm of trunk to leg is shared between the two."""

_COCO_POINTS = (17, 18, 19, 20, 21, 11, 14, 12, 15, 13, 16, 4, 1, 5, 2, 6, 3)
_COCO_SHOULDERS, _COCO_HIPS = slice(5, 7), slice(11, 13)
_MIRROR = (0, 4, 5, 6, 1, 2, 3, 7, 8, 9, 10, 14, 15, 16, 11, 12, 13, 17, 19, 18, 21, 20, 23, 22)


def _by_point(groups: dict[tuple[int, ...], float]) -> tuple[float, ...]:
    return tuple(sum((v for joints, v in groups.items() if j in joints), 0.0) for j in range(24))


_VARIATION_BY_POINT = tuple(x for joints, sd in _VARIATIONS for x in _by_point({joints: sd}))
_GROWTH_BY_POINT, _LONG_TRUNK_BY_POINT = _by_point(_GROWTH), _by_point(_LONG_TRUNK)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bodies:
    """How the people differ."""

    vary: bool = True
    """Give every clip proportions of its own; off keeps the recording's, and all that follows."""
    bone_sd: float = 0.06
    """Standard deviation of the logarithm of bone lengths, roughly; left and right are alike."""
    scale_sd: float = 0.04
    """The same of the whole body, which no picture tells."""
    own_share: float = 0.3
    """At most this share of the recording's own proportions remains."""
    children: float = 0.12
    """Share of bodies between adult and toddler: larger heads, shorter limbs."""
    long_trunk: float = 0.4
    """The logarithm by which trunks are longer, against legs, than Human3.6M's: from 0 to this.

    YOLO-pose's keypoints of people who stand upright make thighs .71 to .81 of the trunk, and shanks .74
    to .79; Human3.6M's are .96 and .99 of the way from hips to shoulders.
    """
    hip_rise_m: float = 0.0
    """How far above the joint centres of Human3.6M detectors mark hips."""
    marking_sd_m: float = 0.008
    """How far off the joint each keypoint is understood to be, for a whole clip."""
    recombined: float = 0.35
    """Share of clips whose upper body, or an arm, moves as in another clip."""
    lying: float = 0.03
    """Share of clips that are tilted by 60° to 120° as a whole."""


def with_varied_bones(
    positions: Float[Tensor, "b t 24 3"], *, bodies: Bodies, generator: torch.Generator
) -> Float[Tensor, "b t 24 3"]:
    """Give every clip a body of its own, with bones of constant length."""
    device = positions.device
    bones = bones_of(positions)
    current = bones.norm(dim=-1, keepdim=True)  # b t 24 1
    own = current.mean((1, 3))  # b 24
    leg = (own[:, 2:3] + own[:, 3:4] + own[:, 5:6] + own[:, 6:7]) / 2
    own = own * (_LEG_M / leg)
    standard = table(_STANDARD_M, device)
    standard = torch.where(standard > 0, standard, own)
    mix = bodies.own_share * uniform(len(own), 1, low=0.0, high=1.0, generator=generator)
    wanted = torch.lerp(standard, own, mix) * _shape(len(own), bodies=bodies, generator=generator)
    stature = wanted.index_select(1, indices(_UPRIGHT, device)).sum(1, keepdim=True)
    scale = 1 + bodies.scale_sd * normal(len(own), 1, generator=generator).clamp(-2.5, 2.5)
    wanted = wanted * (scale * _STATURE_M / stature)
    root = positions[:, :, 0] * (wanted[:, 5:6] + wanted[:, 6:7])[..., None] / leg[..., None]
    return placed(root, bones * (wanted[:, None, :, None] / current.clamp(min=1e-6)))


def bones_of(positions: Float[Tensor, "b t 24 3"]) -> Float[Tensor, "b t 24 3"]:
    """Return each point's place about its parent; the root's is 0."""
    parents = indices(tuple(max(parent, 0) for parent in PARENTS), positions.device)
    return positions - positions.index_select(2, parents)


def placed(
    root: Float[Tensor, "b t 3"], bones: Float[Tensor, "b t 24 3"]
) -> Float[Tensor, "b t 24 3"]:
    """Return positions, of bones that are named by their far end."""
    # Every pass doubles how many ancestors a point has been added to.
    above = indices(tuple(max(parent, 0) for parent in PARENTS), root.device)
    for _ in range(3):
        bones, above = bones + bones.index_select(2, above), above[above]
    return root[:, :, None] + bones


def mirrored(positions: Float[Tensor, "b t 24 3"]) -> Float[Tensor, "b t 24 3"]:
    """Return the motion as a mirror shows it."""
    device = positions.device
    return positions.index_select(2, indices(_MIRROR, device)) * table((-1.0, 1.0, 1.0), device)


def coco_points(
    positions: Float[Tensor, "b t 24 3"], *, bodies: Bodies, generator: torch.Generator
) -> Float[Tensor, "b t 17 3"]:
    """Return where COCO's annotators would click: hips closer together, shoulders wider.

    Against joint centres of Human3.6M's proportions, that is; hips also ``hip_rise_m`` above them.
    The factors vary between clips, because annotators and clothes do, unless bodies do not vary.
    """
    batch, spread = len(positions), float(bodies.vary)
    hip = 0.80 + 0.10 * normal(batch, 1, 1, 1, generator=generator)
    shoulder = 1.12 + 0.08 * normal(batch, 1, 1, 1, generator=generator)
    rise_m = bodies.hip_rise_m + 0.015 * spread * normal(batch, 1, 1, 1, generator=generator)
    pelvis = positions[:, :, :1]
    up = torch.nn.functional.normalize(positions[:, :, 7:8] - pelvis, dim=-1)
    middle = (positions[:, :, 11:12] + positions[:, :, 14:15]) / 2
    points = positions.index_select(2, indices(_COCO_POINTS, positions.device))
    shoulders, hips = points[:, :, _COCO_SHOULDERS], points[:, :, _COCO_HIPS]
    shoulders = middle + shoulder * (shoulders - middle)
    hips = pelvis + rise_m * up + hip * (hips - pelvis)
    points = torch.cat(
        [points[:, :, :5], shoulders, points[:, :, 7:11], hips, points[:, :, 13:]], 2
    )
    marking = spread * bodies.marking_sd_m * normal(batch, 1, 17, 3, generator=generator)
    return points + marking


def turned(
    points: Float[Tensor, "b t v 3"], rotation: Float[Tensor, "b _ 3 3"]
) -> Float[Tensor, "b t v 3"]:
    """Rotate. No matrix product: on GPUs that may round to ten bits."""
    x, y, z = rotation[:, :, None].unbind(-1)  # what each axis becomes
    return points[..., :1] * x + points[..., 1:2] * y + points[..., 2:] * z


def _shape(batch: int, *, bodies: Bodies, generator: torch.Generator) -> Float[Tensor, "b 24"]:
    """Return ratios of bone lengths, alike on both sides."""
    device = generator.device
    weights = table(_VARIATION_BY_POINT, device).view(len(_VARIATIONS), 24)
    draws = normal(batch, len(_VARIATIONS), 1, generator=generator).clamp(-2.5, 2.5)
    child = happens(batch, 1, chance=bodies.children, generator=generator)
    youth = child * uniform(batch, 1, low=0.2, high=1.0, generator=generator)
    log_ratio = bodies.bone_sd * (draws * weights).sum(1) + youth * table(_GROWTH_BY_POINT, device)
    if bodies.long_trunk:  # no draw otherwise, so that what is pinned without it stays the same
        longer = uniform(batch, 1, low=0.0, high=bodies.long_trunk, generator=generator)
        log_ratio += longer * table(_LONG_TRUNK_BY_POINT, device)
    return log_ratio.exp()
