"""Who is who when people cross: identity switches of trackers, with the truth at hand.

    python -m bench.crossings [--scenes 60] [--seed 1] [clip.mp4]

Two to four people walk past each other in front of a camera, or meet and turn back; whoever is behind
is lost or half seen, keypoints are noisy, and a detector's boxes are what every tracker gets. A switch
is a person whose track is another one than the last time they were seen; IDF1 is the share of sightings
that the best one-to-one matching of people and tracks explains (Ristani et al. 2016). With ``trackers``
(Roboflow, Apache-2.0) installed, its trackers run on the same boxes.

With a clip, the detector runs on that video with two people and counts how often the best-scoring
person of a frame is another one than in the frame before.
"""

import argparse
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float
from scipy.optimize import linear_sum_assignment

from pose3d_cli.detect.tracking import follow
from pose3d_cli.detect.trails import overlap
from pose3d_cli.sequences import Detections

FPS = 30
SAME = 0.5
"""Overlap from which on a track is said to be on a person."""
STANDING = np.array(
    [
        *((0.0, 0.0), (0.02, -0.02), (-0.02, -0.02), (0.05, -0.01), (-0.05, -0.01)),
        *((0.11, 0.13), (-0.11, 0.13), (0.13, 0.31), (-0.13, 0.31), (0.14, 0.46), (-0.14, 0.46)),
        *((0.07, 0.42), (-0.07, 0.42), (0.07, 0.66), (-0.07, 0.66), (0.07, 0.88), (-0.07, 0.88)),
    ]
)
"""COCO's keypoints of somebody one unit tall, y down."""
Boxes = dict[int, Float[np.ndarray, "4"]]
"""By identity, in one frame."""


@dataclass(frozen=True)
class Scene:
    """What a detector said, and who was there."""

    detections: list[Detections]
    truth: list[Boxes]
    """Everybody, hidden or not."""


def make_scene(rng: np.random.Generator, *, frames: int = 180) -> Scene:
    """Return people who cross, or meet and turn back, at different distances."""
    count = int(rng.integers(2, 5))
    times = np.arange(frames) / FPS
    people = []
    for number in range(count):
        heights_px = rng.uniform(220, 380)
        direction = 1 if number % 2 else -1
        meets_s = rng.uniform(2.2, 3.8)
        way = direction * rng.uniform(90, 220) * (times - meets_s)
        if rng.random() < 0.4:
            way = direction * np.abs(way)
        x_px = 640 + way + rng.normal(0, 25)
        swing = np.sin(2 * np.pi * rng.uniform(0.8, 1.1) * times + rng.uniform(0, 6))
        poses = np.repeat(STANDING[None], frames, axis=0) * [0.5 + 0.5 * rng.random(), 1]
        poses[:, [9, 15], 0] += 0.12 * swing[:, None]
        poses[:, [10, 16], 0] -= 0.12 * swing[:, None]
        keypoints_px = (
            poses * heights_px + np.stack([x_px, np.full(frames, 420 - heights_px / 2)], 1)[:, None]
        )
        people.append((heights_px, keypoints_px, rng.dirichlet(np.full(125, 0.03), 2).ravel()))
    people.sort(key=lambda person: -person[0])  # the nearest first
    seen = [_seen(index, people, rng) for index in range(frames)]
    return Scene([found for found, _ in seen], [boxes for _, boxes in seen])


