import numpy as np
import pytest
from jaxtyping import Float

from pose3d_cli.render.body import PARTS, limbs_m, size_of
from pose3d_cli.skeleton import H36M17


def test_every_end_is_a_mixture_of_joints() -> None:
    for part in PARTS:
        for place in (part.start, part.end):
            assert sum(place.values()) == pytest.approx(1)
            assert set(place) <= set(H36M17.joints)


def test_the_mannequin_goes_where_the_joints_go(pose_m: Float[np.ndarray, "17 3"]) -> None:
    shift = np.array([1.0, -2.0, 3.0])
    np.testing.assert_allclose(limbs_m(pose_m + shift), limbs_m(pose_m) + shift, atol=1e-12)


def test_the_mannequin_of_a_mirrored_pose_is_mirrored(pose_m: Float[np.ndarray, "17 3"]) -> None:
    posed = pose_m + np.random.default_rng(0).normal(0, 0.1, pose_m.shape)
    mirrored = posed[list(H36M17.mirror)] * [-1, 1, 1]
    ends = {tuple(p) for p in (limbs_m(posed) * [-1, 1, 1]).reshape(-1, 3).round(6).tolist()}
    assert {tuple(p) for p in limbs_m(mirrored).reshape(-1, 3).round(6).tolist()} == ends


def test_a_child_is_thinner(pose_m: Float[np.ndarray, "17 3"]) -> None:
    adult = size_of(pose_m[None])
    assert adult == pytest.approx(1, abs=0.06)
    assert size_of(0.6 * pose_m[None]) == pytest.approx(0.6 * adult)


def test_the_head_is_a_ball_above_the_neck(pose_m: Float[np.ndarray, "17 3"]) -> None:
    head = PARTS.index(next(part for part in PARTS if part.joint == "head"))
    low, high = limbs_m(pose_m)[head]
    nose, top = pose_m[H36M17.index("nose")], pose_m[H36M17.index("head")]
    assert nose[1] < low[1] < high[1] < top[1]
    assert 0.07 < max(PARTS[head].radii_m) < 0.13
