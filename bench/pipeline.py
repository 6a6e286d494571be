"""How long a clip takes from file to files, where the time goes, and how much memory it needs.

    python bench/pipeline.py [--frames 230] [--repeats 3] [--parts speed,peers,start,memory,fast]

Films the sample once as 1080p. All that is compared is measured in this one process, taking turns,
and compared as the median of ratios; seconds of CPU are those of all threads. Prints one JSON object.
`bench/shares.py` measures each stage by itself, on a GPU too.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import islice, pairwise
from pathlib import Path
from typing import Any, TypeVar

import av
import cv2
import numpy as np

from pose3d_cli.cli.networks import load_detector, load_lifter
from pose3d_cli.detect import PoseDetector
from pose3d_cli.detect.choosing import choose
from pose3d_cli.detect.tracking import follow
from pose3d_cli.outputs import write
from pose3d_cli.pipeline import Models, Settings, estimate
from pose3d_cli.sequences import Clip, Detections, Frame
from pose3d_cli.streams import ahead
from pose3d_cli.video.reader import probe, read_frames
from pose3d_cli.video.writer import write_video
from pose3d_cli.watch import Unwatched
from pose3d_cli.weights import default_cache_dir, ensure

Item = TypeVar("Item")

SAMPLE = Path(__file__).parents[1] / "examples" / "sample.mp4"
SIZE_PX = (1920, 1080)
LOOP = 230
"""Frames of the sample."""
PEERS_FRAMES = 12
CACHE = default_cache_dir()


@dataclass
class Cost:
    """What a run took, a frame."""

    wall_ms: float
    cpu_ms: float

    @property
    def cores(self) -> float:
        """How many cores were busy."""
        return self.cpu_ms / self.wall_ms


class Stages(Unwatched):
    """Adds up what each stage takes."""

    def __init__(self) -> None:
        self.wall_s: dict[str, float] = {}

    def each(self, label: str, items: Iterable[Item], *, total: int) -> Generator[Item, None, None]:
        """Pass items through and time them all."""
        with self.stage(label):
            yield from super().each(label, items, total=total)

    @contextmanager
    def stage(self, label: str) -> Iterator[None]:
        """Add the time that the block takes."""
        began = time.perf_counter()
        yield
        self.wall_s[label] = self.wall_s.get(label, 0) + time.perf_counter() - began


def cost(action: Callable[[], object], *, frames: int) -> Cost:
    """Return what an action takes, over so many frames."""
    wall, cpu = time.perf_counter(), time.process_time()
    action()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return Cost(wall * 1e3 / frames, cpu * 1e3 / frames)


def _make_clip(path: Path, *, frames: int) -> None:
    """Write the sample as 1080p, over and over until there are as many frames."""

    def pictures() -> Iterator[np.ndarray]:
        while True:
            for frame in read_frames(probe(SAMPLE)):
                yield cv2.resize(frame.rgb, SIZE_PX)

    once = path.with_name("once.mp4")
    timed = ((rgb, Fraction(i, 30)) for i, rgb in enumerate(islice(pictures(), min(frames, LOOP))))
    write_video(once, timed, fps=Fraction(30))
    with av.open(str(path), "w") as output:
        track, shift = None, 0
        for _ in range(-(-frames // LOOP)):
            with av.open(str(once)) as source:
                stream = source.streams.video[0]
                track = track or output.add_stream_from_template(stream)
                for packet in source.demux(stream):
                    if packet.dts is None or packet.pts is None or packet.time_base is None:
                        continue
                    packet.dts, packet.pts = packet.dts + shift, packet.pts + shift
                    packet.stream = track
                    output.mux(packet)
                shift += round(LOOP / (30 * (stream.time_base or 1)))


def _networks(**how: Any) -> Models:
    where: Any = {"device": "cpu", "cache_dir": CACHE, "offline": False}
    return Models(
        load_detector("yolo11n-pose", **where, **how),
        load_lifter("sasmamba-small", flip=True, **where),
    )


def _detect_alone(clip: Path, models: Models) -> None:
    with closing(ahead(read_frames(probe(clip)))) as frames:
        for _ in models.detector.detect(frames):
            pass


def _lift(clip: Path, models: Models, suffixes: Iterable[str], watch: Stages) -> None:
    result = estimate(clip, models, Settings(), watch=watch)
    write(result, [clip.with_name(f"out{suffix}") for suffix in suffixes], watch=watch)


def _peers_predictor() -> Any:
    """Return Ultralytics' own predictor, loaded beforehand as our networks are."""
    from pose3d_cli.detect.containment import contained

    with contained():
        from ultralytics.models import YOLO
        from ultralytics.models.yolo.pose import PosePredictor

        yolo: Any = YOLO(str(ensure("yolo11n-pose", cache_dir=CACHE)))
        predictor = PosePredictor(overrides={"imgsz": 640, "save": False, "verbose": False})
        predictor.setup_model(yolo.model, verbose=False)
        predictor.done_warmup = True
    return predictor


