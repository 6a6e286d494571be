"""YOLO-pose in ONNX Runtime: the fastest on a CPU, and light to load."""

from pathlib import Path

import numpy as np
import onnxruntime
from jaxtyping import Float, UInt8

from pose3d_cli.detect.networks import cores
from pose3d_cli.detect.networks.exported import exported


class OnnxRuntimeNetwork:
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
        options = onnxruntime.SessionOptions()
        # Threads inside a call would wait for each other in busy loops; callers fill the cores.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"]
        )

    def __call__(self, pictures: UInt8[np.ndarray, "b h w 3"]) -> Float[np.ndarray, "b c d"]:
        """Return what the network says about each picture (RGB)."""
        (output,) = self._session.run(None, {"pictures": pictures})
        return np.asarray(output)
