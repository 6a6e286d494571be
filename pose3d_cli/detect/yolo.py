"""Find people with YOLO-pose, through Ultralytics.

This is the one place where a pickle is loaded, by Ultralytics, because that is what its checkpoints
are: use weights from somebody you trust.
"""

import pickle
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float, UInt8

from pose3d_cli.detect.containment import contained, torchvision_works
from pose3d_cli.downloads import sha256_of
from pose3d_cli.errors import WeightsError
from pose3d_cli.sequences import Detections, Frame
from pose3d_cli.skeleton import COCO17

if TYPE_CHECKING:
    import torch

INPUT_PX = 640
"""Longer side of the picture that the network sees."""

_UNREADABLE = (
    *(AssertionError, AttributeError, EOFError, ImportError, LookupError, OSError),
    *(RuntimeError, TypeError, ValueError, pickle.UnpicklingError),
)
"""What loading a file that is no checkpoint has been seen to raise."""


class YoloPoseDetector:
    """A YOLO-pose network with the 17 keypoints of COCO."""

    def __init__(
        self, weights: Path, *, device: str, batch_size: int = 8, min_score: float = 0.1
    ) -> None:
        """Load the network.

        Args:
            weights: an Ultralytics checkpoint (.pt).
            device: ``"cpu"``, ``"cuda"`` or ``"mps"``; on CUDA it runs in half precision.
            batch_size: frames per pass, all of them held in memory.
            min_score: people below are not reported; low, since a tracker can use faint ones.

        Raises:
            WeightsError: the file is missing or damaged, or is another kind of model.
        """
        if not weights.is_file():
            raise WeightsError(f"{weights}: no such file", hint="Name a YOLO-pose checkpoint.")
        if weights.suffix != ".pt":
            raise WeightsError(
                f"{weights}: expected a .pt file", hint="Name a YOLO-pose checkpoint."
            )
        self.name = weights.stem
        self.sha256 = sha256_of(weights)
        self.batch_size = batch_size
        with contained():
            model, self.licence = _load(weights)
            self._predict = _predictor(model, device=device, min_score=min_score)

    def detect(self, frames: Iterable[Frame]) -> Iterator[Detections]:
        """Yield who is in each frame, in order, holding ``batch_size`` frames at a time."""
        remaining = iter(frames)
        while batch := list(islice(remaining, self.batch_size)):
            results = self._predict([_bgr(frame) for frame in batch])
            for frame, result in zip(batch, results, strict=True):
                yield _detections(frame, result)


def _load(weights: Path) -> tuple["torch.nn.Module", str]:
    """Return the network and its licence, after making sure that it is what we need."""
    from ultralytics.models import YOLO

    try:
        # An absolute path, because a bare name that it knows would be downloaded over a damaged file.
        yolo: Any = YOLO(str(weights.resolve()))
        keypoints = tuple(getattr(yolo.model, "kpt_shape", ()))
        licence = str((yolo.ckpt or {}).get("license", "unknown"))
    except _UNREADABLE as error:
        raise WeightsError(
            f"{weights}: not an Ultralytics checkpoint ({type(error).__name__})",
            hint="Download the file again, or name a YOLO-pose checkpoint (.pt).",
        ) from error
    expected = (len(COCO17), 3)
    if keypoints != expected:
        found = f"keypoints of shape {keypoints}" if keypoints else "no keypoints"
        raise WeightsError(
            f"{weights}: a model with {found}, expected {expected}",
            hint="Name a YOLO-pose checkpoint that was trained on the 17 keypoints of COCO.",
        )
    return yolo.model, licence


def _predictor(model: "torch.nn.Module", *, device: str, min_score: float) -> Any:
    """Return a function from a list of BGR pictures to a list of Ultralytics results."""
    from ultralytics.models.yolo.pose import PosePredictor

    options = {"conf": min_score, "device": device, "imgsz": INPUT_PX, "rect": True}
    if device == "cuda":
        options["half"] = True
    predictor = PosePredictor(overrides={**options, "save": False, "verbose": False})
    predictor.callbacks.clear()  # usage statistics
    predictor.setup_model(model, verbose=False)
    # Warming up imports torchvision; without it Ultralytics has a non-maximum suppression of its own.
    predictor.done_warmup = not torchvision_works()
    return predictor


def _bgr(frame: Frame) -> UInt8[np.ndarray, "h w 3"]:
    import cv2  # a dozen times as fast as a reversed copy

    return cv2.cvtColor(frame.rgb, cv2.COLOR_RGB2BGR)


def _detections(frame: Frame, result: Any) -> Detections:
    """Return what Ultralytics found in one frame, best first."""
    scores = _array(result.boxes.conf)
    keypoints = _array(result.keypoints.data).reshape(len(scores), len(COCO17), 3)
    order = np.argsort(-scores, kind="stable")
    points_px = keypoints[order, :, :2]
    height_px, width_px = frame.rgb.shape[:2]
    # Ultralytics clips to the picture, so whatever touches its edge was thought to be outside.
    inside = ((points_px > 0) & (points_px < (width_px, height_px))).all(axis=-1)
    return Detections(
        index=frame.index,
        time_s=frame.time_s,
        boxes_px=_array(result.boxes.xyxy)[order],
        scores=scores[order],
        keypoints_px=points_px,
        confidence=np.where(inside, keypoints[order, :, 2], 0.0),
    )


def _array(tensor: "torch.Tensor") -> Float[np.ndarray, "..."]:
    return tensor.cpu().numpy().astype(np.float64)
