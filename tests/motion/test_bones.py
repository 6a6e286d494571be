from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest

from pose3d_cli.motion.bones import bone_lengths_m, fit_bones, with_bone_lengths
from pose3d_cli.motion.rig import h36m_positions
from pose3d_cli.sequences import Motion, Pose3DSequence
from pose3d_cli.skeleton import H36M17


@pytest.fixture(scope="module")
def positions_m(wave: Callable[..., Motion]) -> np.ndarray:
    return h36m_positions(wave())


def jittered(positions_m: np.ndarray, *, sigma_m: float = 0.01) -> np.ndarray:
    return positions_m + np.random.default_rng(0).normal(0, sigma_m, positions_m.shape)


def error_m(positions_m: np.ndarray, truth_m: np.ndarray) -> float:
    return float(np.linalg.norm(positions_m - truth_m, axis=-1).mean())


def lengths_of(positions_m: np.ndarray) -> np.ndarray:
    parents, joints = np.array(H36M17.bones).T
    return np.asarray(np.linalg.norm(positions_m[:, joints] - positions_m[:, parents], axis=-1))


def test_lengths_are_those_the_body_was_built_with(
    positions_m: np.ndarray, lengths_m: np.ndarray
) -> None:
    np.testing.assert_allclose(bone_lengths_m(positions_m), lengths_m, atol=1e-12)


def test_left_and_right_are_the_same_length_and_wild_frames_do_not_count(
    positions_m: np.ndarray, lengths_m: np.ndarray
) -> None:
    wild = jittered(positions_m, sigma_m=0.002)
    wild[::5] *= 3
    lengths = bone_lengths_m(wild)
    np.testing.assert_array_equal(lengths, lengths[list(H36M17.mirror)])
    np.testing.assert_allclose(lengths, lengths_m, atol=0.003)


def test_a_joint_without_weight_has_no_say(positions_m: np.ndarray, lengths_m: np.ndarray) -> None:
    hidden = H36M17.index("left_wrist")
    stretched, weights = positions_m.copy(), np.ones(positions_m.shape[:2])
    stretched[:40, hidden] += 0.5
    weights[:40, hidden] = 0
    np.testing.assert_allclose(bone_lengths_m(stretched, weights=weights), lengths_m, atol=1e-12)
    assert np.isfinite(bone_lengths_m(stretched, weights=np.zeros_like(weights))).all()


def test_consistent_poses_are_not_touched(positions_m: np.ndarray, lengths_m: np.ndarray) -> None:
    np.testing.assert_allclose(fit_bones(positions_m, lengths_m), positions_m, atol=1e-12)


def test_fitted_bones_have_exactly_their_lengths(
    positions_m: np.ndarray, lengths_m: np.ndarray
) -> None:
    fitted = fit_bones(jittered(positions_m), lengths_m)
    expected = np.tile(lengths_m[1:], (len(fitted), 1))
    np.testing.assert_allclose(lengths_of(fitted), expected, atol=1e-12)


def test_fitting_removes_error_where_keeping_directions_adds_it(
    positions_m: np.ndarray, lengths_m: np.ndarray
) -> None:
    noisy = jittered(positions_m)
    kept = noisy.copy()
    for parent, joint in H36M17.bones:
        bone = noisy[:, joint] - noisy[:, parent]
        bone *= lengths_m[joint] / np.linalg.norm(bone, axis=-1, keepdims=True)
        kept[:, joint] = kept[:, parent] + bone
    before = error_m(noisy, positions_m)
    assert error_m(kept, positions_m) > before
    assert error_m(fit_bones(noisy, lengths_m), positions_m) < 0.85 * before


def test_joints_in_one_place_stay_finite(positions_m: np.ndarray, lengths_m: np.ndarray) -> None:
    collapsed = positions_m.copy()
    collapsed[3] = 0
    assert np.isfinite(fit_bones(collapsed, lengths_m)).all()


def test_long_clips_are_fitted_as_short_ones_are(
    positions_m: np.ndarray, lengths_m: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = fit_bones(jittered(positions_m), lengths_m)
    monkeypatch.setattr("pose3d_cli.motion.bones.FRAMES_AT_ONCE", 7)
    np.testing.assert_allclose(fit_bones(jittered(positions_m), lengths_m), whole, atol=1e-12)


def test_poses_stay_about_their_root(positions_m: np.ndarray, lengths_m: np.ndarray) -> None:
    noisy = jittered(positions_m)
    poses = Pose3DSequence(H36M17, np.arange(len(noisy)) / 30, Fraction(30), noisy - noisy[:, :1])
    fitted = with_bone_lengths(poses, lengths_m).positions_m
    np.testing.assert_array_equal(fitted[:, 0], 0)
    np.testing.assert_allclose(bone_lengths_m(fitted), lengths_m, atol=1e-12)
