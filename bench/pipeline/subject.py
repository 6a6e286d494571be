"""What is measured: a clip of any length in 1080p, the networks, and whole runs of them."""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np

from bench.pipeline.costs import Stages
from pose3d_cli.cli.networks import load_detector, load_lifter
from pose3d_cli.outputs import write
from pose3d_cli.pipeline import Models, Settings, estimate
from pose3d_cli.render import RenderSettings
from pose3d_cli.video.reader import probe, read_frames
from pose3d_cli.video.writer import write_video
from pose3d_cli.weights import default_cache_dir

SAMPLE = Path(__file__).parents[2] / "examples" / "sample.mp4"
SIZE_PX = (1920, 1080)
LOOP = 230
"""Frames of the sample."""
CACHE = default_cache_dir()


def make_clip(path: Path, *, frames: int) -> int:
    """Write the sample as 1080p, over and over until there are as many frames; return how many."""
    once, loops = path.with_name("once.mp4"), -(-frames // LOOP)
    filmed = islice(_pictures(), min(frames, LOOP))
    timed = ((rgb, Fraction(i, 30)) for i, rgb in enumerate(filmed))
    write_video(once, timed, fps=Fraction(30))
    with av.open(str(path), "w") as output:
        track, shift = None, 0
        for _ in range(loops):
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
    return max(frames, loops * LOOP if loops > 1 else 0)


def networks(**how: Any) -> Models:
    """Return the networks that ship, ready to run on the CPU."""
    where: Any = {"device": "cpu", "cache_dir": CACHE, "offline": False}
    return Models(
        load_detector("yolo11n-pose", **where, **how),
        load_lifter("sasmamba-small", flip=True, **where),
    )


def lift(
    clip: Path,
    models: Models,
    suffixes: Iterable[str],
    watch: Stages,
    *,
    look: RenderSettings | None = None,
) -> None:
    """Lift a clip and write what was found beside it."""
    result = estimate(clip, models, Settings(), watch=watch)
    write(result, [clip.with_name(f"out{suffix}") for suffix in suffixes], look=look, watch=watch)


def _pictures() -> Iterator[np.ndarray]:
    while True:
        for frame in read_frames(probe(SAMPLE)):
            yield cv2.resize(frame.rgb, SIZE_PX)
