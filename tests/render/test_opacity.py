from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from jaxtyping import Float

from pose3d_cli.render.opacity import CERTAIN, FAINTEST, opacity_of
from pose3d_cli.sequences import Person, Pose2DSequence


@pytest.fixture
def poses(make_person: Callable[..., Person], pose_m: Float[np.ndarray, "17 3"]) -> Pose2DSequence:
    return make_person(np.tile(pose_m, (60, 1, 1))).poses_2d


def test_the_certain_are_opaque_and_the_unseen_faint(poses: Pose2DSequence) -> None:
    assert opacity_of(poses) == pytest.approx(1)
    nothing = replace(poses, observed=np.zeros_like(poses.observed))
    assert opacity_of(nothing) == pytest.approx(FAINTEST)


def test_opacity_rises_with_confidence(poses: Pose2DSequence) -> None:
    levels = [
        float(opacity_of(replace(poses, confidence=np.full((60, 17), c)))[30, 0])
        for c in (0.0, 0.2, 0.4, CERTAIN)
    ]
    assert levels == sorted(set(levels))
    assert levels[-1] == pytest.approx(1)


def test_a_joint_that_comes_and_goes_does_not_flicker(poses: Pose2DSequence) -> None:
    observed = poses.observed.copy()
    observed[::2, 3] = False
    opacity = opacity_of(replace(poses, observed=observed))[:, 3]
    assert np.abs(np.diff(opacity[10:-10])).max() < 0.05
    assert opacity_of(replace(poses, observed=observed))[:, 4] == pytest.approx(1)
