"""From one person's joints in the picture to their poses in space."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar, runtime_checkable

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
from pose3d_cli.lifting.side_by_side import one_a_core
from pose3d_cli.lifting.windows import cross_fade, cut
from pose3d_cli.sequences import Pose2DSequence, Pose3DSequence
from pose3d_cli.skeleton import H36M17

Item = TypeVar("Item")
Product = TypeVar("Product")

SHORTEST = 9
"""Clips below this length are lengthened by holding their ends: the weights saw none shorter."""
WINDOWS_AT_ONCE = 1
"""On a CPU, where several threads have one each."""
WINDOWS_AT_ONCE_ON_GPU = 8
"""With their mirror images 16 clips, from which on a GPU's time is that of its kernels."""


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
        moments = cross_fade(self._moments(rays, trusted, windows), windows, frames=len(rays))
        positions, square = moments[..., :3].copy(), moments[..., 3]
        doubt = np.sqrt(np.maximum(square - np.square(positions).sum(-1), 0.0))
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

        def mean(part: slice) -> Float[np.ndarray, "w2 t j 3"]:
            return np.asarray(self._answers(rays[part], confidence[part]).mean(0))

        starts = range(0, len(rays), self._at_once)
        parts = [slice(start, start + self._at_once) for start in starts]
        return np.concatenate(list(self._each(mean, parts)))

    @property
    def _at_once(self) -> int:
        return WINDOWS_AT_ONCE if self.device == "cpu" else WINDOWS_AT_ONCE_ON_GPU

    def _each(
        self, function: Callable[[Item], Product], items: Sequence[Item]
    ) -> Iterable[Product]:
        return (one_a_core if self.device == "cpu" else map)(function, items)

    def _moments(
        self,
        rays: Float[np.ndarray, "f j 2"],
        confidence: Float[np.ndarray, "f j"],
        windows: list[slice],
    ) -> Iterator[Float64[np.ndarray, "t j 4"]]:
        """Yield of each window the mean of all answers, and of their squared distance from the root.

        Holds a few windows at a time: all of a long clip's would be several times its poses.
        """

        def moments(some: list[slice]) -> Float64[np.ndarray, "w t j 4"]:
            answers = self._answers(
                np.stack([rays[w] for w in some]), np.stack([confidence[w] for w in some])
            ).astype(np.float64)
            square = np.square(answers).sum(-1, keepdims=True)
            return np.asarray(np.concatenate([answers, square], axis=-1).mean(0))

        starts = range(0, len(windows), self._at_once)
        parts = [windows[start : start + self._at_once] for start in starts]
        for part in self._each(moments, parts):
            yield from part

    @torch.inference_mode()
    def _answers(
        self, rays: Float[np.ndarray, "w t j 2"], confidence: Float[np.ndarray, "w t j"]
    ) -> Float[np.ndarray, "a w t j 3"]:
        """Return what the network says of the windows and, with ``flip``, of their mirror images."""
        view = normalise(torch.from_numpy(rays).float(), torch.from_numpy(confidence).float())
        inputs = view.inputs[..., : self.model.config.in_channels]
        clips = torch.cat([inputs, mirrored(inputs)]) if self.flip else inputs
        # A GPU waits for what starts its kernels, so it is given all at once; a CPU has little memory.
        at_once = len(inputs) if self.device == "cpu" else len(clips)
        answers = self._each(self._answer, torch.split(clips, at_once))
        poses = torch.cat(list(answers)).view(-1, *inputs.shape[:-1], 3)
        if self.flip:
            poses = torch.stack([poses[0], mirrored(poses[1])])
        relative: Tensor = (poses - poses[..., :1, :]) @ view.view_from_camera[:, None]
        return relative.numpy()

    @torch.inference_mode()  # which every thread must say for itself
    def _answer(self, inputs: Float[Tensor, "c t j d"]) -> Float[Tensor, "c t j 3"]:
        return self.model(inputs.to(self.device)).cpu()


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


def _at_least(frames: int, values: np.ndarray) -> np.ndarray:
    """Hold the last frame until there are enough."""
    missing = max(0, frames - len(values))
    return np.concatenate([values, np.repeat(values[-1:], missing, axis=0)])