def _seen(index: int, people: Sequence[Any], rng: np.random.Generator) -> tuple[Detections, Boxes]:
    boxes = {i: _box(keypoints[index]) for i, (_, keypoints, _) in enumerate(people)}
    rows = []
    for i, (height_px, keypoints, looks) in enumerate(people):
        covering = [j for j in range(i) if _covered(boxes[i], boxes[j]) > 0.2]
        hidden = max((_covered(boxes[i], boxes[j]) for j in covering), default=0.0)
        if rng.random() < 0.02 + 0.95 * max(0.0, (hidden - 0.35) / 0.65):
            continue
        noise = rng.normal(0, (0.008 + 0.05 * hidden) * height_px, (17, 2))
        shown = keypoints[index] + noise
        if covering and rng.random() < 0.3:  # limbs of whoever is in front are taken for one's own
            other = people[covering[0]][1][index]
            taken = rng.random(17) < hidden
            shown[taken] = other[taken]
        mixed = looks if not covering else (1 - hidden) * looks + hidden * people[covering[0]][2]
        jittered = rng.dirichlet(60 * mixed[:125] + 0.02), rng.dirichlet(60 * mixed[125:] + 0.02)
        rows.append((0.92 - 0.5 * hidden + rng.normal(0, 0.03), shown, np.concatenate(jittered)))
    rows.sort(key=lambda row: -row[0])
    keypoints_px = np.array([row[1] for row in rows]).reshape(-1, 17, 2)
    found = Detections(
        index=index,
        time_s=Fraction(index, FPS),
        boxes_px=np.array([_box(k) for k in keypoints_px]).reshape(-1, 4),
        scores=np.clip([row[0] for row in rows], 0.1, 1.0).astype(float),
        keypoints_px=keypoints_px,
        confidence=np.full(keypoints_px.shape[:2], 0.9),
        looks=np.array([row[2] for row in rows], np.float32).reshape(-1, 250),
    )
    return found, boxes


def _box(keypoints_px: Float[np.ndarray, "17 2"]) -> Float[np.ndarray, "4"]:
    return np.hstack([keypoints_px.min(axis=0) - 8, keypoints_px.max(axis=0) + 8])


def _covered(box: Float[np.ndarray, "4"], by: Float[np.ndarray, "4"]) -> float:
    sides = np.minimum(box[2:], by[2:]) - np.maximum(box[:2], by[:2])
    return float(np.prod(np.maximum(sides, 0)) / np.prod(box[2:] - box[:2]))


def ours(scene: Scene, *, with_looks: bool = True) -> list[Boxes]:
    """Return the boxes of `pose3d`'s tracks."""
    detections = scene.detections
    if not with_looks:
        detections = [
            Detections(d.index, d.time_s, d.boxes_px, d.scores, d.keypoints_px, d.confidence)
            for d in detections
        ]
    tracked: list[Boxes] = [{} for _ in detections]
    for number, track in enumerate(follow(detections, fps=Fraction(FPS))):
        for row in np.flatnonzero(track.seen):
            tracked[track.first_frame + row][number] = track.boxes_px[row]
    return tracked


def best_scoring(scene: Scene) -> list[Boxes]:
    """Return the best-scoring person of every frame, as single-person tools take them."""
    return [{0: d.boxes_px[0]} if len(d.scores) else {} for d in scene.detections]


def theirs(scene: Scene, make: Callable[[], Any]) -> list[Boxes]:
    """Return the boxes of a tracker of the package ``trackers``."""
    import supervision as sv

    tracker, tracked = make(), []
    for d in scene.detections:
        given = sv.Detections(
            xyxy=d.boxes_px.astype(np.float32),
            confidence=d.scores.astype(np.float32),
            class_id=np.zeros(len(d.scores), int),
        )
        got = tracker.update(given)
        pairs = zip(got.tracker_id, got.xyxy, strict=True) if got.tracker_id is not None else ()
        tracked.append({int(i): box.astype(float) for i, box in pairs if i >= 0})
    return tracked


def score(truth: Iterable[Boxes], tracked: Iterable[Boxes]) -> tuple[int, int, int, int]:
    """Return switches, sightings explained by one identity each, true sightings, tracked ones."""
    switches = 0
    last: dict[int, int] = {}
    shared: dict[tuple[int, int], int] = defaultdict(int)
    people_seen = tracks_seen = 0
    for real, found in zip(truth, tracked, strict=True):
        people_seen, tracks_seen = people_seen + len(real), tracks_seen + len(found)
        for person, track in _matched(real, found):
            switches += last.get(person, track) != track
            last[person] = track
            shared[person, track] += 1
    people, tracks = sorted({p for p, _ in shared}), sorted({t for _, t in shared})
    table = np.array([[shared.get((p, t), 0) for t in tracks] for p in people])
    explained = int(table[linear_sum_assignment(table, maximize=True)].sum()) if table.size else 0
    return switches, explained, people_seen, tracks_seen


