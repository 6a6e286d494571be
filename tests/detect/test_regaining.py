"""Whoever is lost for a moment is found where they were, turned or not, and nobody else is.

The network here sees dots, a colour for each joint of each person, and like a real one it knows only
people who lean by less than 50° in what it is shown.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from fractions import Fraction

import cv2
import numpy as np
import pytest

from pose3d_cli.detect.closeup import Pose
from pose3d_cli.detect.doubts import doubts, in_doubt, settled
from pose3d_cli.detect.pursuit import Region
from pose3d_cli.detect.regaining import LOOK_PX, regain
from pose3d_cli.sequences import Detections, Frame, Track2D
from pose3d_cli.skeleton import COCO17

WIDTH_PX, HEIGHT_PX = 640, 480
FPS = 30
BLUE = 200
KNOWN_LEAN_RAD = np.radians(50.0)
STANDING = np.array(
    [
        *((0, -75), (4, -80), (-4, -80), (9, -76), (-9, -76)),
        *((20, -54), (-20, -54), (29, -20), (-29, -20), (33, 13), (-33, 13)),
        *((12, 7), (-12, 7), (13, 43), (-13, 43), (14, 80), (-14, 80)),
    ],
    float,
)
MARGIN_PX = 12.0

Path = np.ndarray
"""Of one person by frame: x, y, how far they lean; NaN where they are not in the picture."""


def standing(count: int, *, x: float = 320.0, y: float = 240.0, walking_px: float = 0.0) -> Path:
    steps = np.arange(count, dtype=float)
    return np.column_stack([x + walking_px * steps, np.full(count, y), np.zeros(count)])


def somersault(count: int = 40, *, start: int = 8, stop: int = 32) -> Path:
    path = standing(count, x=200.0, walking_px=4.0)
    way = np.clip((np.arange(count) - start) / (stop - start), 0.0, 1.0)
    path[:, 1] -= 200.0 * way * (1 - way)
    path[:, 2] = 2 * np.pi * way
    return path


def points_px(path: Path, frame: int) -> np.ndarray:
    x, y, lean = path[frame]
    c, s = np.cos(lean), np.sin(lean)
    return np.asarray(STANDING @ np.array([[c, s], [-s, c]]) + (x, y))


def colour(who: int, joint: int) -> tuple[int, int, int]:
    return (10 + 14 * joint, 20 + 30 * who, BLUE)


def film(*paths: Path) -> list[Frame]:
    frames = []
    for index in range(len(paths[0])):
        rgb = np.zeros((HEIGHT_PX, WIDTH_PX, 3), np.uint8)
        for who, path in enumerate(paths):
            if np.isfinite(path[index]).all():
                for joint, (x, y) in enumerate(points_px(path, index)):
                    cv2.circle(rgb, (int(x), int(y)), 2, colour(who, joint), -1)
        frames.append(Frame(index, Fraction(index, FPS), rgb))
    return frames


def track(path: Path, *, seen: Iterable[int], wrong: Iterable[int] = ()) -> Track2D:
    """Somebody's track; where it is wrong, they stand on their head."""
    count = len(path)
    is_seen = np.isin(np.arange(count), list(seen))
    turned = path + [0, 0, np.pi] * np.isin(np.arange(count), list(wrong))[:, None]
    keypoints_px = np.array([points_px(turned, frame) for frame in range(count)])
    boxes_px = np.hstack(
        [keypoints_px.min(axis=1) - MARGIN_PX, keypoints_px.max(axis=1) + MARGIN_PX]
    )
    return Track2D(
        skeleton=COCO17,
        first_frame=0,
        times_s=np.arange(count) / FPS,
        fps=Fraction(FPS),
        boxes_px=np.where(is_seen[:, None], boxes_px, np.nan),
        keypoints_px=np.where(is_seen[:, None, None], keypoints_px, np.nan),
        confidence=np.where(is_seen[:, None], np.full(17, 0.9), 0.0),
        seen=is_seen,
    )


