"""The most memory that a whole run takes, video and all, for clips of several lengths."""

import resource
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

from bench.pipeline.costs import Stages
from bench.pipeline.subject import LOOP, lift, make_clip, networks
from pose3d_cli.detect import PoseDetector
from pose3d_cli.pipeline import Models
from pose3d_cli.sequences import Detections, Frame


@dataclass
class Replayed:
    """Says of a looped clip what the real detector said of its first loop."""

    detector: PoseDetector
    loop: int
    name: str = "replayed"
    sha256: str = "0" * 64
    licence: str = ""
    known: list[Detections] = field(default_factory=list)

    def detect(self, frames: Iterable[Frame]) -> Iterator[Detections]:
        """Yield who is in each frame."""
        remaining = iter(frames)
        for found in self.detector.detect(islice(remaining, self.loop)):
            self.known.append(found)
            yield found
        for frame in remaining:
            yield replace(
                self.known[frame.index % self.loop], index=frame.index, time_s=frame.time_s
            )


def memory(folder: Path, *, minutes: Sequence[float]) -> dict[str, Any]:
    """Measure each length in a process of its own."""
    peaks = {}
    for length in minutes:
        clip = folder / f"{length:g}.mp4"
        make_clip(clip, frames=round(length * 1800))
        done = subprocess.run(
            [sys.executable, "-m", "bench.pipeline", "--peak", str(clip)],
            check=True,
            capture_output=True,
            text=True,
        )
        peaks[f"{length:g} min"] = int(done.stdout)
        clip.unlink()
    all_mib = [*peaks.values()]
    return {"peak MiB": peaks, "last / first": round(all_mib[-1] / all_mib[0], 3)}


def print_peak(clip: Path) -> None:
    """Lift a looped clip in this process, and say how much memory it took at most."""
    models = networks()
    replayed = Models(Replayed(models.detector, loop=LOOP), models.lifter)
    lift(clip, replayed, [".mp4", ".json"], Stages())
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
