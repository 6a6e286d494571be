"""The whole network: how fast it lifts, with which scan, and how fast it trains.

    python -m bench.lifter --json lifter.json                # on the CPU; beside YOLO11n-pose
    python -m bench.lifter --device cuda

Clips have 243 frames. Lifting is one pass of the network without its mirrored twin; ``graph`` is the
same replayed as a CUDA graph, ``blocks`` is without the kernels for lifting alone, as in training.
``--products`` says how those multiply matrices; beside the times stands how far that moves the output
from float64's, for weights that are random. A training step draws its windows, steps and averages, as
``pose3d train`` does. On the CPU the share of the detector's processor time is measured: the same
number of frames through ``pose3d lift``'s detector.
"""

import argparse
import copy
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import torch
from torch import Tensor

from bench.timing import Contender, machine, median_ms, ratio, report, timed
from pose3d_cli.datasets.mocap import Corpus
from pose3d_cli.datasets.views import Views
from pose3d_cli.lifting import blocks
from pose3d_cli.lifting import model as network
from pose3d_cli.lifting.config import LARGE, SMALL
from pose3d_cli.lifting.model import SasMamba
from pose3d_cli.lifting.scan import torch_scan
from pose3d_cli.sequences import Frame
from pose3d_cli.training.config import Phase, TrainingConfig
from pose3d_cli.training.source import Source
from pose3d_cli.training.state import TrainingState
from pose3d_cli.training.step import Step
from pose3d_cli.training.team import Team

FRAMES = 243
DETECTED_FRAMES = 24
FAST, HOISTED, COMPILED, GRAPH = "lifter", "hoisted loop", "torch.compile", "graph"
PLAIN = "blocks"
PRODUCTS = ("bf16x3", "tf32x3", "tf32", "ieee")


def main() -> None:
    """Time everything and say how it compares."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    options.add_argument("--clips", type=int, nargs="+", default=None, help="lifted at once")
    options.add_argument("--train-clips", type=int, default=None, help="of a training step")
    options.add_argument("--large", action="store_true", help="the large network")
    options.add_argument("--compile", action="store_true", help="with torch.compile, too")
    options.add_argument("--products", choices=PRODUCTS, default=PRODUCTS[0], help="on a GPU")
    options.add_argument("--frames", type=int, nargs="+", default=(27, 81, 243), help="in training")
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--json", type=Path, help="where to write the figures")
    chosen = options.parse_args()
    on_gpu = chosen.device == "cuda"
    config = LARGE if chosen.large else SMALL
    if on_gpu:
        from pose3d_cli.lifting.fused import triton_block

        triton_block.PRODUCTS = chosen.products
    model = SasMamba(config).to(chosen.device).eval()
    figures: dict[str, Any] = {
        "machine": machine(chosen.device),
        "parameters": sum(p.numel() for p in model.parameters()),
        "lifting": {
            f"{clips} clips": lifting(model, clips, chosen)
            for clips in chosen.clips or ((1, 8, 64) if on_gpu else (1, 8))
        },
        "training": training(chosen, clips=chosen.train_clips or (64 if on_gpu else 2)),
    }
    if not on_gpu:
        figures["share of YOLO11n-pose"] = share_of_detector(model)
    report(figures, chosen.json)


def lifting(model: SasMamba, clips: int, chosen: Any) -> dict[str, Any]:
    """Return milliseconds of a pass, and how much faster it is than with the hoisted loop."""
    x = torch.randn(clips, FRAMES, 17, 2, device=chosen.device)
    contenders = [Contender(FAST, partial(lifted, model, x))]
    if chosen.compile:
        contenders.append(Contender(COMPILED, partial(lifted, torch.compile(model), x)))
    if chosen.device == "cuda":
        contenders.append(Contender(GRAPH, graphed(model, x)))
        contenders.append(Contender(PLAIN, partial(lifted_in_blocks, model, x)))
    if clips * (1 + 7 * (chosen.device == "cuda")) <= 8:  # the loop keeps every state in memory
        contenders.append(Contender(HOISTED, partial(lifted_in_a_loop, model, x)))
    times = timed(contenders, rounds=chosen.rounds, device=chosen.device)
    return {
        "ms": median_ms(times),
        "times as fast as with the hoisted loop": (
            ratio(times, HOISTED, FAST) if HOISTED in times else None
        ),
        "off by": off_by(model, x[:2]),
    }


@torch.inference_mode()
def off_by(model: SasMamba, x: Tensor) -> float:
    """Return how far joints are from float64's: the mean, where their size is 1."""
    y = model(x)
    exact = copy.deepcopy(model).double()(x.double())
    size = exact.norm(dim=-1).mean()
    return float(f"{(y - exact).norm(dim=-1).mean() / size:.2g}")