@dataclass
class Dots:
    """A network that sees dots, of people who are nearly upright in what it is shown."""

    score: float = 0.9
    name: str = "dots"
    sha256: str = "0" * 64
    licence: str = "CC0-1.0"
    looks: list[Fraction] = field(default_factory=list)

    def look(
        self, frame: Frame, *, region: Region | None = None, longest_px: int = 640
    ) -> Detections:
        assert region is None
        assert longest_px == LOOK_PX == max(frame.rgb.shape)
        self.looks.append(frame.time_s)
        found_px = [p for who in range(2) if (p := _middles(frame.rgb, who)) is not None]
        people_px = np.array([p for p in found_px if _lean_rad(p) < KNOWN_LEAN_RAD])
        people_px = people_px.reshape(-1, 17, 2)
        return Detections(
            frame.index,
            frame.time_s,
            boxes_px=np.hstack([people_px.min(axis=1), people_px.max(axis=1)]),
            scores=np.full(len(people_px), self.score),
            keypoints_px=people_px,
            confidence=np.full((len(people_px), 17), 0.8),
        )


def _middles(rgb: np.ndarray, who: int) -> np.ndarray | None:
    rows, columns = np.nonzero((rgb[..., 2] == BLUE) & (rgb[..., 1] == colour(who, 0)[1]))
    joints, spare = np.divmod(rgb[rows, columns, 0].astype(int) - colour(who, 0)[0], 14)
    dots = [(joints == joint) & (spare == 0) for joint in range(17)]
    if not all(dot.any() for dot in dots):
        return None
    return np.array([(columns[dot].mean() + 0.5, rows[dot].mean() + 0.5) for dot in dots])


def _lean_rad(person_px: np.ndarray) -> float:
    up = person_px[[5, 6]].mean(axis=0) - person_px[[11, 12]].mean(axis=0)
    return float(abs(np.arctan2(up[0], -up[1])))


def again(
    network: Dots, frames: Iterable[Frame], *tracks: Track2D, people: tuple[int, ...] = (0,)
) -> tuple[Track2D, ...]:
    missing = doubts(tracks, people)
    return settled(tracks, missing, regain(tracks, missing, frames, network))


def off_px(found: Track2D, path: Path) -> np.ndarray:
    truth_px = np.array([points_px(path, frame) for frame in range(len(path))])
    return np.asarray(np.linalg.norm(found.keypoints_px - truth_px, axis=-1).max(axis=1))


def upright(path: Path) -> list[int]:
    return np.flatnonzero(np.cos(path[:, 2]) > np.cos(KNOWN_LEAN_RAD)).tolist()


def test_who_turns_head_over_heels_is_found_in_every_frame() -> None:
    path = somersault()
    lost = track(path, seen=upright(path))

    (found,) = again(Dots(), film(path), lost)

    assert not lost.seen.all()
    assert found.seen.all()
    assert off_px(found, path).max() < 1.5


def test_what_was_seen_in_passing_is_seen_better() -> None:
    path = somersault()
    wrong = [19, 20, 21]

    (found,) = again(Dots(), film(path), track(path, seen=[*upright(path), *wrong], wrong=wrong))

    assert off_px(found, path).max() < 1.5


def test_whose_feet_are_taken_for_their_head_is_set_right() -> None:
    path = somersault(stop=24)
    wrong = set(range(40)) - set(upright(path))

    (found,) = again(Dots(), film(path), track(path, seen=range(40), wrong=wrong))

    assert len(wrong) > 10
    assert off_px(found, path).max() < 1.5


def test_where_the_network_sees_nobody_nothing_changes() -> None:
    path = somersault()
    gone = path.copy()
    gone[9:31] = np.nan
    before = track(path, seen=[*upright(path), 20])

    (after,) = again(Dots(), film(gone), before)

    assert np.array_equal(after.seen, before.seen)
    np.testing.assert_array_equal(after.keypoints_px, before.keypoints_px)


def test_who_was_upright_before_and_after_is_looked_for_once_a_frame() -> None:
    path = standing(30, walking_px=3.0)
    network = Dots(score=0.1)

    again(network, film(path), track(path, seen=[*range(10), *range(20, 30)]))

    assert network.looks == [Fraction(frame, FPS) for frame in range(10, 20)]


def test_whom_the_network_is_unsure_of_is_not_believed() -> None:
    path = standing(30)

    (found,) = again(Dots(score=0.25), film(path), track(path, seen=[0, 29]))

    assert found.seen.sum() == 2


