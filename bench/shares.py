"""Where the time of `pose3d lift` goes, stage by stage, with a video and without, on a CPU or a GPU.

    python -m bench.shares CLIP [--device cuda] [--frames 600] [--repeats 3]

First each stage alone, on frames that are ready in memory; then whole runs, in which they work side
by side: no run is faster than its slowest stage. Milliseconds a frame, medians. Prints one JSON object.
"""

import argparse
import json
import platform
import statistics
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from fractions import Fraction
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import torch

from bench.pipeline.costs import Stages, cost
from pose3d_cli.cli.networks import load_detector, load_lifter
from pose3d_cli.detect.networks import cores
from pose3d_cli.outputs import write
from pose3d_cli.pipeline import Models, Settings, estimate
from pose3d_cli.render import Renderer, RenderSettings
from pose3d_cli.sequences import Clip, Frame, Result
from pose3d_cli.streams import ahead
from pose3d_cli.video.reader import probe, read_frames
from pose3d_cli.video.selection import Stretch
from pose3d_cli.video.writer import TimedPicture, write_video
from pose3d_cli.watch import Unwatched
from pose3d_cli.weights import default_cache_dir

READY = 48
"""Frames that are kept in memory, to be used again and again."""


def _again(ready: Sequence[Frame], *, frames: int, fps: Fraction) -> Iterator[Frame]:
    """Yield ready frames over and over, at times that go on."""
    for index, frame in enumerate(islice(cycle(ready), frames)):
        yield replace(frame, index=index, time_s=index / fps)


def _alone(
    clip: Clip, models: Models, result: Result, folder: Path, *, frames: int
) -> dict[str, Callable[[], object]]:
    """Return what to call for each stage by itself."""
    ready = list(islice(read_frames(clip), READY))
    renderer = Renderer.of(result.people, camera=result.camera, settings=RenderSettings())
    drawn = [renderer.compose(frame) for frame in ready]

    def decode() -> None:
        with closing(ahead(read_frames(clip))) as decoded:
            for _ in islice(decoded, frames):
                pass

    def detect() -> None:
        for _ in models.detector.detect(_again(ready, frames=frames, fps=clip.fps)):
            pass

    def draw() -> None:
        for frame in islice(cycle(ready), frames):
            renderer.compose(frame)

    def encode() -> None:
        pictures: Iterator[TimedPicture] = (
            (rgb, index / clip.fps) for index, rgb in enumerate(islice(cycle(drawn), frames))
        )
        write_video(folder / "alone.mp4", pictures, fps=clip.fps)

    return {"decode": decode, "detect": detect, "draw": draw, "encode": encode}


def _median(values: Sequence[float]) -> float:
    return round(statistics.median(values), 2)


def _measured(action: Callable[[], object], *, frames: int, repeats: int) -> dict[str, float]:
    costs = [cost(action, frames=frames) for _ in range(repeats)]
    return {
        "wall": _median([c.wall_ms for c in costs]),
        "CPU": _median([c.cpu_ms for c in costs]),
        "frames/s": round(1e3 / statistics.median(c.wall_ms for c in costs), 1),
    }


def main() -> None:
    """Measure one clip."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clip", type=Path)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--frames", type=int, default=600)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--weights", default="yolo11n-pose", help="a name or a file")
    options = parser.parse_args()
    where: Any = {"device": options.device, "cache_dir": default_cache_dir(), "offline": True}
    models = Models(
        load_detector(options.weights, **where), load_lifter("sasmamba-small", flip=True, **where)
    )
    clip = probe(options.clip)
    settings = Settings(stretch=Stretch(end_s=options.frames / clip.fps))
    report: dict[str, Any] = {
        "device": torch.cuda.get_device_name() if options.device == "cuda" else platform.machine(),
        "detector threads": cores(),
        "picture": f"{clip.width_px}x{clip.height_px}",
    }
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        result = estimate(options.clip, models, settings, watch=Unwatched())  # compiles, warms up
        frames = len(result.times_s)
        for suffixes in ((".mp4", ".json"), (".json",)):
            watch = Stages()

            def run(suffixes: Sequence[str] = suffixes, watch: Stages = watch) -> None:
                lifted = estimate(options.clip, models, settings, watch=watch)
                write(lifted, [folder / f"out{suffix}" for suffix in suffixes], watch=watch)

            whole = _measured(run, frames=frames, repeats=options.repeats)
            report["whole run to " + " ".join(suffixes)] = {
                **whole,
                "shares of the time": watch.shares,
            }
        alone = _alone(clip, models, result, folder, frames=frames)
        report["alone, ms a frame"] = {
            stage: _measured(action, frames=frames, repeats=options.repeats)
            for stage, action in alone.items()
        }
    print(json.dumps({"frames": frames, **report}, indent=1))


if __name__ == "__main__":
    main()
