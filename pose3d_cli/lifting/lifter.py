"""From one person's joints in the picture to their poses in space."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from jaxtyping import Float, Float64
from torch import Tensor

from pose3d_cli.downloads import sha256_of
from pose3d_cli.errors import WeightsError
from pose3d_cli.geometry.camera import Camera
from pose3d_cli.lifting.checkpoint import load_checkpoint
from pose3d_cli.lifting.config import SasMambaConfig
from pose3d_cli.lifting.normalise import INPUT_CONVENTION, normalise
from pose3d_cli.lifting.windows import cross_fade, cut
from pose3d_cli.sequences import Pose2DSequence, Pose3DSequence
from pose3d_cli.skeleton import H36M17

SHORTEST = 9
"""Clips below this length are lengthened by holding their ends: the weights saw none shorter."""
WINDOWS_AT_ONCE = 4
"""On a CPU: 35 MB each, and more at a time would not fit its cache and take longer."""
WINDOWS_AT_ONCE_ON_GPU = 16


@runtime_checkable
class Network(Protocol):
    """A SasMamba, in PyTorch or in another runtime."""

    @property
    def config(self) -> SasMambaConfig:
        """Its sizes."""
        ...

    def __call__(self, inputs: Tensor) -> Tensor:
        """Lift normalised clips (b, t, 17, channels) to (b, t, 17, 3)."""
        ...


@dataclass(frozen=True, slots=True)
class SasMambaLifter:
    """A trained SasMamba."""

    model: Network
    name: str
    sha256: str
    licence: str
    device: str = "cpu"
    flip: bool = True
    """Average with the mirrored clip's mirrored result: slower, a little more accurate."""

    @classmethod
    def from_file(cls, path: Path, *, device: str, flip: bool = True) -> "SasMambaLifter":
        """Load a checkpoint, or a network in ONNX if the name ends so.

        Raises:
            WeightsError: not a SasMamba checkpoint, or trained for other inputs than ours.
        """
        model, header = _load(path, device=device)
        if header.get("input") != INPUT_CONVENTION:
            raise WeightsError(
                f"{path} was trained for input '{header.get('input')}', not '{INPUT_CONVENTION}'"
            )
        return cls(
            model,
            name=path.stem,
            sha256=sha256_of(path),
            licence=header.get("licence", "unknown"),
            device=device,
            flip=flip,
        )

    def lift(self, poses: Pose2DSequence, *, camera: Camera) -> Pose3DSequence:
        """Lift a sequence of any length in overlapping windows.

        Raises:
            ValueError: the joints are not those of Human3.6M.
        """
        if poses.skeleton != H36M17:
            raise ValueError(f"expected joints of {H36M17.name}, got {poses.skeleton.name}")
        frames = len(poses.keypoints_px)
        rays = camera.rays(poses.keypoints_px)[..., :2]
        trusted = np.where(poses.observed, poses.confidence, 0.0)
        rays, trusted = _at_least(SHORTEST, rays), _at_least(SHORTEST, trusted)
        windows = cut(len(rays), window=self.model.config.max_frames)
        answers = self._answers(
            np.stack([rays[w] for w in windows]), np.stack([trusted[w] for w in windows])
        )
        positions, doubt = _agreed(answers, windows, frames=len(rays))
        return Pose3DSequence(
            H36M17,
            poses.times_s,
            poses.fps,
            positions[:frames],
            doubt[:frames] if self.flip else None,
        )

    def lift_windows(
        self, rays: Float[np.ndarray, "w t j 2"], confidence: Float[np.ndarray, "w t j"]
    ) -> Float[np.ndarray, "w t j 3"]:
        """Lift windows of equal length, ``SHORTEST`` to ``max_frames``, each by itself.

        Args:
            rays: the joints at depth 1 of the camera, x right, y down.
            confidence: 0 to 1, 0 for a joint that was filled in.
        """
        return np.asarray(self._answers(rays, confidence).mean(0))

    @torch.inference_mode()
    def _answers(
        self, rays: Float[np.ndarray, "w t j 2"], confidence: Float[np.ndarray, "w t j"]
    ) -> Float[np.ndarray, "a w t j 3"]:
        """Return what the network says of the windows and, with ``flip``, of their mirror images."""
        results = []
        at_once = WINDOWS_AT_ONCE if self.device == "cpu" else WINDOWS_AT_ONCE_ON_GPU
        for start in range(0, len(rays), at_once):
            part = slice(start, start + at_once)
            view = normalise(
                torch.from_numpy(rays[part]).float(), torch.from_numpy(confidence[part]).float()
            )
            inputs = view.inputs[..., : self.model.config.in_channels].to(self.device)
            answers = [self.model(inputs)]
            if self.flip:
                answers.append(mirrored(self.model(mirrored(inputs))))
            poses = torch.stack(answers).cpu()
            results.append((poses - poses[..., :1, :]) @ view.view_from_camera[:, None])
        return torch.cat(results, dim=1).numpy()


def _load(path: Path, *, device: str) -> tuple[Network, dict[str, str]]:
    if path.suffix == ".onnx":
        from pose3d_cli.lifting.onnx_network import load_onnx

        return load_onnx(path, device=device)
    model, header = load_checkpoint(path)
    return model.to(device), header


def mirrored(points: Float[Tensor, "*n 17 d"]) -> Float[Tensor, "*n 17 d"]:
    """Return joints as a mirror shows them: x negated, left and right exchanged."""
    sign = points.new_ones(points.shape[-1])
    sign[0] = -1
    return points[..., list(H36M17.mirror), :] * sign


def _agreed(
    answers: Float[np.ndarray, "a w t j 3"], windows: list[slice], *, frames: int
) -> tuple[Float64[np.ndarray, "f j 3"], Float64[np.ndarray, "f j"]]:
    """Return the mean of all answers at each frame, and their standard deviation about it."""
    answers = answers.astype(np.float64)
    mean = cross_fade(answers.mean(0), windows, frames=frames)
    square = np.square(answers).sum(-1, keepdims=True).mean(0)
    variance = cross_fade(square, windows, frames=frames)[..., 0] - np.square(mean).sum(-1)
    return mean, np.sqrt(np.maximum(variance, 0.0))


def _at_least(frames: int, values: np.ndarray) -> np.ndarray:
    """Hold the last frame until there are enough."""
    missing = max(0, frames - len(values))
    return np.concatenate([values, np.repeat(values[-1:], missing, axis=0)])
