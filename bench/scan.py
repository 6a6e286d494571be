"""Every selective scan and every structure-aware convolution, side by side.

    python -m bench.scan --json scan.json                    # one clip on the CPU
    python -m bench.scan --device cuda                       # 64 clips; needs Triton

The naive loop (``reference``) is timed on few frames and extrapolated, as is the hoisted loop on a
GPU: every token costs the same. On a GPU the results stand beside what its memory and its
exponentials alone would allow, both measured in the same run: every operand read once, every result
written once, and one exponential for each token, direction, channel and state.

``inference`` is a forward pass that keeps nothing, ``forward`` one that keeps what ``backward``
needs; ``backward`` yields all gradients.
"""

import argparse
import importlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from bench.floors import copied_bytes_per_ms, exponentials_per_ms
from bench.timing import Contender, Times, machine, median_ms, ratio, report, timed
from pose3d_cli.lifting.blocks import scan_order
from pose3d_cli.lifting.config import LARGE, SMALL

Operands = tuple[Tensor, ...]
JOINTS, DIRECTIONS, INPUTS, STATES = 17, 4, 2, 16
PASSES = ("inference", "forward", "backward")


@dataclass(frozen=True)
class Implementation:
    """A function that fulfils a contract, and on how many frames to time it at most."""

    name: str
    module: str
    devices: tuple[str, ...] = ("cpu", "cuda")
    most_frames: Mapping[str, int] = field(default_factory=lambda: {"cpu": 243, "cuda": 243})
    dtype: torch.dtype = torch.float32

    def function(self, operation: str) -> Callable[..., Tensor] | None:
        """Return it if this machine has what it takes."""
        try:
            module = importlib.import_module(f"pose3d_cli.lifting.{self.module}")
        except ImportError:
            return None
        found: Callable[..., Tensor] = getattr(module, operation)
        return found


NAIVE = Implementation("naive loop", "scan.reference", most_frames={"cpu": 2, "cuda": 2})
HOISTED = Implementation("hoisted loop", "scan.torch_scan", most_frames={"cpu": 243, "cuda": 27})
PLAIN = Implementation("plain PyTorch", "structure_conv.reference")
ALL = {
    "selective_scan": (
        Implementation("numba", "scan.cpu", ("cpu",)),
        Implementation("Triton", "scan.triton_scan", ("cuda",)),
        Implementation("Triton, bf16", "scan.triton_scan", ("cuda",), dtype=torch.bfloat16),
        HOISTED,
        NAIVE,
    ),
    "structure_conv": (
        Implementation("numba", "structure_conv.cpu", ("cpu",)),
        Implementation("Triton", "structure_conv.triton_conv", ("cuda",)),
        Implementation(
            "Triton, bf16", "structure_conv.triton_conv", ("cuda",), dtype=torch.bfloat16
        ),
        PLAIN,
    ),
}
SLOWEST = {"selective_scan": NAIVE.name, "structure_conv": PLAIN.name}


