"""YOLO-pose in OpenVINO, for those who have it."""

from pathlib import Path
from threading import local

import numpy as np
import openvino
from jaxtyping import Float, UInt8

from pose3d_cli.detect.networks import cores
from pose3d_cli.detect.networks.exported import exported


class OpenVinoNetwork:
    """Runs an exported checkpoint, one picture a core."""

    batch_size = 1

    def __init__(self, weights: Path, *, cache_dir: Path) -> None:
        """Load a checkpoint, after exporting it if that has not been done.

        Raises:
            WeightsError: the file is damaged, or is another kind of model.
        """
        path, export = exported(weights, cache_dir=cache_dir)
        self.licence = export.licence
        self.workers = cores()
        options: dict[str, int | str] = {
            "INFERENCE_NUM_THREADS": self.workers,
            "NUM_STREAMS": self.workers,
            # Some CPUs would run in bfloat16, which moves keypoints by pixels.
            "INFERENCE_PRECISION_HINT": "f32",
        }
        self._model = openvino.Core().compile_model(str(path), "CPU", options)
        self._requests = local()

    def __call__(self, pictures: UInt8[np.ndarray, "b h w 3"]) -> Float[np.ndarray, "b c d"]:
        """Return what the network says about each picture (RGB)."""
        if not hasattr(self._requests, "mine"):
            self._requests.mine = self._model.create_infer_request()
        (output,) = self._requests.mine.infer([pictures]).values()
        return np.array(output)
