from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from pose3d_cli.evaluation.metrics import mpjpe_mm, mpjve_mm, n_mpjpe_mm, p_mpjpe_mm

GOLDEN = Path(__file__).parents[1] / "golden" / "losses.npz"
RNG = np.random.default_rng(0)
TRUTH = RNG.normal(size=(6, 17, 3))


def test_a_shift_of_three_four_and_zero_is_five() -> None:
    assert mpjpe_mm(TRUTH + np.array([0.003, 0.004, 0]), TRUTH) == pytest.approx(5)


def test_scale_is_forgiven_by_n_mpjpe_alone() -> None:
    sizes = RNG.uniform(0.5, 2, (6, 1, 1))

    assert n_mpjpe_mm(sizes * TRUTH, TRUTH) < 1e-9
    assert mpjpe_mm(sizes * TRUTH, TRUTH) > 100


def test_any_similarity_of_each_frame_is_forgiven_by_p_mpjpe() -> None:
    turned = np.stack([r.apply(t) for r, t in zip(Rotation.random(6, rng=RNG), TRUTH, strict=True)])
    moved = RNG.uniform(0.5, 2, (6, 1, 1)) * turned + RNG.normal(size=(6, 1, 3))

    assert p_mpjpe_mm(moved, TRUTH) < 1e-9
    assert n_mpjpe_mm(moved, TRUTH) > 100


def test_a_mirror_image_is_not_forgiven() -> None:
    assert p_mpjpe_mm(TRUTH * [-1, 1, 1], TRUTH) > 100


def test_aligned_errors_are_never_larger() -> None:
    predicted = TRUTH + RNG.normal(0, 0.1, TRUTH.shape)

    errors = [measure(predicted, TRUTH) for measure in (mpjpe_mm, n_mpjpe_mm)]
    assert errors[1] <= errors[0]


def test_a_constant_error_does_not_move() -> None:
    assert mpjve_mm(TRUTH + 0.3, TRUTH) < 1e-9
    assert mpjve_mm(TRUTH[:1], TRUTH[:1]) == 0


def test_errors_agree_with_the_golden_values() -> None:
    with np.load(GOLDEN) as golden:
        predicted, truth = (golden[name].astype(float)[0] for name in ("pred", "target"))
        expected = golden["eval_mpjpe"], golden["eval_p_mpjpe"]

    actual = [
        [measure(predicted[i : i + 1], truth[i : i + 1]) for i in range(len(truth))]
        for measure in (mpjpe_mm, p_mpjpe_mm)
    ]
    np.testing.assert_allclose(actual, 1e3 * np.stack(expected), rtol=1e-4)
