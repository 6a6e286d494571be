"""YOLO-pose in PyTorch: what Ultralytics' checkpoints are, and the only way onto a GPU.

This is the one place where a pickle is loaded, by Ultralytics, because that is what its checkpoints
are: use weights from somebody you trust.
"""

import pickle
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor, nn

from pose3d_cli.detect.containment import contained
from pose3d_cli.detect.networks.recorded import Recorded
from pose3d_cli.errors import WeightsError
from pose3d_cli.skeleton import COCO17

_UNREADABLE = (
    *(AssertionError, AttributeError, EOFError, ImportError, LookupError, OSError),
    *(RuntimeError, TypeError, ValueError, pickle.UnpicklingError),
)
"""What loading a file that is no checkpoint has been seen to raise."""


class FromPixels(nn.Module):
    """A network that takes pictures as they are: bytes, rows, columns, RGB."""

    def __init__(self, network: nn.Module, *, half: bool = False) -> None:
        super().__init__()
        self.network = network
        self.dtype = torch.float16 if half else torch.float32

    def forward(self, pictures: Tensor) -> Tensor:
        """Return (pictures, 56, anchors), or (pictures, people, 57) without doubles."""
        output: Tensor = self.network(pictures.permute(0, 3, 1, 2).to(self.dtype) / 255)
        return output


class TorchNetwork:
    """Runs a checkpoint; on CUDA in half precision and in batches."""

    def __init__(self, weights: Path, *, device: str) -> None:
        """Load a checkpoint.

        Raises:
            WeightsError: the file is damaged, or is another kind of model.
        """
        network, self.licence = load_checkpoint(weights)
        fast: Any = network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]  # missing in PyTorch's stubs
        self._run: Callable[[Tensor], Tensor] = partial(_there_and_back, FromPixels(fast), device)
        if device == "cuda":
            head = fast.half().model[-1]
            head.float().register_forward_pre_hook(_in_full)
            self._run = Recorded(FromPixels(fast, half=True), head=head)
        # On a CPU one call fills all cores; on a GPU the next batch is made ready meanwhile.
        self.workers, self.batch_size = (1, 1) if device == "cpu" else (2, 16)

    @torch.inference_mode()
    def __call__(self, pictures: UInt8[np.ndarray, "b h w 3"]) -> Float[np.ndarray, "b c d"]:
        """Return what the network says about each picture (RGB)."""
        given = torch.from_numpy(pictures)
        # A last batch is filled up: one more size would have to be recorded.
        missing = -len(given) % self.batch_size if len(given) > 1 else 0
        filled = torch.cat([given, given[-1:].expand(missing, -1, -1, -1)]) if missing else given
        return self._run(filled)[: len(given)].numpy()


def _in_full(_: nn.Module, features: tuple[list[Tensor]]) -> tuple[list[Tensor]]:
    """Let a head work in full precision: float16 knows places in a picture to half a pixel only."""
    return ([feature.float() for feature in features[0]],)


def _there_and_back(network: nn.Module, device: str, pictures: Tensor) -> Tensor:
    output: Tensor = network(pictures.to(device))
    return output.cpu()


def load_checkpoint(weights: Path) -> tuple[nn.Module, str]:
    """Return an Ultralytics network, fused and ready to run or to export, and its licence.

    Raises:
        WeightsError: the file is damaged, or is another kind of model.
    """
    with contained():
        from ultralytics.models import YOLO

        try:
            # Absolute, because a bare name that it knows would be downloaded over a damaged file.
            yolo: Any = YOLO(str(weights.resolve()))
            keypoints = tuple(getattr(yolo.model, "kpt_shape", ()))
            licence = str((yolo.ckpt or {}).get("license", "unknown"))
        except _UNREADABLE as error:
            raise WeightsError(
                f"{weights}: not an Ultralytics checkpoint ({type(error).__name__})",
                hint="Download the file again, or name a YOLO-pose checkpoint (.pt).",
            ) from error
        _check_keypoints(weights, keypoints)
        model = yolo.model.float().eval().fuse(verbose=False)
    # One tensor comes out, for any size of picture that goes in.
    head = model.model[-1]
    head.export, head.dynamic, head.format = True, True, "onnx"
    return model.requires_grad_(requires_grad=False), licence


def _check_keypoints(weights: Path, keypoints: tuple[int, ...]) -> None:
    expected = (len(COCO17), 3)
    if keypoints != expected:
        found = f"keypoints of shape {keypoints}" if keypoints else "no keypoints"
        raise WeightsError(
            f"{weights}: a model with {found}, expected {expected}",
            hint="Name a YOLO-pose checkpoint that was trained on the 17 keypoints of COCO.",
        )