@torch.inference_mode()
def lifted(model: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """Lift clips with the best scan for the device."""
    return model(x)


def lifted_in_blocks(model: SasMamba, x: Tensor) -> Tensor:
    """Lift clips without the kernels for lifting alone."""
    with patch.object(network, "fits", lambda *_: False):
        return lifted(model, x)


def lifted_in_a_loop(model: SasMamba, x: Tensor) -> Tensor:
    """Lift clips with the scan that any PyTorch can run."""
    with patch.object(blocks, "selective_scan", torch_scan.selective_scan):
        return lifted_in_blocks(model, x)


def graphed(model: SasMamba, x: Tensor) -> Callable[[], None]:
    """Return a replay of the pass, which starts all kernels at once."""
    side = torch.cuda.Stream()  # type: ignore[no-untyped-call]
    with torch.cuda.stream(side):
        lifted(model, x)
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        lifted(model, x)
    return graph.replay


def training(chosen: Any, *, clips: int) -> dict[str, Any]:
    """Return milliseconds of a step, and windows a second, for windows of three lengths."""
    team = Team(torch.device(chosen.device))
    figures = {}
    for frames in chosen.frames:
        phase = Phase(frames=frames, clips=clips * FRAMES // frames, steps=1)
        network = LARGE if chosen.large else SMALL
        config = TrainingConfig(
            width=network.width,
            depth=network.depth,
            shards=(),
            validation_shards=(),
            mix={},
            phases=(phase,),
            learning_rate=1e-4,
            warmup_steps=0,
            bf16=True,
            compile=chosen.compile,
            licence="none",
        )
        state = TrainingState.fresh(config, team)
        step = Step(state, config, team)
        source = made_up_motion(phase, team)
        run = Contender("step", partial(one_step, step, source, state, phase))
        ms = median_ms(timed([run], rounds=chosen.rounds, device=chosen.device))["step"]
        figures[f"{phase.clips} windows of {frames} frames"] = {
            "step_ms": ms,
            "windows_per_s": round(1e3 * phase.clips / ms, 1),
        }
    return figures


def one_step(step: Step, source: Source, state: TrainingState, phase: Phase) -> None:
    """Draw, lift, compare, step, average."""
    step(source.draw(phase, state.generator), rate=1e-4, memory=0.999)


def made_up_motion(phase: Phase, team: Team) -> Source:
    """Return somebody who wobbles for some minutes; what is recorded does not change the time."""
    make = torch.Generator().manual_seed(0)
    rest = torch.randn(1, 24, 3, generator=make) * 0.4 + torch.tensor([0.0, 0.0, 1.0])
    length = torch.full((20,), 500)
    wobble = 1e-3 * torch.randn(10_000, 24, 3, generator=make).cumsum(0)
    corpus = Corpus(rest + wobble, length.cumsum(0) - length, length, ("made up",) * 20, 30.0)
    return Source(
        corpus.to(team.device),
        corpus.chances({"made up": 1.0}).to(team.device),
        Views(),
        {phase: team.share_of(phase.clips)},
    )


def share_of_detector(model: SasMamba) -> dict[str, Any]:
    """Return the processor time of lifting a clip, of detecting in as many frames, and the share."""
    from pose3d_cli.detect.yolo import YoloPoseDetector
    from pose3d_cli.weights import default_cache_dir, ensure

    weights = ensure("yolo11n-pose", cache_dir=default_cache_dir())
    detector = YoloPoseDetector(weights, device="cpu")
    pictures = np.random.default_rng(0).integers(0, 255, (4, 1080, 1920, 3), np.uint8)
    frames = [
        Frame(i, Fraction(i, 30), np.ascontiguousarray(pictures[i % 4]))
        for i in range(DETECTED_FRAMES)
    ]
    x = torch.randn(1, FRAMES, 17, 2)
    lifting_s: list[float] = []
    detecting_s: list[float] = []
    for _ in range(4):
        with processor_seconds(lifting_s):
            lifted(model, x)
        with processor_seconds(detecting_s):
            list(detector.detect(frames))
    lift_ms = 1e3 * sorted(lifting_s[1:])[1]  # the first round warms up; the median of three
    detect_ms = 1e3 * sorted(detecting_s[1:])[1] * FRAMES / DETECTED_FRAMES
    return {
        "backend": detector.backend,
        "lift_cpu_ms": round(lift_ms, 1),
        "detect_cpu_ms": round(detect_ms, 1),
        "share": round(lift_ms / detect_ms, 4),
    }


@contextmanager
def processor_seconds(into: list[float]) -> Iterator[None]:
    """Note how much processor time the block takes, on all cores together."""
    began_s = time.process_time()
    yield
    into.append(time.process_time() - began_s)


if __name__ == "__main__":
    main()
