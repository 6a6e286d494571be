"""Read the 2D keypoints that other programs found, and hand them on as if a detector had.

OpenPose (a folder with a file a frame), AlphaPose and COCO results (a list of people), MMPose (a list
of frames), Ultralytics (a list of frames, or a folder with a file a frame).
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from pose3d_cli.detect.keypoint_formats import (
    KINDS,
    Person2D,
    frame_number,
    parse_file,
    parse_frame,
)
from pose3d_cli.detect.keypoint_layouts import SHARES, SMALLEST_PX
from pose3d_cli.downloads import sha256_of
from pose3d_cli.errors import InputError
from pose3d_cli.sequences import Detections, Frame
from pose3d_cli.skeleton import COCO17

LARGEST_BYTES = 2_000_000_000
FARTHEST = 2.0
"""Keypoints beyond this many widths or heights of the picture belong to another picture."""


@dataclass(frozen=True, slots=True, eq=False)
class KeypointFile:
    """What a file or folder says about every frame; a detector that looks at no picture."""

    path: Path
    name: str
    """What wrote it."""
    sha256: str
    people: Mapping[int, Sequence[Person2D]]
    """By frame, from 0."""
    licence: str = "unknown"

    def detect(self, frames: Iterable[Frame]) -> Iterator[Detections]:
        """Yield who is in each frame.

        Raises:
            InputError: the file is about another video: one of another size, or a longer one.
        """
        count = 0
        for frame in frames:
            count = frame.index + 1
            height_px, width_px = frame.rgb.shape[:2]
            yield self._detections(frame, (width_px, height_px))
        if self.people and (last := max(self.people)) >= count:
            raise InputError(
                f"{self.path} has keypoints for frame {last}, but the video has {count} frames",
                hint="Was it made from this video, and from every frame of it?",
            )

    def _detections(self, frame: Frame, size_px: tuple[int, int]) -> Detections:
        people = sorted(self.people.get(frame.index, ()), key=lambda person: -person.score)
        points = np.array([person.points for person in people]).reshape(-1, len(COCO17), 3)
        keypoints_px, confidence = points[..., :2], points[..., 2]
        seen = confidence > 0
        if np.any(np.abs(keypoints_px[seen] / size_px - 0.5) > FARTHEST):
            width_px, height_px = size_px
            raise InputError(
                f"{self.path}: keypoints in frame {frame.index} lie far outside the video's"
                f" {width_px} × {height_px} pixels",
                hint="Were they made from this video, at this size?",
            )
        shown = np.where(seen[..., None], keypoints_px, np.nan)
        return Detections(
            index=frame.index,
            time_s=frame.time_s,
            boxes_px=np.hstack([np.nanmin(shown, axis=1), np.nanmax(shown, axis=1)])
            if people
            else np.zeros((0, 4)),
            scores=np.array([person.score for person in people]),
            keypoints_px=keypoints_px,
            confidence=confidence,
        )


def read_keypoints(path: Path) -> KeypointFile:
    """Return what a file, or a folder with a file a frame, says.

    Raises:
        InputError: it is missing, damaged, or of no known kind.
    """
    if path.is_dir():
        return _read_folder(path)
    kind, frames = parse_file(_json(path), path)
    _check_pixels(frames, path)
    return KeypointFile(path, kind, sha256_of(path), frames)


def _read_folder(path: Path) -> KeypointFile:
    files = sorted(path.glob("*.json"), key=lambda file: frame_number(file.stem, file))
    if not files:
        raise InputError(f"{path} has no .json in it", hint=f"Expected {KINDS}, a file a frame.")
    kinds, frames = set(), {}
    first = min(1, frame_number(files[0].stem, files[0]))
    for file in files:
        kind, people = parse_frame(_json(file), file)
        kinds.add(kind)
        frames[frame_number(file.stem, file) - first] = people
    if len(kinds) > 1:
        raise InputError(f"{path} mixes {' and '.join(sorted(kinds))}")
    _check_pixels(frames, path)
    digest = sha256("".join(map(sha256_of, files)).encode()).hexdigest()
    return KeypointFile(path, kinds.pop(), digest, frames)


def _check_pixels(frames: Mapping[int, Sequence[Person2D]], path: Path) -> None:
    sizes_px = [
        np.ptp(person.points[person.points[:, 2] > 0, :2], axis=0).max()
        for people in frames.values()
        for person in people
    ]
    if sizes_px and max(sizes_px) < SMALLEST_PX:
        raise InputError(f"{path}: nobody is larger than {SMALLEST_PX:g} pixels", hint=SHARES)


def _json(path: Path) -> Any:
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise InputError(f"{path} is larger than {LARGEST_BYTES / 1e9:g} GB")
        return json.loads(path.read_bytes())
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"{path} is not JSON: {error}", hint="The file is damaged or cut off; make it again."
        ) from error
