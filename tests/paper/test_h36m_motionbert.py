"""Human3.6M in MotionBERT's form, on a made-up file."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pose3d_cli.datasets.h36m_motionbert import read_motionbert
from pose3d_cli.errors import InputError

Write = Callable[..., Path]


def test_recordings_are_cut_where_the_source_changes(h36m_pickle: Write) -> None:
    read = read_motionbert(h36m_pickle())

    assert [(r.subject, r.action, len(r)) for r in read.train] == [
        ("S1", "Directions", 30),
        ("S5", "Walking", 12),
    ]
    assert [(r.subject, r.action) for r in read.test] == [
        ("S9", "Greeting"),
        ("S11", "SittingDown"),
    ]


def test_a_perfect_lifter_is_off_by_nothing(h36m_pickle: Write) -> None:
    for recording in read_motionbert(h36m_pickle()).test:
        said_mm = recording.target * recording.mm_per_unit[:, None, None]
        off = (said_mm - said_mm[:, :1]) - (recording.truth_mm - recording.truth_mm[:, :1])
        assert np.abs(off).max() < 0.01


def test_pictures_are_two_units_wide_whatever_their_height(h36m_pickle: Write) -> None:
    corners = np.broadcast_to([[0.0, 0.0], [1000.0, 501.0]], (42, 2, 2))
    joints = np.tile(corners, (1, 9, 1))[:, :17]

    square, tall = read_motionbert(h36m_pickle(joint_2d=joints)).test

    np.testing.assert_allclose(square.seen[0, :2, :2], [[-1.0, -1.0], [1.0, 0.002]], atol=1e-6)
    np.testing.assert_allclose(tall.seen[0, :2, :2], [[-1.0, -1.002], [1.0, 0.0]], atol=1e-6)


def test_broken_recordings_do_not_count(h36m_pickle: Write) -> None:
    broken = ["s_09_act_05_subact_02_ca_03"] * 30 + ["s_09_act_13_subact_02_ca_01"] * 12

    first, second = read_motionbert(h36m_pickle(source=broken)).test

    assert not first.valid.any()
    assert second.valid.all()


def test_confidence_may_be_flat_or_missing(h36m_pickle: Write) -> None:
    flat = read_motionbert(h36m_pickle(confidence=np.full((42, 17), 0.25))).test[0]
    missing = read_motionbert(h36m_pickle(confidence=None)).test[0]

    assert (flat.seen[..., 2] == 0.25).all()
    assert (missing.seen[..., 2] == 1).all()


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"joint_2d": None}, "joint_2d"),
        ({"source": None}, "source"),
        ({"joint_2d": np.zeros((42, 16, 2))}, r"\(42, 16, 2\)"),
        ({"joint3d_image": np.full((42, 17, 3), np.nan)}, "not finite"),
        ({"joint3d_image": [["?"]]}, "no array of numbers"),
        ({"camera_name": ["54138969"] * 41 + ["12"]}, "12"),
        ({"camera_name": ["54138969"] * 41}, "41 camera names"),
        ({"2.5d_factor": np.ones(7)}, "2.5d_factor"),
    ],
)
def test_what_is_wrong_is_named(h36m_pickle: Write, changed: dict[str, Any], named: str) -> None:
    with pytest.raises(InputError, match=named):
        read_motionbert(h36m_pickle(**changed))


def test_without_factors_nothing_can_be_evaluated(h36m_pickle: Write) -> None:
    read = read_motionbert(h36m_pickle(**{"2.5d_factor": None}))

    assert not any(recording.valid.any() for recording in read.test)
