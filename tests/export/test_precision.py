import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pose3d_cli.export.precision import (
    CONFIDENCE_DECIMALS,
    JOINT_M_DECIMALS,
    PIXEL_DECIMALS,
    QUATERNION_DECIMALS,
    RIG_M_DECIMALS,
    rounded,
    to_decimals,
)
from pose3d_cli.sequences import Result

NUMBERS = arrays(
    st.sampled_from([np.float32, np.float64]), 20, elements=st.floats(-(2**20), 2**20, width=32)
)
DECIMALS = st.integers(1, 6)


@given(values=NUMBERS, decimals=DECIMALS)
def test_rounding_twice_changes_nothing(values: np.ndarray, decimals: int) -> None:
    once = to_decimals(values, decimals)
    assert np.array_equal(to_decimals(once, decimals), once)


@given(values=NUMBERS, decimals=DECIMALS)
def test_printed_with_as_many_decimals_it_reads_back_the_same(
    values: np.ndarray, decimals: int
) -> None:
    once = to_decimals(values, decimals)
    assert [float(f"{value:.{decimals}f}") for value in once] == once.tolist()


@given(values=NUMBERS, decimals=DECIMALS)
def test_nothing_moves_by_more_than_half_a_unit(values: np.ndarray, decimals: int) -> None:
    moved = np.abs(to_decimals(values, decimals) - values.astype(np.float64))
    assert moved.max() <= 0.5001 * 10.0**-decimals


def test_there_is_no_negative_zero() -> None:
    assert not np.signbit(to_decimals(np.array([-0.0, -1e-9]), 4)).any()


def test_every_column_keeps_its_decimals(pair: Result) -> None:
    for before, after in zip(pair.people, rounded(pair).people, strict=True):
        kept = [
            (before.poses_2d.keypoints_px, after.poses_2d.keypoints_px, PIXEL_DECIMALS),
            (before.poses_2d.confidence, after.poses_2d.confidence, CONFIDENCE_DECIMALS),
            (before.poses_3d.positions_m, after.poses_3d.positions_m, JOINT_M_DECIMALS),
            (before.world.positions_m, after.world.positions_m, JOINT_M_DECIMALS),
            (before.motion.offsets_m, after.motion.offsets_m, RIG_M_DECIMALS),
            (before.motion.root_m, after.motion.root_m, RIG_M_DECIMALS),
            (before.motion.rotations_wxyz, after.motion.rotations_wxyz, QUATERNION_DECIMALS),
        ]
        for raw, stored, decimals in kept:
            assert np.array_equal(stored, np.round(raw, decimals))