def _as_peers_do(clip: Path, predictor: Any) -> None:
    """Ultralytics' predict, a new matplotlib figure in 3D, one image a frame, then a video as ours.

    Less than visualisers do, which write three images a frame, two of them at 200 dots per inch:
    https://github.com/Vegetebird/MHFormer/blob/main/demo/vis.py
    """
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    video, joints = cv2.VideoCapture(str(clip)), np.random.default_rng(0).random((17, 3))
    writer = cv2.VideoWriter(
        str(clip.with_name("peers.mp4")), cv2.VideoWriter.fourcc(*"mp4v"), 30, (1920, 720)
    )
    for _ in range(PEERS_FRAMES):
        _, bgr = video.read()
        seen = predictor([bgr])[0].plot()
        figure = plt.figure(figsize=(6.4, 7.2))
        axes: Any = figure.add_subplot(projection="3d")
        for a, b in pairwise(joints):
            axes.plot(*np.stack([a, b]).T)
        figure.savefig(clip.with_name("frame.png"))
        plt.close(figure)
        space: Any = cv2.imread(str(clip.with_name("frame.png")))
        writer.write(np.hstack([cv2.resize(seen, (1280, 720)), cv2.resize(space, (640, 720))]))
    writer.release()


def _speed(clip: Path, *, frames: int, repeats: int, peers: bool) -> dict[str, Any]:
    models, fast, runs = _networks(), _networks(quality="fast"), list[dict[str, Cost]]()
    _lift(clip, models, [".json"], Stages())  # whatever is compiled once
    predictor = _peers_predictor() if peers else None
    if peers:
        _as_peers_do(clip, predictor)
    stages = Stages()
    for _ in range(repeats):
        run = {
            "detection alone": cost(lambda: _detect_alone(clip, models), frames=frames),
            "JSON and BVH": cost(
                lambda: _lift(clip, models, [".json", ".bvh"], Stages()), frames=frames
            ),
            "video": cost(lambda: _lift(clip, models, [".mp4"], stages), frames=frames),
        }
        run["video, --fast"] = cost(lambda: _lift(clip, fast, [".mp4"], Stages()), frames=frames)
        if peers:
            run["as peers do"] = cost(lambda: _as_peers_do(clip, predictor), frames=PEERS_FRAMES)
        runs.append(run)
    total_s = sum(stages.wall_s.values())
    return {
        "ms a frame": {
            name: {
                "wall": _median(run[name].wall_ms for run in runs),
                "CPU": _median(run[name].cpu_ms for run in runs),
                "cores busy": _median(run[name].cores for run in runs),
            }
            for name in runs[0]
        },
        "JSON and BVH / detection alone, wall": _ratio(runs, "JSON and BVH", "detection alone"),
        "as peers do / video, wall": _ratio(runs, "as peers do", "video") if peers else None,
        "shares of the video's wall time": {
            name: round(seconds / total_s, 3) for name, seconds in stages.wall_s.items()
        },
    }


def _closely(clips: Sequence[Path], *, frames: int) -> dict[str, Any]:
    """Compare the largest person of --fast with that of whole pictures."""
    report = {}
    for path in clips:
        clip = probe(path)
        shown = list(islice(read_frames(clip), frames))
        looks = [
            _looked(_networks(quality=quality).detector, shown, clip)
            for quality in ("normal", "fast")
        ]
        costs, points = zip(*looks, strict=True)
        off = np.linalg.norm(points[0] - points[1], axis=-1) * 100
        report[path.name] = {
            "CPU ms a frame, whole and --fast": [round(c.cpu_ms, 1) for c in costs],
            "frames with the person": [int(np.isfinite(p[:, 0, 0]).sum()) for p in points],
            "difference, % of height": {
                "median": _median([float(np.nanmedian(off))]),
                "95th percentile": _median([float(np.nanpercentile(off, 95))]),
            },
        }
    return report


