from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from jaxtyping import Float

from pose3d_cli.render.opacity import (
    BELIEVED,
    CERTAIN,
    FADING_S,
    FAINTEST,
    opacity_in_space_of,
    opacity_of,
    presence_of,
)
from pose3d_cli.sequences import Gravity, Person, Pose2DSequence, Trust


@pytest.fixture
def person(make_person: Callable[..., Person], pose_m: Float[np.ndarray, "17 3"]) -> Person:
    return make_person(np.tile(pose_m, (60, 1, 1)))


@pytest.fixture
def poses(person: Person) -> Pose2DSequence:
    return person.poses_2d


def trusted(person: Person, confidence: float) -> Person:
    """Return somebody whose left wrist is so probably in its place, and all else surely."""
    chances = np.ones((60, 17))
    chances[:, 13] = confidence
    stands, gravity = np.ones((60, 2), bool), Gravity(0.0, 0.0, "assumed", 1.0)
    trust = Trust(chances, stands, gravity, height_m=1.7, scale_source="prior", fit_error_m=0.01)
    return replace(person, trust=trust)


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


def test_without_trust_what_was_seen_is_opaque_in_space(person: Person) -> None:
    assert opacity_in_space_of(person) == pytest.approx(1)


def test_what_cannot_be_believed_is_faint_in_space_but_not_in_the_picture(person: Person) -> None:
    levels = []
    for confidence in (0.0, 0.2, BELIEVED):
        doubtful = trusted(person, confidence)
        assert opacity_of(doubtful.poses_2d) == pytest.approx(1)
        opacity = opacity_in_space_of(doubtful)
        assert np.delete(opacity, 13, axis=1) == pytest.approx(1)
        levels.append(float(opacity[30, 13]))
    assert levels == sorted(set(levels))
    assert (levels[0], levels[-1]) == pytest.approx((FAINTEST, 1))


def test_what_was_not_seen_is_faint_however_well_it_can_be_guessed(person: Person) -> None:
    observed = person.poses_2d.observed.copy()
    observed[:, 13] = False
    unseen = replace(person, poses_2d=replace(person.poses_2d, observed=observed))
    assert opacity_in_space_of(trusted(unseen, 1.0))[:, 13] == pytest.approx(FAINTEST)


def test_who_is_lost_fades_away_and_comes_back(person: Person) -> None:
    observed = np.zeros((60, 17), bool)
    observed[[0, 59], 4] = True
    lost = replace(person.poses_2d, observed=observed)
    presence = presence_of(lost)
    begins, ends = (round(seconds * float(lost.fps)) for seconds in FADING_S)
    assert presence[: begins + 1] == pytest.approx(1)
    assert (np.diff(presence[begins : ends + 1]) < 0).all()
    assert presence[ends + 1 : -ends - 1] == pytest.approx(0)
    assert presence == pytest.approx(presence[::-1])
    assert opacity_of(lost)[30] == pytest.approx(0)
    assert opacity_in_space_of(replace(person, poses_2d=lost))[30] == pytest.approx(0)
