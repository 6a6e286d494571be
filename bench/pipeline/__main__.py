"""How long a clip takes from file to files, where the time goes, and how much memory it needs.

    python -m bench.pipeline [--frames 230] [--repeats 3] [--parts speed,peers,start,memory,fast]

Films the sample once as 1080p. All that is compared is measured in this one process, taking turns,
and compared as the median of ratios; seconds of CPU are those of all threads. Prints one JSON object.
`bench/shares.py` measures each stage by itself, on a GPU too.
"""

import argparse
import json
import os
import tempfile
from pathlib import Path
from typing import Any

from bench.pipeline.fast import fast
from bench.pipeline.memory import memory, print_peak
from bench.pipeline.speed import speed
from bench.pipeline.start import start
from bench.pipeline.subject import make_clip


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench.pipeline", description=__doc__)
    parser.add_argument("--frames", type=int, default=230)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--minutes", type=float, nargs="+", default=[1, 10])
    parser.add_argument("--parts", default="speed,peers,start,memory,fast")
    parser.add_argument("--clips", type=Path, nargs="*", default=[], help="for --parts fast")
    parser.add_argument("--peak", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peak:
        print_peak(options.peak)
        return
    parts = options.parts.split(",")
    report: dict[str, Any] = {"cores": len(os.sched_getaffinity(0))}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if "start" in parts:
            report["start"] = start()
        if {"speed", "fast"} & set(parts):
            report["frames"] = make_clip(folder / "clip.mp4", frames=options.frames)
        if "speed" in parts:
            report["speed"] = speed(
                folder / "clip.mp4",
                frames=report["frames"],
                repeats=options.repeats,
                peers="peers" in parts,
            )
        if "fast" in parts:
            clips = [folder / "clip.mp4", *options.clips]
            report["fast"] = fast(clips, most_frames=report["frames"])
        if "memory" in parts:
            report["memory"] = memory(folder, minutes=options.minutes)
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