def _looked(detector: PoseDetector, shown: list[Frame], clip: Clip) -> tuple[Cost, np.ndarray]:
    """Return what finding people takes, and the largest one's keypoints in their own heights."""
    found: list[Detections] = []
    took = cost(lambda: found.extend(detector.detect(shown)), frames=len(shown))
    tracks = follow(found, fps=clip.fps)
    track = tracks[choose("largest", tracks)[0]]
    rows = np.full((len(shown), *track.keypoints_px.shape[1:]), np.nan)
    rows[track.first_frame : track.first_frame + len(track.seen)] = track.keypoints_px
    return took, rows / np.nanmedian(track.boxes_px[:, 3] - track.boxes_px[:, 1])


def _ratio(runs: list[dict[str, Cost]], above: str, below: str) -> float:
    return _median(run[above].wall_ms / run[below].wall_ms for run in runs)


def _median(values: Iterable[float]) -> float:
    return round(statistics.median(values), 3)


def _start() -> dict[str, Any]:
    """Measure in processes of their own what happens before the first frame is found."""
    helped = time.perf_counter(), _children_cpu_s()
    subprocess.run([sys.executable, "-m", "pose3d_cli", "--help"], check=True, capture_output=True)
    help_s = _children_cpu_s() - helped[1]
    script = """
import json, time
from pathlib import Path
marks = []
def mark(name): marks.append((name, time.perf_counter(), time.process_time()))
mark("")
from pose3d_cli.cli.networks import load_detector, load_lifter
from pose3d_cli.video.reader import probe, read_frames
import pose3d_cli.pipeline, pose3d_cli.outputs, pose3d_cli.detect.yolo; mark("import video, detection, motion, render")
from pose3d_cli.weights import default_cache_dir
where = dict(device="cpu", cache_dir=default_cache_dir(), offline=True)
d = load_detector("yolo11n-pose", **where); mark("load the detector")
load_lifter("sasmamba-small", flip=True, **where); mark("load the lifter (PyTorch)")
next(d.detect(read_frames(probe(Path("examples/sample.mp4"))))); mark("first frame")
print(json.dumps([(b[0], b[1] - a[1], b[2] - a[2]) for a, b in zip(marks, marks[1:])]))
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        check=True,
        capture_output=True,
        text=True,
        cwd=SAMPLE.parents[1],
    )
    parts = json.loads(done.stdout)
    return {
        "pose3d --help, CPU s": round(help_s, 3),
        "until the first frame, s": {
            name: {"wall": round(wall, 2), "CPU": round(cpu, 2)} for name, wall, cpu in parts
        },
    }


def _children_cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


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
        from dataclasses import replace

        remaining = iter(frames)
        for found in self.detector.detect(islice(remaining, self.loop)):
            self.known.append(found)
            yield found
        for frame in remaining:
            yield replace(
                self.known[frame.index % self.loop], index=frame.index, time_s=frame.time_s
            )


def _memory(folder: Path, *, minutes: list[float]) -> dict[str, Any]:
    """Measure the peak of a whole run, video and all, each in a process of its own."""
    peaks = {}
    for length in minutes:
        clip = folder / f"{length:g}.mp4"
        _make_clip(clip, frames=round(length * 1800))
        done = subprocess.run(
            [sys.executable, __file__, "--peak", str(clip)],
            check=True,
            capture_output=True,
            text=True,
        )
        peaks[f"{length:g} min"] = int(done.stdout)
        clip.unlink()
    first, *_, last = peaks.values()
    return {"peak MiB": peaks, "last / first": round(last / first, 3)}


def _print_peak(clip: Path) -> None:
    models = _networks()
    _lift(
        clip,
        Models(Replayed(models.detector, loop=LOOP), models.lifter),
        [".mp4", ".json"],
        Stages(),
    )
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=230)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--minutes", type=float, nargs="+", default=[1, 10])
    parser.add_argument("--parts", default="speed,peers,start,memory,fast")
    parser.add_argument("--clips", type=Path, nargs="*", default=[], help="for --parts fast")
    parser.add_argument("--peak", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peak:
        _print_peak(options.peak)
        return
    parts = options.parts.split(",")
    report: dict[str, Any] = {"cores": len(os.sched_getaffinity(0)), "frames": options.frames}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if "start" in parts:
            report["start"] = _start()
        if "speed" in parts:
            clip = folder / "clip.mp4"
            _make_clip(clip, frames=options.frames)
            report["speed"] = _speed(
                clip, frames=options.frames, repeats=options.repeats, peers="peers" in parts
            )
        if "fast" in parts:
            clip = folder / "clip.mp4"
            _make_clip(clip, frames=options.frames)
            clips = [clip, *options.clips]
            report["fast"] = _closely(clips, frames=options.frames)
        if "memory" in parts:
            report["memory"] = _memory(folder, minutes=options.minutes)
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
