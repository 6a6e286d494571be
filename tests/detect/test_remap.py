"""COCO's keypoints become Human3.6M's joints."""

from fractions import Fraction

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pose3d_cli.detect.remap import coco_to_h36m
from pose3d_cli.geometry.remap import (
    h36m_confidence_from_coco,
    h36m_from_coco,
    h36m_observed_from_coco,
)
from pose3d_cli.sequences import Pose2DSequence
from pose3d_cli.skeleton import COCO17, H36M17

MIRROR_X = np.array([-1.0, 1.0])
coordinates = st.floats(-1e4, 1e4)
coco_points = hnp.arrays(np.float64, (3, 17, 2), elements=coordinates)


def poses(points: np.ndarray) -> Pose2DSequence:
    frames = len(points)
    return Pose2DSequence(
        skeleton=COCO17,
        first_frame=5,
        times_s=np.arange(frames) / 25,
        fps=Fraction(25),
        keypoints_px=points,
        confidence=np.linspace(0, 1, frames * 17).reshape(frames, 17),
        observed=np.ones((frames, 17), bool),
    )


def test_joints_with_a_keypoint_of_their_own_name_are_that_keypoint() -> None:
    points = np.random.default_rng(0).normal(size=(17, 2))
    joints = h36m_from_coco(points)
    for joint in set(H36M17.joints) & set(COCO17.joints):
        np.testing.assert_array_equal(joints[H36M17.index(joint)], points[COCO17.index(joint)])


def test_the_right_hip_comes_first_and_is_coco_keypoint_12() -> None:
    points = np.arange(34.0).reshape(17, 2)
    np.testing.assert_array_equal(h36m_from_coco(points)[1], points[12])
    np.testing.assert_array_equal(h36m_from_coco(points)[4], points[11])


@settings(deadline=None, max_examples=30)
@given(coco_points)
def test_made_up_joints_lie_in_the_middle_of_their_sources(points: np.ndarray) -> None:
    joints = h36m_from_coco(points)
    pelvis, spine, thorax, head = joints[:, 0], joints[:, 7], joints[:, 8], joints[:, 10]
    np.testing.assert_allclose(pelvis, points[:, 11:13].mean(axis=1), atol=1e-9)
    np.testing.assert_allclose(thorax, points[:, 5:7].mean(axis=1), atol=1e-9)
    np.testing.assert_allclose(spine, (pelvis + thorax) / 2, atol=1e-9)
    np.testing.assert_allclose(head, points[:, 1:3].mean(axis=1), atol=1e-9)


@settings(deadline=None, max_examples=30)
@given(coco_points)
def test_mirroring_before_is_mirroring_after(points: np.ndarray) -> None:
    before = h36m_from_coco((points * MIRROR_X)[:, list(COCO17.mirror)])
    after = (h36m_from_coco(points) * MIRROR_X)[:, list(H36M17.mirror)]
    np.testing.assert_allclose(before, after, atol=1e-9)


@settings(deadline=None, max_examples=30)
@given(coco_points, coordinates, st.floats(0.01, 100))
def test_moving_and_scaling_before_is_moving_and_scaling_after(
    points: np.ndarray, shift: float, scale: float
) -> None:
    np.testing.assert_allclose(
        h36m_from_coco(points * scale + shift), h36m_from_coco(points) * scale + shift, atol=1e-6
    )


@pytest.mark.parametrize("leading", [(), (4,), (2, 3, 4)])
@pytest.mark.parametrize("dimensions", [2, 3])
def test_leading_axes_and_precision_are_kept(leading: tuple[int, ...], dimensions: int) -> None:
    points = np.ones((*leading, 17, dimensions), np.float32)
    assert h36m_from_coco(points).shape == points.shape
    assert h36m_from_coco(points).dtype == np.float32
    assert h36m_confidence_from_coco(points[..., 0]).shape == (*leading, 17)


def test_a_made_up_joint_is_no_better_than_its_worst_source() -> None:
    confidence, observed = np.ones(17), np.ones(17, bool)
    hip = COCO17.index("left_hip")
    confidence[hip], observed[hip] = 0.2, False
    touched = ["pelvis", "left_hip", "spine"]
    expected = np.array([joint in touched for joint in H36M17.joints])
    np.testing.assert_array_equal(h36m_confidence_from_coco(confidence), np.where(expected, 0.2, 1))
    np.testing.assert_array_equal(h36m_observed_from_coco(observed), ~expected)


def test_a_sequence_keeps_its_place_in_time() -> None:
    before = poses(np.random.default_rng(1).normal(size=(4, 17, 2)))
    after = coco_to_h36m(before)
    assert after.skeleton is H36M17
    assert (after.first_frame, after.fps) == (before.first_frame, before.fps)
    np.testing.assert_array_equal(after.times_s, before.times_s)
    np.testing.assert_array_equal(after.keypoints_px, h36m_from_coco(before.keypoints_px))


def test_joints_of_human36m_are_refused() -> None:
    once = coco_to_h36m(poses(np.zeros((2, 17, 2))))
    with pytest.raises(ValueError, match="coco17"):
        coco_to_h36m(once)


def test_the_face_is_kept() -> None:
    before = poses(np.random.default_rng(2).normal(size=(4, 17, 2)))
    face = coco_to_h36m(before).face
    assert face is not None
    np.testing.assert_array_equal(face.keypoints_px, before.keypoints_px[:, :5])
    np.testing.assert_array_equal(face.confidence, (before.confidence * before.observed)[:, :5])
