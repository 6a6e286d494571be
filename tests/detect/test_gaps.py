"""Holes in a track are filled."""

from dataclasses import replace
from fractions import Fraction

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pose3d_cli.detect.gaps import fill_gaps
from pose3d_cli.sequences import Track2D
from pose3d_cli.skeleton import COCO17, H36M17

FRAMES = 12
TIMES_S = np.arange(FRAMES) / 30
UPPER_BODY = np.arange(17) < 11


def straight_motion() -> Track2D:
    """Somebody about 200 px tall who glides along a line."""
    rng = np.random.default_rng(3)
    pose_px = rng.uniform((100, 100), (200, 300), size=(17, 2))
    keypoints_px = pose_px + TIMES_S[:, None, None] * (90, -30)
    boxes_px = np.concatenate([keypoints_px.min(axis=1), keypoints_px.max(axis=1)], axis=1)
    return Track2D(
        skeleton=COCO17,
        first_frame=7,
        times_s=TIMES_S,
        fps=Fraction(30),
        boxes_px=boxes_px,
        keypoints_px=keypoints_px,
        confidence=np.full((FRAMES, 17), 0.9),
        seen=np.ones(FRAMES, bool),
    )


def without(track: Track2D, lost: np.ndarray) -> Track2D:
    """Let the detector be unsure of some joints, and wrong about them."""
    return replace(
        track,
        keypoints_px=np.where(lost[..., None], -999, track.keypoints_px),
        confidence=np.where(lost, 0.1, track.confidence),
    )


def unseen(track: Track2D, frames: list[int]) -> Track2D:
    gone = np.isin(np.arange(FRAMES), frames)
    return replace(
        track,
        boxes_px=np.where(gone[:, None], np.nan, track.boxes_px),
        keypoints_px=np.where(gone[:, None, None], np.nan, track.keypoints_px),
        confidence=np.where(gone[:, None], 0, track.confidence),
        seen=~gone,
    )


def test_a_track_without_holes_is_unchanged() -> None:
    track = straight_motion()
    poses = fill_gaps(track)
    np.testing.assert_array_equal(poses.keypoints_px, track.keypoints_px)
    np.testing.assert_array_equal(poses.confidence, track.confidence)
    assert poses.observed.all()
    assert (poses.skeleton, poses.first_frame, poses.fps) == (COCO17, 7, Fraction(30))


@settings(deadline=None, max_examples=30)
@given(hnp.arrays(bool, (FRAMES - 2, 17)))
def test_straight_motion_is_restored_exactly(lost: np.ndarray) -> None:
    track = straight_motion()
    lost = np.pad(lost, ((1, 1), (0, 0)))
    poses = fill_gaps(without(track, lost))
    np.testing.assert_allclose(poses.keypoints_px, track.keypoints_px, atol=1e-9)
    np.testing.assert_array_equal(poses.observed, ~lost)
    assert (poses.confidence[lost] == 0).all()


@settings(deadline=None, max_examples=30)
@given(hnp.arrays(bool, (FRAMES, 17)), st.lists(st.integers(0, FRAMES - 2), unique=True))
def test_whatever_is_missing_the_result_is_finite_and_the_rest_is_kept(
    lost: np.ndarray, frames: list[int]
) -> None:
    track = unseen(without(straight_motion(), lost), frames)
    poses = fill_gaps(track)
    assert np.isfinite(poses.keypoints_px).all()
    np.testing.assert_array_equal(
        poses.keypoints_px[poses.observed], track.keypoints_px[poses.observed]
    )


def test_frames_in_which_nobody_was_seen_are_interpolated() -> None:
    track = straight_motion()
    poses = fill_gaps(unseen(track, [4, 5, 6]))
    np.testing.assert_allclose(poses.keypoints_px, track.keypoints_px, atol=1e-9)
    np.testing.assert_array_equal(np.flatnonzero(~poses.observed.all(axis=1)), [4, 5, 6])


def test_before_the_first_and_after_the_last_sight_joints_hold_still() -> None:
    lost = np.zeros((FRAMES, 17), bool)
    lost[:3] = lost[-2:] = True
    track = straight_motion()
    keypoints_px = fill_gaps(without(track, lost)).keypoints_px
    np.testing.assert_array_equal(keypoints_px[:3], np.stack(3 * [track.keypoints_px[3]]))
    np.testing.assert_array_equal(keypoints_px[-2:], np.stack(2 * [track.keypoints_px[-3]]))


