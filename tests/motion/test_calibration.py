import tomllib
from typing import Any

import numpy as np
import pytest

from pose3d_cli.motion.calibration import DEFAULT_LIFTER, TABLES, calibration_of
from pose3d_cli.skeleton import H36M17
from pose3d_cli.weights import manifest

FITTED = tuple(tomllib.loads(TABLES.read_text()))


@pytest.mark.parametrize("lifter", FITTED)
def test_what_speaks_against_a_joint_never_speaks_for_it(lifter: str) -> None:
    calibration = calibration_of(lifter)
    assert (calibration.evidence <= 0).all()
    assert (calibration.gravity[1:3] <= 0).all()
    assert calibration.gravity[3] >= 0


@pytest.mark.parametrize("lifter", FITTED)
def test_both_sides_are_believed_alike_and_ends_of_limbs_least(lifter: str) -> None:
    joints = calibration_of(lifter).joints
    np.testing.assert_array_equal(joints, joints[list(H36M17.mirror)])
    wrist, elbow, hip = (H36M17.index(f"left_{name}") for name in ("wrist", "elbow", "hip"))
    assert joints[wrist] < joints[elbow] < joints[hip]


def test_a_lifter_that_nobody_fitted_is_taken_for_the_default_one() -> None:
    assert "my-own" not in FITTED
    unknown, default = calibration_of("my-own"), calibration_of(DEFAULT_LIFTER)
    for mine, theirs in zip(fields_of(unknown), fields_of(default), strict=True):
        np.testing.assert_array_equal(mine, theirs)


def fields_of(calibration: Any) -> list[np.ndarray]:
    return [calibration.evidence, calibration.joints, calibration.gravity]


def test_every_lifter_that_ships_is_fitted() -> None:
    lifters = {entry.name for entry in manifest() if entry.role == "lifter" and entry.is_shipped}
    assert lifters <= set(FITTED)
