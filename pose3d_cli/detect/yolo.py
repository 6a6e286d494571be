"""Find people with YOLO-pose: lay out, run, read, in the back end that is fastest here."""

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import numpy as np
from jaxtyping import Float

from pose3d_cli.detect.letterbox import Letterbox
from pose3d_cli.detect.networks import Backend, Network, choose_backend
from pose3d_cli.detect.pursuit import Region
from pose3d_cli.detect.suppression import Rows, people_in
from pose3d_cli.downloads import sha256_of
from pose3d_cli.errors import WeightsError
from pose3d_cli.sequences import Detections, Frame
from pose3d_cli.skeleton import COCO17
from pose3d_cli.streams import mapped
from pose3d_cli.weights import default_cache_dir

INPUT_PX = 640
"""Longer side of the picture that the network sees."""


class YoloPoseDetector:
    """A YOLO-pose network with the 17 keypoints of COCO."""

    def __init__(
        self,
        weights: Path,
        *,
        device: str,
        backend: str = "auto",
        cache_dir: Path | None = None,
        min_score: float = 0.1,
    ) -> None:
        """Load the network.

        Args:
            weights: an Ultralytics checkpoint (.pt).
            device: ``"cpu"``, ``"cuda"`` or ``"mps"``; on CUDA it runs in half precision.
            backend: ``"torch"``, ``"onnxruntime"``, ``"openvino"``, or ``"auto"`` for the fastest.
            cache_dir: where exported networks are kept; None is the platform's cache.
            min_score: people below are not reported; low, since a tracker can use faint ones.

        Raises:
            WeightsError: the file is missing or damaged, or is another kind of model.
            UsageError: there is no such back end.
            DeviceError: the back end is not installed, or cannot use the device.
        """
        if not weights.is_file():
            raise WeightsError(f"{weights}: no such file", hint="Name a YOLO-pose checkpoint.")
        if weights.suffix != ".pt":
            raise WeightsError(
                f"{weights}: expected a .pt file", hint="Name a YOLO-pose checkpoint."
            )
        self.name = weights.stem
        self.sha256 = sha256_of(weights)
        self.backend = choose_backend(backend, device=device)
        self._network = _loaded(
            self.backend, weights, device=device, cache_dir=cache_dir or default_cache_dir()
        )
        self.licence = self._network.licence
        self.workers = self._network.workers
        self._min_score = min_score

    def detect(self, frames: Iterable[Frame]) -> Iterator[Detections]:
        """Yield who is in each frame, in order, holding a few batches of frames at a time."""
        batches = _batches(frames, size=self._network.batch_size)
        for found in mapped(self._find, batches, workers=self._network.workers):
            yield from found

    def look(
        self, frame: Frame, *, region: Region | None = None, longest_px: int = INPUT_PX
    ) -> Detections:
        """Return who is in a part of a frame, all of it by default, shrunk to that size."""
        (found,) = self._find([frame], region=region, longest_px=longest_px)
        return found

    def _find(
        self, frames: list[Frame], *, region: Region | None = None, longest_px: int = INPUT_PX
    ) -> list[Detections]:
        height_px, width_px = frames[0].rgb.shape[:2]
        left, top, right, bottom = region or (0, 0, width_px, height_px)
        box = Letterbox.around(right - left, bottom - top, longest_px=longest_px)
        parts = [box.laid_out(frame.rgb[top:bottom, left:right]) for frame in frames]
        outputs = self._network(np.stack(parts))
        return [
            _detections(
                frame, people_in(output, min_score=self._min_score), box, corner=(left, top)
            )
            for frame, output in zip(frames, outputs, strict=True)
        ]


def _loaded(backend: Backend, weights: Path, *, device: str, cache_dir: Path) -> Network:
    if backend == "torch":
        from pose3d_cli.detect.networks.pytorch import TorchNetwork

        return TorchNetwork(weights, device=device)
    if backend == "onnxruntime":
        from pose3d_cli.detect.networks.onnx_runtime import OnnxRuntimeNetwork

        return OnnxRuntimeNetwork(weights, cache_dir=cache_dir)
    from pose3d_cli.detect.networks.openvino import OpenVinoNetwork

    return OpenVinoNetwork(weights, cache_dir=cache_dir)


def _batches(frames: Iterable[Frame], *, size: int) -> Iterator[list[Frame]]:
    remaining = iter(frames)
    while batch := list(islice(remaining, size)):
        yield batch


def _detections(frame: Frame, rows: Rows, box: Letterbox, *, corner: tuple[int, int]) -> Detections:
    """Return people in the picture's pixels; what lies outside of the picture counts as unseen."""
    height_px, width_px = frame.rgb.shape[:2]
    corners_px = box.back(rows[:, :4].reshape(-1, 2, 2)) + corner
    keypoints: Float[np.ndarray, "p j 3"] = rows[:, 5:].reshape(-1, len(COCO17), 3)
    points_px = box.back(keypoints[..., :2]) + corner
    inside = ((points_px > 0) & (points_px < (width_px, height_px))).all(axis=-1)
    return Detections(
        index=frame.index,
        time_s=frame.time_s,
        boxes_px=np.clip(corners_px, 0, (width_px, height_px)).reshape(-1, 4),
        scores=rows[:, 4],
        keypoints_px=np.clip(points_px, 0, (width_px, height_px)),
        confidence=np.where(inside, keypoints[..., 2], 0.0),
    )