def waving() -> Track2D:
    """Somebody whose trunk sways, and whose limbs go with it."""
    track = straight_motion()
    sway_px = 40 * np.sin(np.arange(FRAMES))[:, None, None]
    return replace(track, keypoints_px=track.keypoints_px + sway_px)


@pytest.mark.parametrize("arm", [["left_elbow", "left_wrist"], ["right_wrist"]])
def test_hidden_arms_go_with_what_they_hang_from(arm: list[str]) -> None:
    track = waving()
    lost = np.zeros((FRAMES, 17), bool)
    lost[3:9, [COCO17.index(joint) for joint in arm]] = True

    poses = fill_gaps(without(track, lost))

    np.testing.assert_allclose(poses.keypoints_px, track.keypoints_px, atol=1e-9)


def test_hidden_feet_go_half_the_way_with_the_knee() -> None:
    track = straight_motion()
    knee, ankle = COCO17.index("left_knee"), COCO17.index("left_ankle")
    keypoints_px = track.keypoints_px.copy()
    keypoints_px[5, knee] += (0, -60)
    lost = np.zeros((FRAMES, 17), bool)
    lost[3:9, ankle] = True

    poses = fill_gaps(without(replace(track, keypoints_px=keypoints_px), lost))

    moved_px = poses.keypoints_px[:, ankle] - track.keypoints_px[:, ankle]
    np.testing.assert_allclose(moved_px, np.outer(np.arange(FRAMES) == 5, (0, -30)), atol=1e-9)


@pytest.mark.parametrize("shown", [slice(0, 4), slice(4, 8), slice(8, 12)])
def test_limbs_that_come_or_go_move_with_the_body_while_they_are_not_seen(shown: slice) -> None:
    track = waving()
    lost = np.zeros((FRAMES, 17), bool)
    lost[:, [COCO17.index(joint) for joint in ("left_wrist", "right_ankle", "right_knee")]] = True
    lost[shown] = False

    poses = fill_gaps(without(track, lost))

    np.testing.assert_allclose(poses.keypoints_px, track.keypoints_px, atol=1e-9)


def test_legs_that_are_never_seen_hang_below_the_body() -> None:
    track = without(straight_motion(), np.broadcast_to(~UPPER_BODY, (FRAMES, 17)))
    poses = fill_gaps(track)
    hip, knee, ankle = (
        poses.keypoints_px[:, COCO17.index(f"left_{name}"), 1] for name in ("hip", "knee", "ankle")
    )
    assert (hip < knee).all()
    assert (knee < ankle).all()
    assert (poses.confidence[:, ~UPPER_BODY] == 0).all()


def test_made_up_legs_move_and_grow_with_the_body() -> None:
    track = without(straight_motion(), np.broadcast_to(~UPPER_BODY, (FRAMES, 17)))
    larger = replace(track, keypoints_px=2 * track.keypoints_px + 50)
    np.testing.assert_allclose(
        fill_gaps(larger).keypoints_px, 2 * fill_gaps(track).keypoints_px + 50
    )


@pytest.mark.parametrize("known", [[], [0]])
def test_somebody_of_whom_next_to_nothing_is_known_fills_their_box(known: list[int]) -> None:
    lost = np.ones((FRAMES, 17), bool)
    lost[:, known] = False
    track = straight_motion()
    keypoints_px = fill_gaps(without(track, lost)).keypoints_px
    heights_px = np.ptp(keypoints_px[..., 1], axis=1)
    box_height_px = track.boxes_px[0, 3] - track.boxes_px[0, 1]
    np.testing.assert_allclose(heights_px, 0.9 * box_height_px)


def test_a_track_of_one_frame_is_filled_too() -> None:
    track = straight_motion()
    legless = without(track, np.broadcast_to(~UPPER_BODY, (FRAMES, 17)))
    one = replace(
        legless,
        times_s=legless.times_s[:1],
        boxes_px=legless.boxes_px[:1],
        keypoints_px=legless.keypoints_px[:1],
        confidence=legless.confidence[:1],
        seen=legless.seen[:1],
    )
    poses = fill_gaps(one)
    np.testing.assert_array_equal(
        poses.keypoints_px[:, UPPER_BODY], track.keypoints_px[:1, UPPER_BODY]
    )
    assert np.isfinite(poses.keypoints_px).all()


def test_nobody_and_other_skeletons_are_refused() -> None:
    track = straight_motion()
    with pytest.raises(ValueError, match="nobody"):
        fill_gaps(unseen(track, list(range(FRAMES))))
    with pytest.raises(ValueError, match="h36m17"):
        fill_gaps(replace(track, skeleton=H36M17))
