import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pose3d_cli.datasets.knees import LEGS, flexion, straightened, unbent

THIGH_M, SHIN_M = 0.44, 0.42


def walker(bent_rad: np.ndarray, *, seed: int = 0) -> np.ndarray:
    """Somebody whose knees, right and left alike, are bent by so much in each frame, however turned."""
    rng = np.random.default_rng(seed)
    points = rng.normal(0, 1, (len(bent_rad), 24, 3))
    for hip, knee, ankle, toe in LEGS:
        across, down = np.linalg.qr(rng.normal(0, 1, (3, 3)))[0][:2]
        turned = np.cos(bent_rad)[:, None] * down + np.sin(bent_rad)[:, None] * across
        points[:, knee] = points[:, hip] + THIGH_M * down
        points[:, ankle] = points[:, knee] + SHIN_M * turned
        points[:, toe] = points[:, ankle] + 0.1 * across
    return points.astype(np.float32)


@given(st.floats(0.0, 0.26), st.integers(0, 9))
def test_knees_are_bent_by_so_much_less(by_rad: float, seed: int) -> None:
    bent = np.linspace(0.3, 2.4, 40)

    less = unbent(walker(bent, seed=seed), by_rad=by_rad)

    for leg in LEGS:  # thigh and shin are not quite of a length
        np.testing.assert_allclose(flexion(less, leg), bent - by_rad, atol=0.01)


def test_bones_keep_their_lengths_and_toes_go_along() -> None:
    bent = np.linspace(0.0, 2.4, 40)
    before = walker(bent)

    after = unbent(before, by_rad=0.2)

    for hip, knee, ankle, toe in LEGS:
        for joint, parent, length_m in ((knee, hip, THIGH_M), (ankle, knee, SHIN_M)):
            bone_m = np.linalg.norm(after[:, joint] - after[:, parent], axis=-1)
            np.testing.assert_allclose(bone_m, length_m, atol=1e-6)
        np.testing.assert_allclose(
            after[:, toe] - after[:, ankle], before[:, toe] - before[:, ankle], atol=1e-6
        )
    others = sorted(set(range(24)) - {joint for leg in LEGS for joint in leg[1:]})
    np.testing.assert_array_equal(after[:, others], before[:, others])


def test_no_knee_bends_backwards() -> None:
    bent = np.linspace(0.0, 0.2, 20)

    straight = unbent(walker(bent), by_rad=0.25)

    for leg in LEGS:
        assert flexion(straight, leg).max() < 1e-3


def taken_off(before: list[np.ndarray], after: list[np.ndarray]) -> list[float]:
    return [
        float((flexion(b, LEGS[0]) - flexion(a, LEGS[0])).mean())
        for b, a in zip(before, after, strict=True)
    ]


STEPS = np.abs(np.sin(np.linspace(0, 40, 900)))


def test_each_subject_is_unbent_by_what_its_own_straightest_legs_are_bent() -> None:
    planted = {"straight": 0.0, "bent": 0.18, "crouching": 0.9}
    clips = [walker(bias + STEPS) for bias in planted.values()]
    clips.append(clips[1][:5])

    less = straightened(clips, sources=["CMU"] * 4, subjects=[*planted, "bent"])

    straight, bent, crouching, short = taken_off(clips, less)
    assert straight == 0.0
    # 3 % of the steps are bent by less than 0.047, of which 3° may stay.
    assert bent == pytest.approx(0.18 + 0.047 - np.radians(3), abs=0.01)
    assert crouching == pytest.approx(np.radians(15), abs=0.01)
    assert short == pytest.approx(bent, abs=0.01)


def test_who_only_sits_stays_as_is_where_others_stand_straight() -> None:
    clips = [walker(0.5 * STEPS), walker(np.full(90, 1.5))]

    less = straightened(clips, sources=["PROC"] * 2, subjects=["walks", "sits"])

    assert taken_off(clips, less) == [0.0, 0.0]
