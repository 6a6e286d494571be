"""Error measures by frame and joint, against planted errors and an independent implementation."""

from pathlib import Path

import numpy as np
import pytest

from pose3d_cli.evaluation.frame_errors import (
    acceleration_errors_mm,
    aligned_errors_mm,
    auc,
    pck,
    position_errors_mm,
    velocity_errors_mm,
)

GOLDEN = Path(__file__).parents[1] / "golden" / "losses.npz"
TRUTH = np.random.default_rng(0).normal(0, 300, (9, 17, 3))


def test_errors_agree_with_an_independent_implementation() -> None:
    with np.load(GOLDEN) as golden:
        predicted, truth = (1e3 * golden[name][0].astype(float) for name in ("pred", "target"))
        expected = [1e3 * golden[f"eval_{name}"] for name in ("mpjpe", "p_mpjpe", "acc")]

    measured = [
        measure(predicted, truth).mean(axis=1)
        for measure in (position_errors_mm, aligned_errors_mm, acceleration_errors_mm)
    ]

    for found, wanted in zip(measured, expected, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-4)


def test_a_steady_drift_is_a_velocity_and_no_acceleration() -> None:
    drift = np.arange(9.0)[:, None, None] * [3.0, 4.0, 0.0]

    np.testing.assert_allclose(velocity_errors_mm(TRUTH + drift, TRUTH), 5)
    np.testing.assert_allclose(acceleration_errors_mm(TRUTH + drift, TRUTH), 0, atol=1e-9)


def test_a_growing_drift_is_an_acceleration() -> None:
    drift = np.square(np.arange(9.0))[:, None, None] * [0.0, 3.0, 4.0]

    np.testing.assert_allclose(acceleration_errors_mm(TRUTH + drift, TRUTH), 10)


def test_pck_is_the_share_of_near_joints() -> None:
    errors_mm = np.array([[0.0, 149.0, 150.0, 300.0]])

    assert pck(errors_mm) == 50
    assert pck(errors_mm, threshold_mm=301.0) == 100


@pytest.mark.parametrize(("error_mm", "share"), [(0.0, 30), (74.0, 16), (149.0, 1), (150.0, 0)])
def test_auc_counts_the_thresholds_that_an_error_stays_under(error_mm: float, share: int) -> None:
    assert auc(np.full((2, 3), error_mm)) == pytest.approx(100 * share / 31)
