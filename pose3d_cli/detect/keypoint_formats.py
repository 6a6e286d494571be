"""Tell apart, and read, the JSON in which other programs write the keypoints that they found."""

import math
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from jaxtyping import Float

from pose3d_cli.detect.keypoint_layouts import PLACES
from pose3d_cli.errors import InputError

KINDS = "OpenPose, AlphaPose, COCO results, MMPose or Ultralytics"


@dataclass(frozen=True, slots=True, eq=False)
class Person2D:
    """Somebody in one frame."""

    points: Float[np.ndarray, "17 3"]
    """x, y in pixels, and confidence."""
    score: float


def parse_file(document: Any, path: Path) -> tuple[str, dict[int, list[Person2D]]]:
    """Return which program wrote a document about many frames, and everybody by frame, from 0.

    Raises:
        InputError: it is of no known kind, or damaged.
    """
    if isinstance(document, dict) and isinstance(document.get("instance_info"), list):
        document = document["instance_info"]  # MMPose's demo scripts
    if not isinstance(document, list):
        _reject(path, "is of no known kind")
    entries = [entry for entry in document if entry]
    if not entries:
        _reject(path, "has nobody in it")
    if all(isinstance(entry, dict) and "instances" in entry for entry in entries):
        return "mmpose", _mmpose(entries, path)
    if all(isinstance(entry, dict) and "image_id" in entry for entry in entries):
        return _coco_like(entries, path)
    if all(isinstance(entry, list) for entry in entries):
        frames = [parse_frame(entry, path)[1] for entry in document]
        return "ultralytics", dict(enumerate(frames))
    return _reject(path, "is of no known kind")


def parse_frame(document: Any, path: Path) -> tuple[str, list[Person2D]]:
    """Return which program wrote a document about one frame, and who is in it.

    Raises:
        InputError: it is of no known kind, or damaged.
    """
    if isinstance(document, dict) and isinstance(document.get("people"), list):
        flat = [_of(person, "pose_keypoints_2d", path) for person in document["people"]]
        return "openpose", _people([_triples(points, path) for points in flat], None)
    if isinstance(document, list):
        tables = [_ultralytics(person, path) for person in document]
        scores = [_score(person.get("confidence"), path) for person in document]
        return "ultralytics", _people(tables, scores)
    return _reject(path, "is of no known kind")


def _mmpose(entries: list[Any], path: Path) -> dict[int, list[Person2D]]:
    frames = {}
    for place, entry in enumerate(entries):
        index = entry.get("frame_id", place)
        people = entry["instances"]
        if not isinstance(index, int) or index < 0 or not isinstance(people, list):
            _reject(path, "has a frame without a number or without instances")
        tables = [
            _table([_of(person, "keypoints", path), _of(person, "keypoint_scores", path)], path)
            for person in people
        ]
        frames[index] = _people(tables, [_score(p.get("bbox_score"), path) for p in people])
    first = min(1, *frames)  # the demo scripts count from 1, the inferencer from 0
    return {index - first: people for index, people in frames.items()}


def _coco_like(entries: list[Any], path: Path) -> tuple[str, dict[int, list[Person2D]]]:
    kind = "alphapose" if isinstance(entries[0]["image_id"], str) else "coco results"
    tables: dict[int, list[Float[np.ndarray, "n 3"]]] = defaultdict(list)
    scores: dict[int, list[float | None]] = defaultdict(list)
    for entry in entries:
        index = frame_number(entry["image_id"], path)
        tables[index].append(_triples(_of(entry, "keypoints", path), path))
        scores[index].append(_score(entry.get("score"), path))
    # AlphaPose counts from 0; images of a data set usually from 1
    first = 0 if kind == "alphapose" else min(1, *tables)
    return kind, {i - first: _people(tables[i], scores[i]) for i in tables}


def _ultralytics(person: Any, path: Path) -> Float[np.ndarray, "n 3"]:
    keypoints = _of(person, "keypoints", path)
    x, y = (_of(keypoints, axis, path) for axis in ("x", "y"))
    return _table([list(zip(x, y, strict=False)), keypoints.get("visible") or [1.0] * len(x)], path)


def _triples(flat: Any, path: Path) -> Float[np.ndarray, "n 3"]:
    points = _numbers(flat, path)
    if points.ndim != 1 or len(points) % 3:
        _reject(path, "has keypoints that are not x, y, confidence in turn")
    return _known(points.reshape(-1, 3), path)


def _table(columns: Sequence[Any], path: Path) -> Float[np.ndarray, "n 3"]:
    places, confidence = (_numbers(column, path) for column in columns)
    if places.ndim != 2 or places.shape[1] < 2 or confidence.shape != places.shape[:1]:
        _reject(path, "has keypoints and scores that do not belong together")
    return _known(np.column_stack([places[:, :2], confidence]), path)


def _known(table: Float[np.ndarray, "n 3"], path: Path) -> Float[np.ndarray, "n 3"]:
    if len(table) not in PLACES:
        known = ", ".join(map(str, sorted(PLACES)))
        _reject(path, f"has people of {len(table)} keypoints, expected one of {known}")
    return table


def _people(
    tables: Sequence[Float[np.ndarray, "n 3"]], scores: Sequence[float | None] | None
) -> list[Person2D]:
    people = []
    for table, score in zip(tables, scores or [None] * len(tables), strict=True):
        points = table[list(PLACES[len(table)])]
        points[:, 2] = np.clip(np.where(np.isfinite(points).all(axis=1), points[:, 2], 0), 0, 1)
        points[points[:, 2] == 0] = 0
        if points[:, 2].any():
            fair = float(points[:, 2].mean()) if score is None else min(max(score, 0.0), 1.0)
            people.append(Person2D(points, fair))
    return people


def _numbers(values: Any, path: Path) -> Float[np.ndarray, "..."]:
    try:
        return np.array(values, np.float64)
    except (ValueError, TypeError, OverflowError):
        _reject(path, "has keypoints that are not numbers")


def _of(entry: Any, key: str, path: Path) -> Any:
    if not isinstance(entry, dict) or key not in entry:
        _reject(path, f"has an entry without '{key}'")
    return entry[key]


def _score(value: Any, path: Path) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        _reject(path, "has a score that is no number")
    return float(value)


def frame_number(name: Any, path: Path) -> int:
    """Return the frame that a number, or the last number in a name, stands for.

    Raises:
        InputError: there is no number.
    """
    digits = re.findall(r"\d+", str(name)) if isinstance(name, int | str) else []
    if not digits or len(digits[-1]) > 12:
        _reject(path, f"names a frame '{str(name)[:60]}', in which there is no number")
    return int(digits[-1])


def _reject(path: Path, problem: str) -> NoReturn:
    raise InputError(f"{path} {problem}", hint=f"Expected the 2D keypoints of {KINDS}.")