def main() -> None:
    """Time everything and say how it compares."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    options.add_argument("--clips", type=int, help="default: 1, on a GPU 64")
    options.add_argument("--frames", type=int, default=243)
    options.add_argument("--large", action="store_true", help="the large network's channels")
    options.add_argument("--rounds", type=int, default=7)
    options.add_argument("--json", type=Path, help="where to write the figures")
    chosen = options.parse_args()
    clips = chosen.clips or (64 if chosen.device == "cuda" else 1)
    size = {"clips": clips, "frames": chosen.frames}
    size["channels"] = (LARGE if chosen.large else SMALL).inner
    figures: dict[str, Any] = {"machine": machine(chosen.device), "size": size}
    for operation, candidates in ALL.items():
        figures[operation] = compared(
            operation, implementations(candidates, chosen.device), size, chosen
        )
    if chosen.device == "cuda":
        figures["floors_ms"] = floors_ms(**size)
    report(figures, chosen.json)


def implementations(candidates: tuple[Implementation, ...], device: str) -> list[Implementation]:
    """Return those that can run on this machine."""
    return [c for c in candidates if device in c.devices and _exists(c)]


def compared(
    operation: str, candidates: list[Implementation], size: dict[str, int], chosen: Any
) -> dict[str, Any]:
    """Return milliseconds and ratios of each pass."""
    figures: dict[str, Any] = {}
    by_pass: dict[str, list[Contender]] = {name: [] for name in PASSES}
    for candidate in candidates:
        frames = min(size["frames"], candidate.most_frames[chosen.device])
        operands = OPERANDS[operation](**{**size, "frames": frames}, device=chosen.device)
        times = size["frames"] / frames
        for name, run in passes(candidate, operation, operands):
            by_pass[name].append(Contender(candidate.name, run, times))
        if times != 1:
            figures.setdefault("extrapolated_from_frames", {})[candidate.name] = frames
    for name, contenders in by_pass.items():
        figures[name] = _summary(timed(contenders, rounds=chosen.rounds, device=chosen.device))
    return figures


def passes(
    candidate: Implementation, operation: str, operands: Operands
) -> Iterator[tuple[str, Callable[[], object]]]:
    """Yield what is timed."""
    function = candidate.function(operation)
    assert function
    leaves = [t.to(candidate.dtype) if t.is_floating_point() else t for t in operands]
    wanted = [t.requires_grad_() for t in leaves if t.is_floating_point()]
    yield "inference", partial(_without_gradients, function, leaves)
    yield "forward", partial(function, *leaves)
    y = function(*leaves)
    yield "backward", partial(torch.autograd.grad, y, wanted, torch.ones_like(y), retain_graph=True)


def scan_operands(*, clips: int, frames: int, channels: int, device: str) -> Operands:
    """Return what a trained network's scan gets, about."""
    length = frames * JOINTS
    make = torch.Generator(device).manual_seed(0)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=make, device=device)

    return (
        normal(clips, INPUTS, length, channels),
        0.05 * normal(clips, DIRECTIONS, length, channels).exp(),
        -torch.arange(1.0, STATES + 1, device=device).repeat(DIRECTIONS, channels, 1),
        normal(clips, DIRECTIONS, length, STATES),
        normal(clips, DIRECTIONS, length, STATES),
        normal(DIRECTIONS, channels),
        scan_order(frames, JOINTS, device=torch.device(device)),
    )


def conv_operands(*, clips: int, frames: int, channels: int, device: str) -> Operands:
    """Return what a trained network's convolution gets, about: offsets of half a joint."""
    make = torch.Generator(device).manual_seed(0)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=make, device=device)

    plane = (clips, frames, JOINTS)
    return (
        normal(*plane, channels),
        0.5 * normal(*plane, 18),
        normal(channels, 9),
        normal(channels),
    )


OPERANDS = {"selective_scan": scan_operands, "structure_conv": conv_operands}


def floors_ms(*, clips: int, frames: int, channels: int) -> dict[str, Any]:
    """Return the least time that the GPU's memory and its exponentials allow, in float32."""
    bytes_per_ms, exponentials = copied_bytes_per_ms(), exponentials_per_ms()
    tokens = clips * frames * JOINTS
    scan_in = INPUTS * channels + DIRECTIONS * (channels + 2 * STATES)
    conv_in = channels + 18
    floors: dict[str, Any] = {
        "copied_gb_per_s": round(bytes_per_ms / 1e6),
        "memory": {
            "selective_scan forward": 4 * tokens * (scan_in + channels) / bytes_per_ms,
            "selective_scan backward": 4 * tokens * (2 * scan_in + channels) / bytes_per_ms,
            "structure_conv forward": 4 * tokens * (conv_in + channels) / bytes_per_ms,
            "structure_conv backward": 4 * tokens * (2 * conv_in + channels) / bytes_per_ms,
        },
    }
    if exponentials:
        floors["exponentials_per_s"] = 1e3 * exponentials
        each_pass = tokens * DIRECTIONS * channels * STATES / exponentials
        floors["exponentials"] = {"selective_scan forward": each_pass}
        floors["exponentials"]["selective_scan backward"] = each_pass
    return floors


def _exists(candidate: Implementation) -> bool:
    return candidate.function(next(o for o, found in ALL.items() if candidate in found)) is not None


def _without_gradients(function: Callable[..., Tensor], operands: list[Tensor]) -> Tensor:
    with torch.no_grad():
        return function(*operands)


def _summary(times: Times) -> dict[str, Any]:
    fastest = next(iter(times))
    return {
        "ms": median_ms(times),
        f"{fastest} is times as fast as": {
            name: ratio(times, name, fastest) for name in times if name != fastest
        },
    }


if __name__ == "__main__":
    main()
