"""Who is in a video: found and followed, but not lifted."""

from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from pose3d_cli.detect import PoseDetector
from pose3d_cli.detect.census import Entry, census
from pose3d_cli.detect.store import DetectionStore
from pose3d_cli.filming import AS_FILED, Filming
from pose3d_cli.pipeline import find_people
from pose3d_cli.render.contact_sheet import Row, contact_sheet, crop, write_png
from pose3d_cli.report.spans import clock
from pose3d_cli.sequences import Clip
from pose3d_cli.streams import ahead
from pose3d_cli.video.reader import probe, read_frames
from pose3d_cli.watch import Watch


@dataclass(frozen=True, slots=True)
class Survey:
    """A clip and everybody in it."""

    clip: Clip
    frames: int
    people: tuple[Entry, ...]


def survey(
    source: Path,
    detector: PoseDetector,
    *,
    watch: Watch,
    store: DetectionStore | None = None,
    filming: Filming = AS_FILED,
) -> Survey:
    """Find everybody in a video.

    Raises:
        InputError: the file is not a video that can be read.
        NoPersonError: nobody was found in it.
    """
    clip = probe(source, filming)
    tracks, times_s = find_people(clip, detector, watch=watch, store=store)
    return Survey(clip, len(times_s), census(tracks))


def write_contact_sheet(path: Path, found: Survey, *, watch: Watch) -> None:
    """Write a PNG with a few views of everybody.

    Raises:
        OutputError: the file cannot be written.
        InputError: the video cannot be read any more.
    """
    views = _views(found, watch=watch)
    rows = [
        Row(entry.number, captions(entry), tuple(views[entry.number])) for entry in found.people
    ]
    write_png(path, contact_sheet(rows))


def captions(entry: Entry) -> tuple[str, ...]:
    """Return a few lines of plain text about a person."""
    hidden = f", hidden for {entry.hidden_frames}" if entry.hidden_frames else ""
    return (
        f"{clock(entry.start_s)} to {clock(entry.stop_s)}, scene {entry.scene}",
        f"{entry.seen_frames} frames{hidden}",
        f"{entry.height_px:.0f} px tall, moves {entry.movement:.1f} bodies",
        f"prominence {entry.prominence:.0%}",
    )


def _views(found: Survey, *, watch: Watch) -> dict[int, list[UInt8[np.ndarray, "_ _ 3"]]]:
    wanted = defaultdict(list)
    for entry in found.people:
        for index, box_px in zip(entry.views, entry.view_boxes_px, strict=True):
            wanted[index].append((entry.number, box_px))
    views: dict[int, list[UInt8[np.ndarray, "_ _ 3"]]] = defaultdict(list)
    last = max(wanted)
    with (
        closing(ahead(read_frames(found.clip))) as frames,
        closing(watch.each("Drawing sheet", islice(frames, last + 1), total=last + 1)) as counted,
    ):
        for frame in counted:
            for number, box_px in wanted[frame.index]:
                views[number].append(crop(frame.rgb, box_px))
    return views
