"""What a lifter must beat: poses that take no learning.

Flat poses are the joints as the picture shows them, without depth, at the one size for each clip
that fits the truth best. Nobody knows that size in use, so the comparison favours them. The mean
pose and the nearest neighbour know other people's motion, seen by perfect detectors.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from pose3d_cli.datasets.mocap import Corpus
from pose3d_cli.datasets.synthetic import Batch, synthesise
from pose3d_cli.evaluation.conditions import Conditions
from pose3d_cli.lifting.normalise import Normalised, normalise

_FRAMES = 20
"""Of each clip in a memory; more would be much alike."""


def without_depth(batch: Batch) -> Float[Tensor, "b t 17 3"]:
    """Return the 2D joints, in the network's own view, as poses of the size that fits best."""
    view = normalise(batch.rays, batch.confidence)
    flat = torch.nn.functional.pad(view.inputs[..., :2], (0, 1))
    flat = flat - flat[:, :, :1]
    truth = batch.truth_m @ view.view_from_camera.mT[:, None]
    size = (flat * truth).sum((1, 2, 3)) / flat.square().sum((1, 2, 3))
    return size[:, None, None, None] * flat @ view.view_from_camera[:, None]


@dataclass(frozen=True, slots=True, eq=False)
class Memory:
    """Poses and how they look, in the network's own view."""

    seen: Float[Tensor, "n 17 2"]
    poses_m: Float[Tensor, "n 17 3"]

    @classmethod
    def of(cls, corpus: Corpus, *, clips: int = 1000, seed: int = 0) -> "Memory":
        """Remember motion, every source by its length, filmed as in ``realistic/1`` without noise."""
        frames = dict.fromkeys(corpus.source, 0.0)
        for source, length in zip(corpus.source, corpus.length.tolist(), strict=True):
            frames[source] += length
        batch = synthesise(
            corpus,
            chances=corpus.chances(frames),
            clips=clips,
            frames=_FRAMES,
            views=Conditions(noise=0.0).views,
            generator=torch.Generator().manual_seed(seed),
        )
        view = normalise(batch.rays, batch.confidence)
        return cls(view.inputs[..., :2].flatten(0, 1), _in_view(batch.truth_m, view).flatten(0, 1))

    def mean_pose(self, batch: Batch) -> Float[Tensor, "b t 17 3"]:
        """Return the mean of all poses, for every frame."""
        view = normalise(batch.rays, batch.confidence)
        return self.poses_m.mean(0).expand(batch.truth_m.shape) @ view.view_from_camera[:, None]

    def nearest(self, batch: Batch) -> Float[Tensor, "b t 17 3"]:
        """Return, for every frame, the pose that looks most like it."""
        view = normalise(batch.rays, batch.confidence)
        seen = view.inputs[..., :2].flatten(2)
        at = torch.stack([torch.cdist(clip, self.seen.flatten(1)).argmin(1) for clip in seen])
        return self.poses_m[at] @ view.view_from_camera[:, None]


def _in_view(poses_m: Float[Tensor, "b t 17 3"], view: Normalised) -> Float[Tensor, "b t 17 3"]:
    return poses_m @ view.view_from_camera.mT[:, None]