@pytest.mark.parametrize("away_px", [130.0, -130.0])
def test_whoever_is_elsewhere_is_not_the_one_who_was_lost(away_px: float) -> None:
    path = standing(21)
    elsewhere = standing(21, x=320.0 + away_px)

    (found,) = again(Dots(), film(elsewhere), track(path, seen=[*range(8), *range(14, 21)]))

    assert not found.seen[8:14].any()


@pytest.mark.parametrize("beside_px", [0.0, 20.0, 45.0])
def test_nobody_is_taken_for_the_one_in_front_of_them(beside_px: float) -> None:
    behind, front = standing(21), standing(21, x=320.0 + beside_px)
    hidden = behind.copy()
    hidden[8:14] = np.nan
    lost = track(behind, seen=[*range(8), *range(14, 21)])

    found, _ = again(Dots(), film(hidden, front), lost, track(front, seen=range(21)))

    assert not found.seen[8:14].any()


def test_of_two_who_are_lost_each_is_found() -> None:
    paths = [standing(21, x=250.0), standing(21, x=350.0)]
    lost = [track(path, seen=[*range(8), *range(14, 21)]) for path in paths]

    found = again(Dots(), film(*paths), *lost, people=(0, 1))

    for one, path in zip(found, paths, strict=True):
        assert off_px(one, path).max() < 1.5


def test_of_two_who_are_lost_only_the_one_who_is_there_is_found() -> None:
    there, gone = standing(21, x=290.0), standing(21, x=350.0)
    hidden = gone.copy()
    hidden[8:14] = np.nan
    lost = [track(path, seen=[*range(8), *range(14, 21)]) for path in (gone, there)]

    missed, found = again(Dots(), film(there, hidden), *lost, people=(0, 1))

    assert found.seen.all()
    assert not missed.seen[8:14].any()


def test_only_people_who_are_asked_for_are_looked_for() -> None:
    path = standing(21)
    network, lost = Dots(), track(path, seen=[0, 20])

    assert again(network, film(path), lost, people=())[0] is lost
    assert not network.looks


def test_in_frames_that_cannot_be_read_nobody_is_found() -> None:
    path = standing(21)
    frames = [frame for frame in film(path) if frame.index not in (5, 9, 20)]

    (found,) = again(Dots(), frames, track(path, seen=[0, 20]))

    assert np.flatnonzero(~found.seen).tolist() == [5, 9]


def test_what_lies_beyond_the_edge_of_the_picture_was_not_seen() -> None:
    pose = Pose(points_px(standing(1, x=30.0), 0), np.full(17, 0.8))

    inside = pose.within(WIDTH_PX, HEIGHT_PX)

    beyond = pose.points_px[:, 0] < 0
    assert np.flatnonzero(beyond).tolist() == [COCO17.index("right_wrist")]
    np.testing.assert_array_equal(inside.confidence, np.where(beyond, 0.0, 0.8))
    np.testing.assert_array_equal(inside.points_px, pose.points_px.clip(min=0))


@pytest.mark.parametrize("length", [1, 9, 28])
def test_short_holes_are_in_doubt_and_nothing_else(length: int) -> None:
    path = standing(60, walking_px=2.0)
    hole = range(15, 15 + length)

    doubtful = in_doubt(track(path, seen=set(range(60)) - set(hole)))

    assert np.flatnonzero(doubtful).tolist() == list(hole)


def test_long_holes_and_ends_are_not_in_doubt() -> None:
    path = standing(80)

    assert not in_doubt(track(path, seen=[*range(5, 20), *range(60, 75)])).any()


def test_nothing_is_in_doubt_about_who_is_always_seen_however_they_turn() -> None:
    assert not in_doubt(track(somersault(), seen=range(40))).any()


def test_a_track_that_starts_later_is_mended_in_its_own_frames() -> None:
    path = standing(30)
    late = track(path, seen=[*range(10, 15), *range(20, 30)])
    cut = replace(
        late,
        first_frame=10,
        **{name: getattr(late, name)[10:] for name in ("times_s", "boxes_px", "keypoints_px")},
        **{name: getattr(late, name)[10:] for name in ("confidence", "seen")},
    )

    (found,) = again(Dots(), film(path), cut)

    assert found.seen.all()
    assert off_px(found, path[10:]).max() < 1.5
