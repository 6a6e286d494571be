"""Closer looks take a network's errors away where they can, and change nothing where they cannot.

The network here sees dots: joint j of person p has a colour of its own. Like a real one it names
left and right as the picture shows them, so in a mirror it takes one for the other.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction

import cv2
import numpy as np
import pytest

from pose3d_cli.detect.closeup import CLOSE_PX
from pose3d_cli.detect.pursuit import Region
from pose3d_cli.detect.refining import MOST_PEOPLE, RefiningDetector
from pose3d_cli.sequences import Detections, Frame
from pose3d_cli.skeleton import COCO17

WIDTH_PX, HEIGHT_PX = 1000, 600
BLUE = 200
LEFT_WRIST = COCO17.index("left_wrist")
STANDING = np.array(
    [
        *((0, -110), (6, -118), (-6, -118), (14, -112), (-14, -112)),
        *((30, -80), (-30, -80), (44, -30), (-44, -30), (50, 20), (-50, 20)),
        *((18, 10), (-18, 10), (20, 65), (-20, 65), (22, 120), (-22, 120)),
    ],
    float,
)
ASYMMETRIC = (LEFT_WRIST, COCO17.index("right_hip"), 0)

WHOLE, PLAIN, MIRROR = range(3)


@dataclass(frozen=True)
class Look:
    """What is shown: which of the three pictures, and how large the person is in it."""

    shown: int
    size_px: float


Errors = Callable[[Look], np.ndarray]
"""Of keypoints, in the pixels of what is shown."""


def person(x: float, y: float, *, lean_deg: float = 0.0, scale: float = 1.0) -> np.ndarray:
    angle = np.radians(lean_deg)
    clockwise = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    raised = STANDING.copy()
    raised[LEFT_WRIST] = (70, -150)
    middles_px: np.ndarray = np.floor(scale * raised @ clockwise.T + (x, y)) + 0.5
    return middles_px


def colour(who: int, joint: int) -> tuple[int, int, int]:
    return (10 + 14 * joint, 20 + 30 * who, BLUE)


def picture(*people: np.ndarray) -> Frame:
    rgb = np.zeros((HEIGHT_PX, WIDTH_PX, 3), np.uint8)
    for who, points_px in enumerate(people):
        for joint, (x, y) in enumerate(points_px.astype(int)):
            cv2.circle(rgb, (int(x), int(y)), 4, colour(who, joint), -1)
    return Frame(0, Fraction(0), rgb)


def chirality(points_px: np.ndarray) -> float:
    a, b, c = points_px[list(ASYMMETRIC)]
    (ux, uy), (vx, vy) = b - a, c - a
    return float(np.sign(ux * vy - uy * vx))


@dataclass
class Dots:
    """A network that sees dots, and errs as it is told."""

    errors: Errors
    people: int = 1
    blind_closely: bool = False
    name: str = "dots"
    sha256: str = "0" * 64
    licence: str = "CC0-1.0"
    looks: list[np.ndarray] = field(default_factory=list)
    """What it said of the first person it saw, look by look."""

    def look(
        self, frame: Frame, *, region: Region | None = None, longest_px: int = 640
    ) -> Detections:
        assert region is None
        assert longest_px == 640
        closely = frame.rgb.shape[:2] != (HEIGHT_PX, WIDTH_PX)
        found = [] if self.blind_closely and closely else self._people(frame, closely=closely)
        self.looks += found[:1]
        points_px = np.reshape(np.array(found), (-1, 17, 2))
        corners = np.concatenate([points_px.min(axis=1), points_px.max(axis=1)], axis=1)
        return Detections(
            frame.index,
            frame.time_s,
            boxes_px=corners,
            scores=np.full(len(found), 0.9),
            keypoints_px=points_px,
            confidence=np.full((len(found), 17), 0.8),
        )

    def _people(self, frame: Frame, *, closely: bool) -> list[np.ndarray]:
        rows, columns = np.nonzero(frame.rgb[..., 2] == BLUE)
        seen = [tuple(rgb) for rgb in frame.rgb[rows, columns, :2].tolist()]
        found = []
        for who in range(self.people):
            dots = [[i for i, rg in enumerate(seen) if rg == colour(who, j)[:2]] for j in range(17)]
            if all(dots):
                middles_px = np.array([(columns[dot].mean(), rows[dot].mean()) for dot in dots])
                points_px = middles_px + 0.5
                mirrored = chirality(points_px) != chirality(person(0, 0))
                if mirrored:
                    points_px = points_px[list(COCO17.mirror)]
                size_px = float(np.ptp(points_px, axis=0).max())
                shown = (MIRROR if mirrored else PLAIN) if closely else WHOLE
                found.append(points_px + self.errors(Look(shown, size_px)))
        return found


def refined(network: Dots, *people: np.ndarray) -> Detections:
    network.people = len(people)
    (found,) = RefiningDetector(network, workers=1).detect([picture(*people)])
    return found


def none(_: Look) -> np.ndarray:
    return np.zeros((17, 2))


def one_sided(look: Look) -> np.ndarray:
    """Everything 2 % too far to the right of whatever picture is shown."""
    return np.full((17, 2), (0.02 * look.size_px, 0.0))


@pytest.mark.parametrize("lean_deg", [0.0, 12.0, -35.0, 90.0, 180.0])
def test_an_error_to_one_side_cancels_in_the_mirror(lean_deg: float) -> None:
    truth_px = person(500, 300, lean_deg=lean_deg)

    found = refined(Dots(one_sided), truth_px)

    np.testing.assert_allclose(found.keypoints_px[0], truth_px, atol=0.3)
    np.testing.assert_allclose(found.confidence[0], 0.8)


@pytest.mark.parametrize("lean_deg", [30.0, -60.0, 90.0, 170.0])
def test_who_leans_is_shown_upright_and_as_large_as_it_takes(lean_deg: float) -> None:
    network = Dots(none)

    refined(network, person(500, 300, lean_deg=lean_deg, scale=0.5))

    for points_px in network.looks[1:]:
        up = points_px[[5, 6]].mean(axis=0) - points_px[[11, 12]].mean(axis=0)
        assert np.degrees(np.arctan2(abs(up[0]), -up[1])) < 2.0
        assert 0.5 * CLOSE_PX < np.ptp(points_px, axis=0).max() < CLOSE_PX


def test_where_the_mirror_contradicts_the_nearer_is_taken_and_believed_half() -> None:
    truth_px = person(500, 300)

    def errors(look: Look) -> np.ndarray:
        off = np.zeros((17, 2))
        if look.shown == MIRROR:  # where the left wrist is called the right one
            off[COCO17.mirror[LEFT_WRIST]] = (0.0, 0.3 * look.size_px)
        return off

    found = refined(Dots(errors), truth_px)

    np.testing.assert_allclose(found.keypoints_px[0], truth_px, atol=0.3)
    assert found.confidence[0, LEFT_WRIST] == pytest.approx(0.4)
    assert np.delete(found.confidence[0], LEFT_WRIST) == pytest.approx(0.8)


def test_whom_closer_looks_do_not_find_stays_where_they_were() -> None:
    truth_px = person(500, 300)

    found = refined(Dots(one_sided, blind_closely=True), truth_px)

    off_px = np.array([0.02 * np.ptp(truth_px, axis=0).max(), 0.0])
    np.testing.assert_allclose(found.keypoints_px[0], truth_px + off_px, atol=0.3)


def test_people_who_touch_are_not_mistaken_for_each_other() -> None:
    left_px, right_px = person(450, 300), person(560, 300)

    found = refined(Dots(one_sided), left_px, right_px)

    np.testing.assert_allclose(found.keypoints_px, [left_px, right_px], atol=0.3)


def test_only_the_most_prominent_are_looked_at_again() -> None:
    crowd = [person(90 + 140 * i, 300, scale=0.9 - 0.05 * i) for i in range(6)]
    network = Dots(one_sided)

    found = refined(network, *crowd)

    off_px = np.abs(found.keypoints_px - crowd).max(axis=(1, 2))
    assert len(network.looks) == 1 + 2 * MOST_PEOPLE
    assert (off_px[:MOST_PEOPLE] < 1.0).all()
    assert (off_px[MOST_PEOPLE:] > 2.0).all()


def test_an_empty_picture_is_looked_at_once() -> None:
    network = Dots(none)

    (found,) = RefiningDetector(network, workers=1).detect([picture()])

    assert len(found.scores) == 0


def test_what_lies_outside_of_the_picture_was_not_seen() -> None:
    def below(look: Look) -> np.ndarray:
        off = np.zeros((17, 2))
        off[[15, 16]] = (0.0, 0.0 if look.shown == WHOLE else 0.3 * look.size_px)
        return off

    found = refined(Dots(below), person(500, 460))

    assert (found.confidence[0, [15, 16]] == 0).all()
    assert (found.keypoints_px <= (WIDTH_PX, HEIGHT_PX)).all()
    assert (found.confidence[0, :15] > 0).all()


def test_its_detections_are_told_from_those_of_one_look() -> None:
    network = Dots(none)

    best = RefiningDetector(network, workers=1)

    assert best.name != network.name
    assert (best.sha256, best.licence) == (network.sha256, network.licence)
