"""Whole runs beside detection alone, and beside the ways of peers."""

from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from bench.pipeline.costs import Cost, Stages, cost, median
from bench.pipeline.peers import PEERS_FRAMES, WAYS, as_peers_do, peers_predictor
from bench.pipeline.subject import lift, networks
from pose3d_cli.pipeline import Models
from pose3d_cli.render import RenderSettings
from pose3d_cli.streams import ahead
from pose3d_cli.video.reader import probe, read_frames

QUICK = RenderSettings(encoding="quick")
"""What the option fast means for videos."""
_OURS = ("video", "video, --fast", "detection alone")
"""Compared with peers; the last is what a video would take if all but detection took no time."""


def speed(clip: Path, *, frames: int, repeats: int, peers: bool) -> dict[str, Any]:
    """Measure everything in turn, repeatedly; all figures are medians."""
    models, fast, runs = networks(), networks(quality="fast"), list[dict[str, Cost]]()
    lift(clip, models, [".json"], Stages())  # whatever is compiled once
    ways, predictor = (tuple(WAYS), peers_predictor()) if peers else ((), None)
    for way in ways:
        as_peers_do(clip, predictor, way)
    stages = Stages()
    for _ in range(repeats):
        run = {
            "detection alone": cost(lambda: _detect_alone(clip, models), frames=frames),
            "JSON and BVH": cost(
                lambda: lift(clip, models, [".json", ".bvh"], Stages()), frames=frames
            ),
            "video": cost(lambda: lift(clip, models, [".mp4"], stages), frames=frames),
            "video, --fast": cost(
                lambda: lift(clip, fast, [".mp4"], Stages(), look=QUICK), frames=frames
            ),
        }
        for way in ways:
            run[way] = cost(partial(as_peers_do, clip, predictor, way), frames=PEERS_FRAMES)
        runs.append(run)
    return {
        "ms a frame": {
            name: {
                "wall": median(run[name].wall_ms for run in runs),
                "CPU": median(run[name].cpu_ms for run in runs),
                "cores busy": median(run[name].cores for run in runs),
            }
            for name in runs[0]
        },
        "JSON and BVH / detection alone, wall": _ratio(runs, "JSON and BVH", "detection alone"),
        "how many times as fast as peers, wall": {
            way: {ours: _ratio(runs, way, ours) for ours in _OURS} for way in ways
        },
        "shares of the video's wall time": stages.shares,
    }


def _detect_alone(clip: Path, models: Models) -> None:
    with closing(ahead(read_frames(probe(clip)))) as frames:
        for _ in models.detector.detect(frames):
            pass


def _ratio(runs: list[dict[str, Cost]], above: str, below: str) -> float:
    return median(run[above].wall_ms / run[below].wall_ms for run in runs)
