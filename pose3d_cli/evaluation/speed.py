"""How long a network takes on this machine, and how much memory."""

import statistics
import time
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from pose3d_cli.memory import give_back

_RESET, _STATUS = Path("/proc/self/clear_refs"), Path("/proc/self/status")


@dataclass(frozen=True, slots=True)
class Speed:
    """Of one forward pass."""

    seconds: float
    """Median."""
    memory_bytes: int | None
    """Peak on top of the weights; None where the platform cannot tell."""


@torch.inference_mode()
def measure(model: nn.Module, inputs: Tensor, *, repeats: int) -> Speed:
    """Run a network that lies on the same device as its inputs; the first run does not count."""
    model(inputs)
    before = _start_of_peak(inputs.device)
    seconds = []
    for _ in range(repeats):
        started = time.perf_counter()
        model(inputs)
        if inputs.device.type == "cuda":
            torch.cuda.synchronize(inputs.device)
        seconds.append(time.perf_counter() - started)
    peak = _peak(inputs.device)
    grown = None if before is None or peak is None else max(0, peak - before)
    return Speed(statistics.median(seconds), grown)


def _start_of_peak(device: torch.device) -> int | None:
    """Forget earlier peaks; return what is in use now."""
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
        return torch.cuda.memory_allocated(device)
    if device.type != "cpu" or not _RESET.exists():
        return None
    give_back()  # else what the allocator keeps is taken again, and nothing seems to grow
    _RESET.write_text("5")  # Linux: the high-water mark of resident memory starts anew
    return _resident("VmRSS")


def _peak(device: torch.device) -> int | None:
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    return _resident("VmHWM") if device.type == "cpu" and _RESET.exists() else None


def _resident(entry: str) -> int:
    fields = dict(line.split(":", 1) for line in _STATUS.read_text().splitlines())
    return 1024 * int(fields[entry].split()[0])
