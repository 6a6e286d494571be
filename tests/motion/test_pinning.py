from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest

from pose3d_cli.motion.bones import bone_lengths_m
from pose3d_cli.motion.contacts import ANKLES
from pose3d_cli.motion.pinning import KNEES, pin_feet
from pose3d_cli.motion.rig import ankle_height_m, h36m_positions
from pose3d_cli.sequences import Motion
from pose3d_cli.skeleton import H36M17

FPS = Fraction(30)


@pytest.fixture
def sliding(walk: Callable[..., Motion], lengths_m: np.ndarray) -> np.ndarray:
    """Somebody with bent knees whose left foot drifts over the floor by 10 cm a second."""
    poses = h36m_positions(walk(speed_m_s=0.0))
    left, right = poses[:, ANKLES, 1].T
    positions = np.tile(poses[[(right - left).argmax()]], (90, 1, 1))
    positions[..., 1] += ankle_height_m(lengths_m) - positions[0, ANKLES[0], 1]
    positions[..., 0] += 0.1 * np.arange(90)[:, None] / 30
    return positions


def between(positions_m: np.ndarray) -> np.ndarray:
    stands = np.zeros((len(positions_m), 2), bool)
    stands[30:60, 0] = True
    return stands


def test_a_standing_foot_stands_still(sliding: np.ndarray) -> None:
    pinned = pin_feet(sliding, between(sliding), fps=FPS)
    speed = np.linalg.norm(np.diff(pinned[35:55, ANKLES[0]], axis=0), axis=-1) * 30
    assert speed.max() < 0.03
    assert np.median(speed) < 0.015


def test_nothing_pops(sliding: np.ndarray) -> None:
    pinned = pin_feet(sliding, between(sliding), fps=FPS)
    steps = np.linalg.norm(np.diff(pinned[:, ANKLES[0]], axis=0), axis=-1)
    assert steps.max() < 3 * 0.1 / 30 + 1e-3
    assert np.linalg.norm(np.diff(pinned, 2, axis=0), axis=-1).max() < 0.001


def test_bones_keep_their_lengths(sliding: np.ndarray) -> None:
    pinned = pin_feet(sliding, between(sliding), fps=FPS)
    np.testing.assert_allclose(bone_lengths_m(pinned), bone_lengths_m(sliding), atol=1e-9)
    parents, joints = np.array(H36M17.bones).T
    lengths = np.linalg.norm(pinned[:, joints] - pinned[:, parents], axis=-1)
    np.testing.assert_allclose(np.ptp(lengths, axis=0), 0, atol=1e-9)


def test_only_the_leg_moves(sliding: np.ndarray) -> None:
    off = np.abs(pin_feet(sliding, between(sliding), fps=FPS) - sliding).max((0, 2))
    leg = [H36M17.index("left_knee"), ANKLES[0]]
    assert off[leg].min() > 0.01
    assert np.delete(off, leg).max() < 0.001


def test_a_nearly_straight_knee_does_not_jump(sliding: np.ndarray) -> None:
    straight = sliding.copy()
    straight[:, ANKLES] = straight[:, [4, 1]] - [0, 0.8895, 0]
    straight[:, KNEES] = straight[:, [4, 1]] - [0, 0.44, -0.01]
    straight[..., 1] += ankle_height_m(bone_lengths_m(straight)) - straight[0, ANKLES[0], 1] + 0.01
    pinned = pin_feet(straight, between(straight), fps=FPS)
    assert np.linalg.norm(np.diff(pinned, 2, axis=0), axis=-1).max() < 0.001


def test_who_never_stands_is_left_alone(sliding: np.ndarray) -> None:
    nowhere = np.zeros((90, 2), bool)
    np.testing.assert_allclose(pin_feet(sliding, nowhere, fps=FPS), sliding, atol=1e-9)


def test_a_straight_leg_and_few_frames_stay_finite(sliding: np.ndarray) -> None:
    straight = sliding[:2].copy()
    straight[:, ANKLES[0]] = straight[:, 4] - [0, 0.89, 0]
    straight[:, 5] = straight[:, 4] - [0, 0.44, 0]
    assert np.isfinite(pin_feet(straight, np.ones((2, 2), bool), fps=FPS)).all()


def test_who_sinks_into_the_floor_is_lifted(sliding: np.ndarray) -> None:
    sunk = sliding - [0.0, 0.12, 0.0]
    pinned = pin_feet(sunk, np.zeros((90, 2), bool), fps=FPS)
    assert sunk[:, ANKLES, 1].min() < -0.03
    assert pinned[:, ANKLES, 1].min() > 0.35 * sunk[:, ANKLES, 1].min()


def test_what_is_far_below_the_floor_is_on_another_one(sliding: np.ndarray) -> None:
    elsewhere = sliding - [0.0, 1.0, 0.0]
    pinned = pin_feet(elsewhere, np.zeros((90, 2), bool), fps=FPS)
    np.testing.assert_allclose(pinned, elsewhere, atol=1e-9)
