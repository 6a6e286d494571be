from collections.abc import Callable

import numpy as np
import pytest
import torch

from pose3d_cli.datasets.mocap import Corpus
from pose3d_cli.evaluation.baselines import Memory, without_depth
from pose3d_cli.evaluation.benchmark import (
    by_joint_mm,
    by_pitch,
    by_roll,
    by_source,
    scores,
)
from pose3d_cli.evaluation.conditions import Conditions
from pose3d_cli.evaluation.windows import filmed, groups_of, windows_of

MakeCorpus = Callable[..., Corpus]
EXACT = Conditions(noise=0.0, own_bones=True)


def truths(motion: Corpus, conditions: Conditions) -> list[np.ndarray]:
    return [
        filmed(group, motion, conditions=conditions).batch.truth_m.numpy()
        for group in groups_of(windows_of(motion))
    ]


def test_the_truth_scores_best_and_flat_poses_do_not(corpus: MakeCorpus) -> None:
    motion = corpus(40)
    answers = iter(truths(motion, EXACT))

    (group,) = scores(windows_of(motion), motion, lift=lambda *_: next(answers), conditions=EXACT)

    assert len(group) == 4
    for score in group:
        perfect = score.errors["lifter"]
        assert max(e for name, e in perfect.items() if name not in {"PCK", "AUC"}) < 0.1
        assert perfect["PCK"] == 100
        assert score.errors["flat"]["MPJPE"] > 50


def test_flat_poses_have_no_depth_towards_the_person_and_the_best_size(corpus: MakeCorpus) -> None:
    motion = corpus(30)
    batch = filmed(groups_of(windows_of(motion))[0], motion, conditions=EXACT).batch

    flat = without_depth(batch)

    rank = torch.linalg.matrix_rank(flat.flatten(1, 2), atol=1e-4)
    assert rank.tolist() == [2] * len(flat)
    error = (flat - batch.truth_m).square().sum()
    for size in (0.97, 1.03):
        assert (size * flat - batch.truth_m).square().sum() > error


def test_sources_are_averaged_by_frames(corpus: MakeCorpus) -> None:
    motion = corpus(10, 30)
    shifts = iter([0.1, 0.5])

    def off(*_: np.ndarray) -> np.ndarray:
        return np.asarray(next(exact) + np.float32(next(shifts)) * np.eye(3, dtype=np.float32)[0])

    exact = iter(truths(motion, EXACT))
    groups = scores(windows_of(motion), motion, lift=off, conditions=EXACT)
    every = [score for group in groups for score in group]
    a, b, both = by_source(every)

    assert [row.name for row in (a, b, both)] == ["A", "B", "all"]
    assert a.errors["lifter"]["MPJPE"] == pytest.approx(100, rel=1e-4)
    assert b.errors["lifter"]["MPJPE"] == pytest.approx(500, rel=1e-4)
    mean = (10 * 100 + 30 * 500) / 40
    assert both.errors["lifter"]["MPJPE"] == pytest.approx(mean, rel=1e-4)
    np.testing.assert_allclose(by_joint_mm(every), np.full(17, mean), rtol=1e-4)


def test_cameras_are_sorted_by_pitch_and_roll(corpus: MakeCorpus) -> None:
    motion = corpus(20)
    steep = Conditions(noise=0.0, pitch_deg=50.0, roll_deg=25.0, cameras=8)

    groups = scores(windows_of(motion), motion, lift=lambda r, _: _zeros(r), conditions=steep)
    every = [score for group in groups for score in group]

    assert [row.name for row in by_pitch(every)] == ["pitch 30…90°"]
    assert [row.name for row in by_roll(every)] == ["roll 15…180°"]
    assert {np.sign(score.roll_deg) for score in every} == {-1, 1}


def test_clips_are_lifted_in_pieces_of_the_length_asked_for(corpus: MakeCorpus) -> None:
    motion = corpus(100)
    lengths = []

    def note(rays: np.ndarray, confidence: np.ndarray) -> np.ndarray:
        lengths.append((rays.shape[1], confidence.shape[1]))
        return _zeros(rays)

    list(scores(windows_of(motion), motion, lift=note, conditions=Conditions(frames=30)))

    assert lengths == [(30, 30)] * 4


def test_a_memory_knows_what_it_has_seen(corpus: MakeCorpus) -> None:
    motion = corpus(60)
    memory = Memory.of(motion, clips=150)
    exact = Conditions(noise=0.0)
    batch = filmed(groups_of(windows_of(motion))[0], motion, conditions=exact).batch

    nearest, mean = memory.nearest(batch), memory.mean_pose(batch)

    error = (nearest - batch.truth_m).norm(dim=-1).mean()
    assert error < 0.7 * (mean - batch.truth_m).norm(dim=-1).mean()
    assert mean.shape == batch.truth_m.shape


def _zeros(rays: np.ndarray) -> np.ndarray:
    return np.zeros((*rays.shape[:-1], 3), np.float32)
