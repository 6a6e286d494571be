"""The papers' protocols, with lifters whose errors are planted."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from pose3d_cli.datasets.labelled import LabelledSet, Recording
from pose3d_cli.errors import UsageError
from pose3d_cli.evaluation.per_action import Row, human36m_rows, mpi_inf_3dhp_rows
from pose3d_cli.evaluation.protocol import Protocol, evaluate, mirrored

Film = Callable[..., Recording]
NO_FLIP = Protocol(frames=10, flip=False)


def rows(labelled: LabelledSet, lift: Any, protocol: Protocol) -> dict[str, Row]:
    found = evaluate(labelled.test, labelled, lift=lift, protocol=protocol)
    return {row.name: row for row in human36m_rows(found)}


def knowing(labelled: LabelledSet, *, off: Any = 0.0) -> Any:
    """Return a lifter that finds each frame by what it sees, and answers the truth plus ``off``."""
    seen = np.concatenate([r.seen for r in labelled.test])
    target = np.concatenate([r.target for r in labelled.test])

    def lift(clips: np.ndarray) -> np.ndarray:
        flat = clips.reshape(-1, 51)
        distance = np.abs(flat[:, None] - seen.reshape(1, -1, 51)).sum(-1)
        poses = target[distance.argmin(1)].reshape(clips.shape) + off
        return np.asarray(poses - poses[..., :1, :])

    return lift


def test_a_perfect_lifter_is_off_by_nothing(labelled: LabelledSet) -> None:
    found = rows(labelled, knowing(labelled), NO_FLIP)

    assert all(row.average < 1e-2 for row in found.values())


def test_a_planted_error_comes_out_in_millimetres(labelled: LabelledSet) -> None:
    off = np.zeros((17, 3))
    off[3] = [0.0, 0.017, 0.0]  # half picture widths of 1,500 mm

    found = rows(labelled, knowing(labelled, off=off), NO_FLIP)

    assert found["MPJPE (P1)"].average == pytest.approx(1500 * 0.017 / 17, rel=1e-4)
    assert found["MPJVE"].average < 1e-2


def test_actions_weigh_the_same_however_long_they_are(labelled: LabelledSet) -> None:
    found = rows(labelled, np.zeros_like, NO_FLIP)["MPJPE (P1)"]

    by_hand = [
        np.linalg.norm(r.truth_mm - r.truth_mm[:, :1], axis=-1).mean() for r in labelled.test
    ]
    assert found.by_action == {
        "Eat": pytest.approx(by_hand[1], rel=1e-5),
        "Walk": pytest.approx(by_hand[0], rel=1e-5),
    }
    assert found.average == pytest.approx(np.mean(by_hand), rel=1e-5)


def test_the_published_way_does_not_count_the_tail(labelled: LabelledSet, recorded: Film) -> None:
    one = replace_test(labelled, recorded(23))
    counted = {
        drop_tail: next(
            evaluate(
                one.test,
                one,
                lift=np.zeros_like,
                protocol=replace(NO_FLIP, drop_tail=drop_tail),
            )
        )
        for drop_tail in (True, False)
    }

    assert len(counted[True].position) == 20
    assert len(counted[False].position) == 23


def test_the_published_ground_truth_column_measures_depth_alone(labelled: LabelledSet) -> None:
    truth = replace(NO_FLIP, two_d="truth")

    flat = rows(labelled, np.zeros_like, truth)["MPJPE (P1)"]
    published = rows(labelled, np.zeros_like, replace(truth, replace_xy=True))["MPJPE (P1)"]

    depth = [np.abs(r.truth_mm[..., 2] - r.truth_mm[:, :1, 2]).mean() for r in labelled.test]
    assert published.average == pytest.approx(np.mean(depth), rel=1e-5)
    assert flat.average > published.average


def test_true_joints_are_shown_when_asked_for(labelled: LabelledSet) -> None:
    shown = []

    def lift(clips: np.ndarray) -> np.ndarray:
        shown.append(clips)
        return np.zeros_like(clips)

    rows(labelled, lift, replace(NO_FLIP, two_d="truth"))

    np.testing.assert_array_equal(shown[0][0, ..., :2], labelled.test[0].target[:10, :, :2])


def test_a_lopsided_lifter_is_evened_out_by_flipping(labelled: LabelledSet) -> None:
    def lopsided(clips: np.ndarray) -> np.ndarray:
        poses = np.zeros_like(clips)
        poses[..., 1:, 0] = 0.3  # everything to the right of the root
        return poses

    flat = rows(labelled, np.zeros_like, NO_FLIP)["MPJPE (P1)"].average
    found = {
        flip: rows(labelled, lopsided, replace(NO_FLIP, flip=flip))["MPJPE (P1)"].average
        for flip in (True, False)
    }

    assert found[True] == pytest.approx(flat, rel=1e-6)
    assert found[False] > flat + 10


def test_mirroring_twice_changes_nothing(labelled: LabelledSet) -> None:
    seen = labelled.test[0].seen

    twice = mirrored(mirrored(seen, labelled.mirror), labelled.mirror)

    np.testing.assert_array_equal(twice, seen)
    np.testing.assert_array_equal(mirrored(seen, labelled.mirror)[:, 4, 0], -seen[:, 1, 0])


def test_about_every_frame_a_clip_is_lifted_and_its_middle_kept(
    labelled: LabelledSet, recorded: Film
) -> None:
    recording = replace(recorded(9), valid=np.arange(9) % 2 == 1)
    one = replace_test(labelled, recording)
    protocol = replace(NO_FLIP, frames=5, centre_frame=True)

    found = next(evaluate(one.test, one, lift=knowing(one), protocol=protocol))

    assert len(found.position) == 4
    assert found.position.max() < 1e-2
    assert len(found.velocity) == 0


def test_recordings_of_which_nothing_counts_are_left_out(labelled: LabelledSet) -> None:
    broken = replace(labelled.test[1], valid=np.zeros(6, bool))

    found = evaluate([broken], labelled, lift=np.zeros_like, protocol=NO_FLIP)

    assert list(found) == []


def test_without_true_2d_joints_there_is_no_such_column(labelled: LabelledSet) -> None:
    metric = replace(labelled, picture_units=False)

    with pytest.raises(UsageError, match="no true 2D"):
        rows(metric, np.zeros_like, replace(NO_FLIP, two_d="truth"))


def test_mpi_inf_3dhp_leaves_pelvis_spine_and_head_out_of_pck(labelled: LabelledSet) -> None:
    off = np.zeros((17, 3))
    off[14:, 1] = 0.2  # 300 mm
    off[1, 1] = 0.2

    found = mpi_inf_3dhp_rows(
        evaluate(labelled.test, labelled, lift=knowing(labelled, off=off), protocol=NO_FLIP)
    )

    assert [row.name for row in found] == ["PCK", "AUC", "MPJPE"]
    assert found[0].average == pytest.approx(100 * 13 / 14)
    assert found[1].average == pytest.approx(100 * 13 / 14 * 30 / 31)
    assert found[2].average == pytest.approx(4 / 17 * 300, rel=1e-4)


def replace_test(labelled: LabelledSet, *recordings: Recording) -> LabelledSet:
    return replace(labelled, test=recordings)
