from dataclasses import replace

import numpy as np
import pytest
import torch

from pose3d_cli.datasets.mocap import Corpus
from pose3d_cli.errors import InputError
from pose3d_cli.evaluation.benchmark import (
    Conditions,
    Score,
    Window,
    filmed,
    scores,
    summarised,
    windows_of,
    without_depth,
)
from pose3d_cli.evaluation.metrics import ALL

EXACT = Conditions(cameras=3, noise=0.0)


def nothing(rays: np.ndarray, confidence: np.ndarray) -> np.ndarray:
    """Put all joints at the root."""
    return np.zeros((*confidence.shape, 3), np.float32)


def test_windows_cover_all_clips_that_are_long_enough(corpus: Corpus) -> None:
    windows = windows_of(corpus)

    assert windows == [
        Window("A", 0, 243),
        Window("A", 57, 243),
        Window("A", 300, 20),
        Window("B", 320, 40),
    ]


def test_fewer_windows_are_spread_over_each_source(corpus: Corpus) -> None:
    assert [w.start for w in windows_of(corpus, at_most=2)] == [0, 300, 320]
    assert [w.start for w in windows_of(corpus, at_most=1)] == [0, 320]


def test_a_corpus_of_scraps_is_refused(corpus: Corpus) -> None:
    scraps = replace(corpus, length=torch.full((4,), 8))

    with pytest.raises(InputError, match="at least 9 frames"):
        windows_of(scraps)


def test_a_window_is_seen_by_the_same_cameras_whatever_the_noise(corpus: Corpus) -> None:
    window = Window("B", 320, 40)

    exact = filmed(window, corpus, conditions=EXACT)
    noisy = filmed(window, corpus, conditions=replace(EXACT, noise=1.0))
    other = filmed(window, corpus, conditions=replace(EXACT, seed=1))

    assert exact.truth_m.shape == (3, 40, 17, 3)
    assert torch.equal(exact.truth_m, noisy.truth_m)
    assert not torch.equal(exact.rays, noisy.rays)
    assert not torch.equal(exact.truth_m, other.truth_m)


def test_own_bones_are_the_recordings(corpus: Corpus) -> None:
    window = Window("B", 320, 40)
    recorded = corpus.positions_m[320:360, 2] - corpus.positions_m[320:360, 1]

    own = filmed(window, corpus, conditions=replace(EXACT, own_bones=True)).truth_m
    varied = filmed(window, corpus, conditions=EXACT).truth_m

    # Mirrored clips show the right thigh as the left one.
    thighs = [(own[:, :, a] - own[:, :, b]).norm(dim=-1) for a, b in ((2, 1), (5, 4))]
    length = recorded.norm(dim=-1).expand(3, -1)
    nearest = torch.stack([(thigh - length).abs().amax(1) for thigh in thighs]).amin(0)
    assert nearest.max() < 1e-5
    assert not torch.allclose(own, varied)


def test_the_score_of_a_known_lifter_is_known(corpus: Corpus) -> None:
    window = Window("B", 320, 40)
    truth_m = filmed(window, corpus, conditions=EXACT).truth_m

    (score,) = scores([window], corpus, lift=nothing, conditions=EXACT)

    assert (score.source, score.frames) == ("B", 120)
    assert score.lifter["MPJPE"] == pytest.approx(1e3 * float(truth_m.norm(dim=-1).mean()))
    assert score.lifter.keys() == score.flat.keys() == ALL.keys()


def test_flat_poses_lie_in_one_plane_at_the_best_size(corpus: Corpus) -> None:
    batch = filmed(Window("A", 0, 243), corpus, conditions=EXACT)

    flat = without_depth(batch)

    thickness = torch.linalg.svdvals(flat.flatten(1, 2))[:, 2]
    assert thickness.max() < 1e-4
    errors = [
        float((size * flat - batch.truth_m).square().sum(-1).mean()) for size in (0.97, 1.0, 1.03)
    ]
    assert errors[1] < min(errors[0], errors[2])
    assert torch.equal(flat[:, :, 0], torch.zeros(3, 243, 3))


def test_means_are_weighted_by_frames() -> None:
    def score(source: str, frames: int, error: float) -> Score:
        errors = dict.fromkeys(ALL, error)
        return Score(source, frames, lifter=errors, flat={name: 2 * error for name in ALL})

    summary = summarised([score("A", 100, 10.0), score("B", 50, 40.0), score("A", 300, 30.0)])

    assert [(s.source, s.frames, s.lifter["MPJPE"]) for s in summary] == [
        ("A", 400, 25.0),
        ("B", 50, 40.0),
        ("all", 450, pytest.approx(400 / 15)),
    ]
    assert summary[0].flat["P-MPJPE"] == 50
