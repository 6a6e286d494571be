"""What runs a YOLO-pose network: PyTorch, ONNX Runtime or OpenVINO, whichever is fastest here."""

import importlib.util
import os
from typing import Literal, Protocol, get_args, runtime_checkable

import numpy as np
from jaxtyping import Float, UInt8

from pose3d_cli.errors import DeviceError, UsageError

Backend = Literal["torch", "onnxruntime", "openvino"]

LABELS: dict[Backend, str] = {
    "torch": "PyTorch",
    "onnxruntime": "ONNX Runtime",
    "openvino": "OpenVINO",
}
_FASTEST_FIRST: tuple[Backend, ...] = ("onnxruntime", "openvino", "torch")
"""On a CPU; `python -m bench.pipeline` shows it."""
_MOST_WORKERS = 8
"""More than decoding could feed."""


@runtime_checkable
class Network(Protocol):
    """A network that is loaded and may be called from several threads."""

    licence: str
    workers: int
    """How many threads to call it from."""
    batch_size: int
    """How many pictures to give it at a time."""

    def __call__(self, pictures: UInt8[np.ndarray, "b h w 3"]) -> Float[np.ndarray, "b c d"]:
        """Return what the network says about each picture (RGB)."""
        ...


def choose_backend(wanted: str, *, device: str) -> Backend:
    """Return what runs the detector; ``auto`` takes the fastest that is installed.

    Raises:
        UsageError: ``wanted`` is no back end.
        DeviceError: ``wanted`` is not installed, or cannot use the device.
    """
    known = get_args(Backend)
    if wanted == "auto":
        usable = _FASTEST_FIRST if device == "cpu" else ("torch",)
        return next(name for name in usable if _is_installed(name))
    if wanted not in known:
        raise UsageError(
            f"unknown detector back end '{wanted}'", hint=f"Choose from auto, {', '.join(known)}."
        )
    backend: Backend = next(name for name in known if name == wanted)
    if not _is_installed(backend):
        raise DeviceError(f"{LABELS[backend]} is not installed", hint=f"pip install {backend}")
    if backend != "torch" and device != "cpu":
        raise DeviceError(
            f"{LABELS[backend]} runs on the CPU only here, not on {device}",
            hint="Use --detector-backend torch, or --device cpu.",
        )
    return backend


def cores() -> int:
    """Return on how many cores this process may run, at most as many as are of use."""
    allowed = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else ()
    return min(len(allowed) or os.cpu_count() or 1, _MOST_WORKERS)


def _is_installed(name: str) -> bool:
    return importlib.util.find_spec(name) is not None
