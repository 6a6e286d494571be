import numpy as np
import pytest
from jaxtyping import Float

from pose3d_cli.motion.unseen import EASE_S, out_of_the_floor

FRAMES = 90


@pytest.fixture
def sinking_m() -> Float[np.ndarray, "f 17 3"]:
    """Somebody whose lowest joint goes from 0.2 m above the floor to 0.5 m below it, and back."""
    body_m = np.random.default_rng(0).uniform(0, 1.7, (17, 3))
    body_m[:, 1] -= body_m[:, 1].min()
    depth_m = 0.35 * (1 - np.cos(np.linspace(0, 2 * np.pi, FRAMES))) - 0.2
    return np.asarray(body_m - depth_m[:, None, None] * [0, 1, 0])


def test_who_is_lost_comes_out_of_the_floor(sinking_m: Float[np.ndarray, "f 17 3"]) -> None:
    lost_s = np.full(FRAMES, EASE_S)
    raised = out_of_the_floor(sinking_m, lost_s)

    np.testing.assert_allclose(raised[..., 1].min(), 0, atol=1e-12)
    above = sinking_m[..., 1].min(axis=1) >= 0
    np.testing.assert_array_equal(raised[above], sinking_m[above])
    relative, before = (joints - joints[:, :1] for joints in (raised, sinking_m))
    np.testing.assert_allclose(relative, before, atol=1e-12)


def test_who_is_seen_stays_where_they_are_and_nobody_jumps(
    sinking_m: Float[np.ndarray, "f 17 3"],
) -> None:
    frames = np.arange(FRAMES)
    lost_s = np.minimum(frames - 29, 70 - frames).clip(0) / 30  # lost from frame 30 on, to frame 69
    raised = out_of_the_floor(sinking_m, lost_s)

    np.testing.assert_array_equal(raised[lost_s == 0], sinking_m[lost_s == 0])
    fastest_m, before_m = (np.abs(np.diff(j[..., 1], axis=0)).max() for j in (raised, sinking_m))
    assert fastest_m < before_m + 0.5 / (30 * EASE_S)
    assert raised[45:55, :, 1].min() > -1e-12
