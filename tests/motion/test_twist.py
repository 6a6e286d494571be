import numpy as np
import pytest

from pose3d_cli.motion.twist import hinge_twist

FRAMES = 60
UPPER = np.tile([0.0, -1.0, 0.0], (FRAMES, 1))
AXIS = np.tile([1.0, 0.0, 0.0], (FRAMES, 1))


def lower_limb(*, bend_deg: np.ndarray | float, twist_rad: np.ndarray | float) -> np.ndarray:
    """Below an upper limb that hangs down, bent backwards, then turned about the upper limb."""
    bend = np.radians(np.broadcast_to(bend_deg, FRAMES))
    twist = -np.broadcast_to(twist_rad, FRAMES)
    back = -np.sin(bend)
    return np.stack([back * np.sin(twist), -np.cos(bend), back * np.cos(twist)], axis=-1)


def found(lower: np.ndarray, *, knee: bool = False) -> np.ndarray:
    return hinge_twist(UPPER, lower, axis=AXIS, fps=30.0, knee=knee)


@pytest.mark.parametrize("twist_rad", [-2.0, -0.5, 0.0, 0.7, 2.5])
def test_a_bent_hinge_tells_the_twist(twist_rad: float) -> None:
    twist = found(lower_limb(bend_deg=70, twist_rad=twist_rad))
    np.testing.assert_allclose(twist, twist_rad, atol=0.02)


def test_a_twist_may_pass_half_a_turn() -> None:
    run = np.linspace(0.0, 6.0, FRAMES)
    twist = np.unwrap(found(lower_limb(bend_deg=70, twist_rad=run)))
    np.testing.assert_allclose(twist[5:-5], run[5:-5], atol=0.05)


def test_a_straight_limb_is_not_twisted() -> None:
    np.testing.assert_allclose(found(lower_limb(bend_deg=5, twist_rad=1.5)), 0, atol=1e-12)


def test_a_limb_that_straightens_briefly_remembers_its_twist() -> None:
    bend = np.full(FRAMES, 70.0)
    bend[28:32] = 2.0
    noise = np.where(bend < 10, np.random.default_rng(0).uniform(-3, 3, FRAMES), 0.8)
    np.testing.assert_allclose(found(lower_limb(bend_deg=bend, twist_rad=noise)), 0.8, atol=0.05)


def test_a_knee_that_seems_to_bend_forwards_is_not_believed() -> None:
    seen = np.full(FRAMES, 0.2)
    seen[30:33] += np.pi
    lower = lower_limb(bend_deg=40, twist_rad=seen)
    np.testing.assert_allclose(found(lower, knee=True), 0.2, atol=0.05)
