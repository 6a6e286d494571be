"""People are told apart by the colours of their clothes."""

from fractions import Fraction

import numpy as np
import pytest

from pose3d_cli.detect.looks import alikeness, blend, looks_of
from pose3d_cli.sequences import Detections
from pose3d_cli.skeleton import COCO17

RED, BLUE, GREY = (200, 40, 40), (40, 60, 200), (128, 128, 128)
HIPS_PX = 150
BODY = np.array(
    [
        *((100, 40), (104, 36), (96, 36), (108, 40), (92, 40), (120, 60), (80, 60), (126, 100)),
        *((74, 100), (128, 140), (72, 140), (115, HIPS_PX), (85, HIPS_PX), (115, 210)),
        *((85, 210), (115, 270), (85, 270)),
    ],
    float,
)


def picture(shirt: tuple[int, int, int], trousers: tuple[int, int, int]) -> np.ndarray:
    rgb = np.full((300, 200, 3), 220, np.uint8)
    rgb[55:HIPS_PX, 60:140] = shirt
    rgb[HIPS_PX:280, 60:140] = trousers
    return rgb


def seen(body: np.ndarray = BODY, confidence: float | np.ndarray = 0.9) -> Detections:
    low, high = body.min(axis=0), body.max(axis=0)
    return Detections(
        index=0,
        time_s=Fraction(0),
        boxes_px=np.hstack([low, high])[None],
        scores=np.array([0.9]),
        keypoints_px=body[None],
        confidence=np.full((1, len(COCO17)), 1.0) * confidence,
    )


def looks(shirt: tuple[int, int, int], trousers: tuple[int, int, int]) -> np.ndarray:
    return np.asarray(looks_of(picture(shirt, trousers), seen())[0])


def test_the_same_clothes_are_alike_and_others_are_not() -> None:
    assert alikeness(looks(RED, BLUE), looks(RED, BLUE)) == pytest.approx(1, abs=1e-3)
    half = alikeness(looks(RED, BLUE), looks(RED, GREY))
    assert half is not None
    assert 0.4 < half < 0.8
    other = alikeness(looks(RED, BLUE), looks(BLUE, RED))
    assert other is not None
    assert other < 0.2


def test_a_shade_darker_is_nearly_the_same() -> None:
    alike = alikeness(looks(RED, BLUE), looks((170, 34, 34), (34, 51, 170)))

    assert alike is not None
    assert alike > 0.8


def test_what_is_around_people_does_not_matter() -> None:
    elsewhere = picture(RED, BLUE)
    elsewhere[:, :60] = elsewhere[:, 140:] = (0, 200, 0)

    alike = alikeness(looks(RED, BLUE), looks_of(elsewhere, seen())[0])

    assert alike is not None
    assert alike > 0.8


def test_what_was_not_seen_is_not_compared() -> None:
    knees_hidden = np.ones(17)
    knees_hidden[[COCO17.index("left_knee"), COCO17.index("right_knee")]] = 0
    upper_only = looks_of(picture(RED, GREY), seen(confidence=knees_hidden))[0]

    assert alikeness(upper_only, looks(RED, BLUE)) == pytest.approx(1, abs=1e-3)
    unseen = looks_of(picture(RED, BLUE), seen(confidence=0.0))[0]
    assert alikeness(unseen, looks(RED, BLUE)) is None


def test_keypoints_outside_the_picture_are_harmless() -> None:
    assert np.isfinite(looks_of(picture(RED, BLUE), seen(BODY - [150, 200]))).all()


def test_nobody_has_no_looks() -> None:
    empty = Detections(
        0, Fraction(0), np.zeros((0, 4)), np.zeros(0), np.zeros((0, 17, 2)), np.zeros((0, 17))
    )
    assert looks_of(picture(RED, BLUE), empty).shape == (0, 250)


def test_a_memory_keeps_what_the_newest_look_does_not_know() -> None:
    old = np.array([1.0, np.nan, 1.0, np.nan], np.float32)
    new = np.array([0.0, 0.0, np.nan, np.nan], np.float32)

    np.testing.assert_allclose(blend(old, new, share=0.25), [0.75, 0.0, 1.0, np.nan])
