from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from jaxtyping import Float, UInt8

from pose3d_cli.render.overlay import Overlay
from pose3d_cli.render.palette import ON_DARK
from pose3d_cli.sequences import Pose2DSequence
from pose3d_cli.skeleton import H36M17

LEFT, RIGHT = ON_DARK.left, ON_DARK.right
HEIGHT_PX, WIDTH_PX = 240, 320


@pytest.fixture
def poses(pose_m: Float[np.ndarray, "17 3"]) -> Pose2DSequence:
    """Three frames of somebody 200 px tall who faces the camera."""
    keypoints = pose_m[:, :2] * [110, -110] + [160, 220]
    ones = np.ones((3, 17))
    return Pose2DSequence(
        H36M17, 0, np.arange(3) / 30, Fraction(30), np.tile(keypoints, (3, 1, 1)), ones, ones > 0
    )


def drawn(
    poses: Pose2DSequence, *, frame: int = 1, grey: int = 128, scale: float = 1.0
) -> UInt8[np.ndarray, "h w 3"]:
    rgb = np.full((round(scale * HEIGHT_PX), round(scale * WIDTH_PX), 3), grey, np.uint8)
    Overlay.of(poses, person_id=1, scale=(scale, scale)).draw(rgb, frame=frame)
    return rgb


def middle_of(poses: Pose2DSequence, child: str) -> tuple[int, int]:
    joint = H36M17.index(child)
    x, y = poses.keypoints_px[1, [joint, H36M17.parents[joint]]].mean(axis=0)
    return int(y), int(x)


@pytest.mark.parametrize("bone", ["knee", "ankle", "elbow", "wrist"])
def test_bones_have_the_colour_of_their_side(poses: Pose2DSequence, bone: str) -> None:
    rgb = drawn(poses).astype(int)
    for side, colour in (("left", LEFT), ("right", RIGHT)):
        assert np.abs(rgb[middle_of(poses, f"{side}_{bone}")] - colour).max() <= 3


@pytest.mark.parametrize("grey", [0, 255])
def test_a_dark_line_goes_round_limbs_on_any_background(poses: Pose2DSequence, grey: int) -> None:
    y, x = middle_of(poses, "left_knee")
    across = drawn(poses, grey=grey)[y, x : x + 12].astype(int)
    assert np.abs(across[0] - LEFT).max() <= 3
    assert across.max(axis=1).min() < 130
    assert (across[-1] == grey).all()


def test_what_was_not_seen_is_faint(poses: Pose2DSequence) -> None:
    observed = poses.observed.copy()
    observed[:, H36M17.index("left_wrist")] = False
    rgb = drawn(replace(poses, observed=observed)).astype(int)
    hidden, seen = (rgb[middle_of(poses, f"{side}_wrist")] for side in ("left", "right"))
    assert 20 < np.abs(hidden - 128).max() < 0.5 * np.abs(np.array(LEFT) - 128).max()
    assert np.abs(seen - RIGHT).max() <= 3


def test_the_less_certain_the_fainter(poses: Pose2DSequence) -> None:
    strengths = []
    for confidence in (0.0, 0.2, 0.4, 1.0):
        unsure = replace(poses, confidence=np.full((3, 17), confidence))
        strengths.append(np.abs(drawn(unsure).astype(int) - 128).sum())
    assert strengths == sorted(set(strengths))


@pytest.mark.parametrize("frame", [-1, 3, 50])
def test_nobody_is_drawn_where_nobody_is(poses: Pose2DSequence, frame: int) -> None:
    assert (drawn(poses, frame=frame) == 128).all()


def test_the_first_frame_may_come_late(poses: Pose2DSequence) -> None:
    late = replace(poses, first_frame=7)
    assert (drawn(late, frame=6) == 128).all()
    assert (drawn(late, frame=8) == drawn(poses, frame=1)).all()


def test_joints_outside_of_the_picture_do_no_harm(poses: Pose2DSequence) -> None:
    away = replace(poses, keypoints_px=poses.keypoints_px + 5000)
    assert (drawn(away) == 128).all()
    half = replace(poses, keypoints_px=poses.keypoints_px - [160, 100])
    assert (drawn(half) != 128).any()


def test_lines_are_as_thick_as_the_person_is_big(poses: Pose2DSequence) -> None:
    once, twice = (np.any(drawn(poses, scale=scale) != 128, axis=-1).sum() for scale in (2.0, 4.0))
    assert twice == pytest.approx(4 * once, rel=0.12)


def test_a_shift_by_whole_pixels_shifts_the_drawing(poses: Pose2DSequence) -> None:
    shifted = replace(poses, keypoints_px=poses.keypoints_px + np.array([9, -7]))
    assert (np.roll(drawn(poses), (-7, 9), axis=(0, 1)) == drawn(shifted)).all()


def test_the_drawing_is_centred_on_its_joints(poses: Pose2DSequence) -> None:
    alone = replace(poses, keypoints_px=np.full((3, 17, 2), [100.0, 60.0]))
    alone.keypoints_px[:, H36M17.index("head"), 0] += 1e-3
    rows, columns = np.nonzero(np.any(drawn(alone) != 128, axis=-1))
    assert (rows.mean() + 0.5, columns.mean() + 0.5) == pytest.approx((60, 100), abs=0.1)
