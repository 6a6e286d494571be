"""Other networks in SasMamba's place: their inputs, their windows, their units."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from jaxtyping import Float
from torch import nn

from pose3d_cli.downloads import sha256_of
from pose3d_cli.geometry.camera import Camera
from pose3d_cli.lifting.lifter import mirrored
from pose3d_cli.lifting.others import motionagformer, motionbert
from pose3d_cli.lifting.others.loading import loaded
from pose3d_cli.lifting.windows import cross_fade, cut
from pose3d_cli.sequences import Pose2DSequence, Pose3DSequence
from pose3d_cli.skeleton import H36M17

BONES_M = 4.15
"""Summed lengths of all bones of Human3.6M's mean subject: these networks know no size."""

View = Literal["picture", "person"]


@dataclass(frozen=True, slots=True)
class OtherLifter:
    """A network that takes x, y and confidence, and answers in the units of x and y."""

    network: nn.Module
    frames: int
    """Longest clip, or with ``fixed`` the only one."""
    fixed: bool
    view: View
    """Coordinates over the picture's width, or over the person's box, as its authors use it."""
    name: str
    sha256: str
    licence: str = "not stated in the file"
    device: str = "cpu"
    flip: bool = True

    def lift(self, poses: Pose2DSequence, *, camera: Camera) -> Pose3DSequence:
        """Lift a sequence of any length in overlapping windows.

        Raises:
            ValueError: the joints are not those of Human3.6M.
        """
        if poses.skeleton != H36M17:
            raise ValueError(f"expected joints of {H36M17.name}, got {poses.skeleton.name}")
        length = len(poses.keypoints_px)
        trusted = np.where(poses.observed, poses.confidence, 0.0)
        places = _in_picture(poses.keypoints_px, camera)
        if self.view == "person":
            places = _in_box(places, trusted > 0)
        seen = np.concatenate([places, trusted[..., None]], axis=-1).astype(np.float32)
        if self.fixed and length < self.frames:
            seen = np.concatenate([seen, np.repeat(seen[-1:], self.frames - length, axis=0)])
        windows = cut(len(seen), window=self.frames)
        parts = self.lift_clips(np.stack([seen[w] for w in windows]))
        positions = cross_fade(parts, windows, frames=len(seen))[:length]
        return Pose3DSequence(H36M17, poses.times_s, poses.fps, _in_metres(positions))

    @torch.inference_mode()
    def lift_clips(self, seen: Float[np.ndarray, "w t 17 3"]) -> Float[np.ndarray, "w t 17 3"]:
        """Lift windows, one after the other, to root-relative poses in the network's units."""
        poses = []
        for window in seen:
            inputs = torch.from_numpy(window[None]).to(self.device)
            pose = self.network(inputs)
            if self.flip:
                pose = (pose + mirrored(self.network(mirrored(inputs)))) / 2
            pose[:, :, 0] = 0  # trained to be the origin; what it says there does not count
            poses.append(pose.cpu())
        return torch.cat(poses).double().numpy()


def open_motionbert(path: Path, *, device: str, flip: bool) -> OtherLifter:
    """Load a MotionBERT checkpoint, full or lite.

    Raises:
        WeightsError: not such a checkpoint.
    """
    lite = path.stat().st_size < 100_000_000 if path.is_file() else False
    config = motionbert.LITE if lite else motionbert.FULL
    network = loaded(motionbert.MotionBert(config), path).to(device)
    return OtherLifter(
        network,
        frames=config.frames,
        fixed=False,
        view="person",
        name=f"motionbert {path.stem}",
        sha256=sha256_of(path),
        device=device,
        flip=flip,
    )


def open_motionagformer(
    config: motionagformer.MotionAgFormerConfig, path: Path, *, device: str, flip: bool
) -> OtherLifter:
    """Load a MotionAGFormer checkpoint of the given size.

    Raises:
        WeightsError: not such a checkpoint.
    """
    network = loaded(motionagformer.MotionAgFormer(config), path).to(device)
    return OtherLifter(
        network,
        frames=config.frames,
        fixed=True,
        view="picture",
        name=f"motionagformer {path.stem}",
        sha256=sha256_of(path),
        device=device,
        flip=flip,
    )


def _in_picture(
    keypoints_px: Float[np.ndarray, "f 17 2"], camera: Camera
) -> Float[np.ndarray, "f 17 2"]:
    """Half picture widths from the middle."""
    return np.asarray(2 * (keypoints_px - camera.centre_px) / camera.width_px)


def _in_box(places: Float[np.ndarray, "f 17 2"], seen: np.ndarray) -> Float[np.ndarray, "f 17 2"]:
    """Move and scale the whole sequence until the person's box fits from −1 to 1."""
    points = places[seen] if seen.any() else places.reshape(-1, 2)
    low, high = points.min(0), points.max(0)
    half = max((high - low).max() / 2, 1e-6)
    return np.asarray(np.clip((places - (low + high) / 2) / half, -1, 1))


def _in_metres(positions: Float[np.ndarray, "f 17 3"]) -> Float[np.ndarray, "f 17 3"]:
    """Give the clip one size: that of Human3.6M's mean subject."""
    parents, children = zip(*H36M17.bones, strict=True)
    bones = np.linalg.norm(positions[:, list(children)] - positions[:, list(parents)], axis=-1)
    return np.asarray(positions * (BONES_M / max(float(bones.sum(-1).mean()), 1e-6)))
