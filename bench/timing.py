"""Timing side by side: everything in turn, round after round, and medians of ratios."""

import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

LEAST_S = 0.02
"""Calls are repeated until a measurement takes this long, so that starting it does not count."""


@dataclass(frozen=True)
class Contender:
    """Something to be timed."""

    name: str
    run: Callable[[], object]
    times: float = 1.0
    """What is timed is this part of the work, and the result is extrapolated."""


Times = Mapping[str, Sequence[float]]
"""Milliseconds of each contender, round by round."""


def timed(contenders: Sequence[Contender], *, rounds: int, device: str) -> Times:
    """Time everything once a round, interleaved, each after a call that does not count.

    What ran before leaves caches full of its own and threads that still wait for more work.
    """
    calls = {c.name: _calls(c, device) for c in contenders}
    times: dict[str, list[float]] = {c.name: [] for c in contenders}
    for _ in range(rounds):
        for c in contenders:
            c.run()
            times[c.name].append(c.times * _milliseconds(c.run, calls[c.name], device))
    return times


def median_ms(times: Times) -> dict[str, float]:
    """Return the median of each contender."""
    return {name: float(f"{statistics.median(values):.4g}") for name, values in times.items()}


def ratio(times: Times, slow: str, fast: str) -> float:
    """Return how many times as fast one is as another: the median of the rounds' ratios."""
    pairs = zip(times[slow], times[fast], strict=True)
    return float(f"{statistics.median(s / f for s, f in pairs):.3g}")


def machine(device: str) -> dict[str, Any]:
    """Return what the figures depend on."""
    name = torch.cuda.get_device_name() if device == "cuda" else platform.processor()
    return {
        "device": name or platform.machine(),
        "cores": len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count(),
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "python": platform.python_version(),
    }


def report(figures: Mapping[str, Any], path: Path | None) -> None:
    """Print the figures, and write them to a file if there is one."""
    text = json.dumps(figures, indent=1)
    print(text)
    if path:
        path.write_text(text, encoding="utf-8")


def _calls(contender: Contender, device: str) -> int:
    _milliseconds(contender.run, 1, device)  # whatever is compiled, tuned or cached
    return max(1, round(1e3 * LEAST_S / max(_milliseconds(contender.run, 1, device), 1e-3)))


def _milliseconds(run: Callable[[], object], calls: int, device: str) -> float:
    _wait(device)
    began_s = time.perf_counter()
    for _ in range(calls):
        run()
    _wait(device)
    return 1e3 * (time.perf_counter() - began_s) / calls


def _wait(device: str) -> None:
    if device == "cuda":
        torch.cuda.synchronize()
