"""How well people are seen who turn head over heels, before and after looking again.

    python -m bench.somersaults CLIP...

Whoever is seen in every frame of three seconds is turned once about themselves, in the picture and with
all of it, in the middle of them: within 0.6 to 1.4 s. So what whole pictures show of them
upright tells where they truly are. A frame is right if half of the keypoints are within a tenth of the
person's height of that, and wrong if half of them are beyond a fifth.
"""

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
from jaxtyping import Float

from pose3d_cli.detect.doubts import doubts, settled
from pose3d_cli.detect.regaining import regain
from pose3d_cli.detect.tracking import follow
from pose3d_cli.detect.watching import watch_people
from pose3d_cli.detect.yolo import YoloPoseDetector
from pose3d_cli.sequences import Clip, Frame, Track2D
from pose3d_cli.video.reader import probe, read_frames
from pose3d_cli.weights import default_cache_dir, ensure

AROUND_S = 1.0
"""Before and after a turn."""
TURNS_S = (0.6, 0.8, 1.0, 1.4)
SURE, SEEN = 0.5, 0.3
"""Confidence of keypoints that count, and of those that were seen."""
NEAR, WRONG = 0.1, 0.2
"""Heights."""


Counts = tuple[int, int, int]
"""Frames in which somebody was seen, rightly, and wrongly."""


@dataclass(frozen=True)
class Row:
    """What became of one turn."""

    frames: int
    before: Counts
    after: Counts
    cpu_s: float


@dataclass(frozen=True)
class Turn:
    """Somebody who is turned about themselves."""

    truth: Track2D
    """Upright."""
    first: int
    """Frame in which that begins."""
    frames: int

    @property
    def shown(self) -> range:
        """Frames of the clip that are looked at."""
        around = round(AROUND_S * self.truth.fps)
        return range(self.first - around, self.first + self.frames + around)

    def picture_from_clip(self, frame: int) -> Float[np.ndarray, "2 3"]:
        """Return how the picture is turned: slowly at first and at last."""
        way = np.clip((frame - self.first) / self.frames, 0.0, 1.0)
        angle = 2 * np.pi * way**2 * (3 - 2 * way)
        c, s = np.cos(angle), np.sin(angle)
        turn = np.array([[c, -s], [s, c]])
        box_px = self.truth.boxes_px[frame - self.truth.first_frame]
        middle_px = box_px.reshape(2, 2).mean(axis=0)
        return np.column_stack([turn, middle_px - turn @ middle_px])

    def film(self, clip: Clip) -> Iterator[Frame]:
        """Yield the pictures, turned."""
        for frame in islice(read_frames(clip), self.shown.start, self.shown.stop):
            view = self.picture_from_clip(frame.index)
            size_px = (clip.width_px, clip.height_px)
            rgb = cv2.warpAffine(frame.rgb, view, size_px, borderMode=cv2.BORDER_REFLECT)
            yield replace(frame, rgb=rgb)

    def errors(self, track: Track2D) -> list[Float[np.ndarray, " n"]]:
        """Return how far each keypoint is off, for each frame of the turn in which any was seen."""
        errors = []
        for frame in range(self.first + 1, self.first + self.frames):
            row, place = frame - track.first_frame, frame - self.truth.first_frame
            if not (0 <= row < len(track.seen) and track.seen[row]):
                continue
            upright_px, view = self.truth.keypoints_px[place], self.picture_from_clip(frame)
            height_px = np.ptp(upright_px, axis=0).max()
            off_px = track.keypoints_px[row] - (upright_px @ view[:, :2].T + view[:, 2])
            known = (self.truth.confidence[place] > SURE) & (track.confidence[row] > SEEN)
            if known.any():
                errors.append(np.linalg.norm(off_px, axis=1)[known] / height_px)
        return errors


def main() -> None:
    """Turn everybody in the clips, and print in how many frames they were seen, and how."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("clips", type=Path, nargs="+")
    cache = default_cache_dir()
    detector = YoloPoseDetector(
        ensure("yolo11n-pose", cache_dir=cache, offline=True), device="cpu", cache_dir=cache
    )
    print("| clip | person | from | frames | seen | right | wrong | CPU ms a frame |")
    print("|---|---|---|---|---|---|---|---|")
    rows: list[Row] = []
    for path in options.parse_args().clips:
        clip = probe(path)
        everybody = follow(watch_people(detector, read_frames(clip)), fps=clip.fps)
        for person, track in enumerate(everybody):
            for turn in _turns(track):
                rows.append(_row(turn, clip, detector))
                print(
                    f"| {path.name} | {person + 1} | {turn.first} | {_told(rows[-1:])}", flush=True
                )
    print(f"| all | | | {_told(rows)}")


def _turns(track: Track2D) -> Iterator[Turn]:
    """Yield one turn after the other, as many as there is room for."""
    start, number = 0, 0
    while start < len(track.seen):
        frames = round(TURNS_S[number % len(TURNS_S)] * track.fps)
        turn = Turn(track, track.first_frame + start + round(AROUND_S * track.fps), frames)
        stretch = track.seen[start : start + len(turn.shown)]
        if len(stretch) == len(turn.shown) and stretch.all():
            yield turn
            start, number = start + len(stretch), number + 1
        else:
            start += 1


def _row(turn: Turn, clip: Clip, detector: YoloPoseDetector) -> Row:
    """Look at somebody who is turned, and again."""
    tracks = follow(watch_people(detector, turn.film(clip)), fps=clip.fps)
    if not tracks:
        return Row(turn.frames - 1, (0, 0, 0), (0, 0, 0), 0.0)
    person = int(np.argmax([len(turn.errors(track)) for track in tracks]))
    missing = doubts(tracks, [person])
    wanted = {doubt.frame for doubt in missing}
    shown = [frame for frame in turn.film(clip) if frame.index in wanted]
    started = time.process_time()
    again = settled(tracks, missing, regain(tracks, missing, shown, detector))
    cpu_s = time.process_time() - started
    before, after = (_counts(turn.errors(found[person])) for found in (tracks, again))
    return Row(turn.frames - 1, before, after, cpu_s)


def _counts(errors: list[Float[np.ndarray, " n"]]) -> Counts:
    off = np.array([np.median(frame) for frame in errors])
    return len(off), int((off < NEAR).sum()), int((off > WRONG).sum())


def _told(rows: list[Row]) -> str:
    frames = sum(row.frames for row in rows)
    before, after = np.sum([[row.before, row.after] for row in rows], axis=0)
    cells = [f"{was} → {now}" for was, now in zip(before, after, strict=True)]
    cpu_ms = 1000 * sum(row.cpu_s for row in rows) / frames
    return f"{frames} | {' | '.join(cells)} | {cpu_ms:.0f} |"


if __name__ == "__main__":
    main()
