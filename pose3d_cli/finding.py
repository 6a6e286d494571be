"""Who is in each frame of a clip: kept from an earlier run as far as it came, found now beyond."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict
from hashlib import sha256

import numpy as np
from jaxtyping import Float64

from pose3d_cli.detect import PoseDetector
from pose3d_cli.detect.cropping import CroppingDetector, Looking
from pose3d_cli.detect.doubts import Doubt
from pose3d_cli.detect.regaining import regain
from pose3d_cli.detect.store import DetectionStore, RunKey
from pose3d_cli.detect.watching import watch_people
from pose3d_cli.sequences import Clip, Detections, Frame, Track2D
from pose3d_cli.streams import ahead
from pose3d_cli.video.images import content_sha256
from pose3d_cli.video.reader import read_frames
from pose3d_cli.video.selection import AtTimes, Stretch

SEEN_AGAIN = 32
"""Frames before the first new one, so that scenes are cut where one whole run would cut them."""

JUMP_S = 4.0
"""Frames that are farther apart are read without what is between them."""


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
    run = store.run(_key(clip, detector, _told(stretch)))
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


def find_again(
    clip: Clip,
    tracks: Sequence[Track2D],
    doubts: Sequence[Doubt],
    detector: Looking,
    *,
    store: DetectionStore | None,
) -> Generator[Detections, None, None]:
    """Yield for each doubt whom it is about if a closer look finds them, else nobody.

    Raises:
        InputError: the clip cannot be read any more.
        OutputError: the store takes no files.
    """
    times_s = np.unique([doubt.time_s for doubt in doubts])
    with (
        closing(ahead(_frames_at(clip, times_s))) as frames,
        closing(regain(tracks, doubts, frames, detector)) as found,
    ):
        if store is None:
            yield from found
            return
        run = store.run(_key(clip, detector, f"again {_digest(tracks, doubts)}"))
        yield from run.detections()
        if not run.is_complete:
            yield from run.keeping(one for one in found if one.index >= run.frames)


def _frames_at(clip: Clip, times_s: Float64[np.ndarray, " n"]) -> Iterator[Frame]:
    """Decode the pictures of some times, in order."""
    for near_s in np.split(times_s, np.flatnonzero(np.diff(times_s) > JUMP_S) + 1):
        yield from read_frames(clip, selection=AtTimes(near_s.tolist()))


def _digest(tracks: Sequence[Track2D], doubts: Sequence[Doubt]) -> str:
    """Return a hash of everything that tells whom to look for, where, and when."""
    parts = [part.tobytes() for track in tracks for part in (track.times_s, track.keypoints_px)]
    return sha256(b"".join(parts) + repr(doubts).encode()).hexdigest()


def _told(stretch: Stretch) -> str:
    return str({name: str(value) for name, value in asdict(stretch).items()})


def _key(clip: Clip, detector: PoseDetector | Looking, selection: str) -> RunKey:
    if not clip.filming.as_seen:
        selection = f"{selection} {clip.filming.turn_deg} {clip.filming.mirrored}"
    return RunKey(
        video_sha256=content_sha256(clip.path),
        detector=detector.name,
        detector_sha256=detector.sha256,
        selection=selection,
    )
