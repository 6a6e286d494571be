"""Who is in each frame of a clip: kept from an earlier run as far as it came, found now beyond."""

from collections.abc import Generator
from contextlib import closing
from dataclasses import asdict

from pose3d_cli.detect import PoseDetector
from pose3d_cli.detect.cropping import CroppingDetector
from pose3d_cli.detect.store import DetectionStore, RunKey
from pose3d_cli.detect.watching import watch_people
from pose3d_cli.sequences import Clip, Detections
from pose3d_cli.streams import ahead
from pose3d_cli.video.images import content_sha256
from pose3d_cli.video.reader import read_frames
from pose3d_cli.video.selection import Stretch

SEEN_AGAIN = 32
"""Frames before the first new one, so that scenes are cut where one whole run would cut them."""


def find(
    clip: Clip, detector: PoseDetector, *, stretch: Stretch, store: DetectionStore | None
) -> Generator[Detections, None, None]:
    """Yield who is in each frame of a stretch of a clip, in order.

    Raises:
        InputError: the clip cannot be read.
        OutputError: the store takes no files.
    """
    if store is None:
        yield from _found(clip, detector, stretch=stretch, first=0)
        return
    run = store.run(_key(clip, detector, stretch))
    yield from run.detections()
    if not run.is_complete:
        # Whoever follows somebody from frame to frame has to follow them from the start.
        follows = isinstance(detector, CroppingDetector)
        again = 0 if follows else max(0, run.frames - SEEN_AGAIN)
        with closing(_found(clip, detector, stretch=stretch, first=again)) as found:
            yield from run.keeping(one for one in found if one.index >= run.frames)


def _found(
    clip: Clip, detector: PoseDetector, *, stretch: Stretch, first: int
) -> Generator[Detections, None, None]:
    """Decode, detect and note what people look like side by side."""
    with (
        closing(ahead(read_frames(clip, selection=stretch, first=first))) as frames,
        closing(ahead(watch_people(detector, frames))) as found,
    ):
        yield from found


def _key(clip: Clip, detector: PoseDetector, stretch: Stretch) -> RunKey:
    return RunKey(
        video_sha256=content_sha256(clip.path),
        detector=detector.name,
        detector_sha256=detector.sha256,
        selection=str({name: str(value) for name, value in asdict(stretch).items()}),
    )