def _matched(real: Boxes, found: Boxes) -> list[tuple[int, int]]:
    people, tracks = list(real), list(found)
    if not people or not tracks:
        return []
    table = np.array([[overlap(real[p], found[t]) for t in tracks] for p in people])
    table[table < SAME] = 0
    pairs = zip(*linear_sum_assignment(table, maximize=True), strict=True)
    return [(people[p], tracks[t]) for p, t in pairs if table[p, t]]


def changes_of_subject(scene: Scene, tracked: Sequence[Boxes]) -> int:
    """Return how often the only track is on another person than before."""
    changes, last = 0, None
    for real, found in zip(scene.truth, tracked, strict=True):
        for person, _ in _matched(real, found):
            changes += last is not None and person != last
            last = person
    return changes


def competitors() -> dict[str, Callable[[Scene], list[Boxes]]]:
    """Return every tracker that is here."""
    methods: dict[str, Callable[[Scene], list[Boxes]]] = {
        "pose3d": ours,
        "pose3d without looks": lambda scene: ours(scene, with_looks=False),
    }
    try:
        import trackers
    except ImportError:
        return methods
    for name in ("SORTTracker", "ByteTrackTracker", "OCSORTTracker"):
        make = getattr(trackers, name)
        methods[f"trackers {name.removesuffix('Tracker')}"] = lambda scene, make=make: theirs(
            scene, make
        )  # type: ignore[misc]
    return methods


def on_clip(path: Path) -> None:
    """Count on a real video how often the best-scoring person changes; tracks are listed."""
    from pose3d_cli.detect.watching import watch_people
    from pose3d_cli.detect.yolo import YoloPoseDetector
    from pose3d_cli.video.reader import probe, read_frames
    from pose3d_cli.weights import default_cache_dir, ensure

    clip = probe(path)
    weights = ensure("yolo11n-pose", cache_dir=default_cache_dir())
    found = list(watch_people(YoloPoseDetector(weights, device="cpu"), read_frames(clip)))
    for looks in (True, False):
        scene = Scene(found, [])
        tracked = ours(scene, with_looks=looks)
        whose = [
            next(i for i, box in boxes.items() if np.array_equal(box, d.boxes_px[0]))
            for d, boxes in zip(found, tracked, strict=True)
            if len(d.scores) and any(np.array_equal(b, d.boxes_px[0]) for b in boxes.values())
        ]
        tracks = len({i for boxes in tracked for i in boxes})
        changes = int(np.count_nonzero(np.diff(whose)))
        name = "with looks" if looks else "without looks"
        print(f"{name}: {tracks} tracks; best-scoring person of a frame changes {changes} times")


def main() -> None:
    """Make scenes, run every tracker, print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--scenes", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("clip", type=Path, nargs="?")
    arguments = parser.parse_args()
    if arguments.clip:
        on_clip(arguments.clip)
        return
    scenes = [
        make_scene(np.random.default_rng((arguments.seed, i))) for i in range(arguments.scenes)
    ]
    subjects = sum(changes_of_subject(scene, best_scoring(scene)) for scene in scenes)
    print(
        f"{arguments.scenes} scenes; best-scoring person per frame: {subjects} changes of subject"
    )
    print(f"{'tracker':<24}{'switches':>9}{'IDF1':>8}")
    for name, method in competitors().items():
        sums = np.sum([score(scene.truth, method(scene)) for scene in scenes], axis=0)
        idf1 = 2 * sums[1] / (sums[2] + sums[3])
        print(f"{name:<24}{sums[0]:>9}{idf1:>8.3f}")


if __name__ == "__main__":
    main()
