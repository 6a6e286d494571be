"""Choose where the networks run."""

import logging
import os
from typing import Literal, get_args

from pose3d_cli.errors import DeviceError, UsageError

logger = logging.getLogger(__name__)

DeviceName = Literal["auto", "cpu", "cuda", "mps"]


def choose_device(wanted: str) -> str:
    """Return ``"cpu"``, ``"cuda"`` or ``"mps"``; ``auto`` takes the best there is and says so.

    Raises:
        UsageError: ``wanted`` is no device name.
        DeviceError: ``wanted`` was asked for by name and is not available.
    """
    if wanted not in get_args(DeviceName):
        raise UsageError(
            f"unknown device '{wanted}'", hint=f"Choose from {', '.join(get_args(DeviceName))}."
        )
    if wanted == "cpu":
        return wanted
    import torch

    available = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if wanted == "auto":
        best = next((name for name in ("cuda", "mps") if available[name]), "cpu")
        logger.info("device: %s", best if best != "cpu" else "cpu (no CUDA or MPS device found)")
        return best
    if not available[wanted]:
        raise DeviceError(
            f"--device {wanted}: PyTorch {torch.__version__} sees no such device",
            hint="Use --device auto, or see `pose3d doctor`.",
        )
    return wanted


def visible_gpus() -> tuple[str, ...]:
    """Return what to set CUDA_VISIBLE_DEVICES to so that a process sees one GPU, for each in turn."""
    import torch

    count = torch.cuda.device_count()
    named = os.environ.get("CUDA_VISIBLE_DEVICES") or ",".join(map(str, range(count)))
    # Whatever is named after a device that does not exist is not visible either.
    return tuple(part.strip() for part in named.split(","))[:count]
