import numpy as np
import pytest
import torch

from pose3d_cli.datasets.mocap import Corpus
from pose3d_cli.errors import InputError
from pose3d_cli.evaluation.benchmark import (
    Conditions,
    filmed,
    scores,
    summarised,
    windows_of,
    without_depth,
)

EXACT = Conditions(noise=0.0, own_bones=True)


def corpus(*lengths: int) -> Corpus:
    """Return clips of one pose that sways, of sources A, B, C…"""
    generator = torch.Generator().manual_seed(0)
    length = torch.tensor(lengths)
    rest = torch.randn(1, 24, 3, generator=generator) * 0.4
    sway = 0.01 * torch.randn(sum(lengths), 24, 3, generator=generator).cumsum(0)
    names = tuple("ABCDEFG"[: len(lengths)])
    return Corpus(rest + sway, length.cumsum(0) - length, length, names, 30.0)


def test_windows_cover_every_frame_of_their_clip() -> None:
    motion = corpus(600, 20)
    covered = np.zeros(620, bool)
    for window in windows_of(motion):
        covered[window.start : window.start + window.frames] = True

    assert covered.all()
    assert [window.frames for window in windows_of(motion)] == [243, 243, 243, 20]


def test_clips_too_short_to_lift_are_left_out_and_alone_are_an_error() -> None:
    assert [window.source for window in windows_of(corpus(5, 9))] == ["B"]
    with pytest.raises(InputError, match="9 frames"):
        windows_of(corpus(5))


def test_fewer_windows_are_spread_over_every_source() -> None:
    chosen = windows_of(corpus(1000, 1000), at_most=2)

    assert [window.source for window in chosen] == ["A", "A", "B", "B"]
    assert chosen[0].start == 0


def test_cameras_are_the_same_whatever_the_noise() -> None:
    motion = corpus(30)
    window = windows_of(motion)[0]

    exact, noisy = (
        filmed(window, motion, conditions=Conditions(noise=noise)) for noise in (0.0, 1.0)
    )

    assert torch.equal(exact.truth_m, noisy.truth_m)
    assert not torch.equal(exact.rays, noisy.rays)


def test_another_seed_means_other_cameras() -> None:
    motion = corpus(30)
    window = windows_of(motion)[0]

    first, second, third = (
        filmed(window, motion, conditions=Conditions(seed=seed)) for seed in (0, 0, 1)
    )

    assert torch.equal(first.rays, second.rays)
    assert not torch.allclose(first.truth_m, third.truth_m)


def test_own_bones_are_the_recordings() -> None:
    motion = corpus(30)
    window = windows_of(motion)[0]
    recorded = motion.positions_m[:, [2, 5]] - motion.positions_m[:, [1, 4]]

    own, varied = (
        filmed(window, motion, conditions=Conditions(own_bones=own)).truth_m
        for own in (True, False)
    )

    # A mirrored clip shows the right thigh as the left one: together they are as long as before.
    thighs = (own[:, :, [2, 5]] - own[:, :, [1, 4]]).norm(dim=-1).sum(-1)
    torch.testing.assert_close(thighs, recorded.norm(dim=-1).sum(-1).expand(4, -1))
    assert not torch.allclose(own, varied)


def test_the_truth_scores_zero_and_flat_poses_do_not() -> None:
    motion = corpus(40)
    truth = [filmed(w, motion, conditions=EXACT).truth_m.numpy() for w in windows_of(motion)]
    answers = iter(truth)

    (score,) = scores(windows_of(motion), motion, lift=lambda *_: next(answers), conditions=EXACT)

    assert max(score.lifter.values()) < 1e-3
    assert score.flat["MPJPE"] > 50


def test_flat_poses_have_no_depth_towards_the_person_and_the_best_size() -> None:
    motion = corpus(30)
    batch = filmed(windows_of(motion)[0], motion, conditions=EXACT)

    flat = without_depth(batch)

    rank = torch.linalg.matrix_rank(flat.flatten(1, 2), atol=1e-4)
    assert rank.tolist() == [2] * len(flat)
    error = (flat - batch.truth_m).square().sum()
    for size in (0.97, 1.03):
        assert (size * flat - batch.truth_m).square().sum() > error


def test_sources_are_averaged_by_frames() -> None:
    motion = corpus(10, 30)
    shifts = iter([0.1, 0.5])

    def off(*_: np.ndarray) -> np.ndarray:
        truth = next(truths)
        return np.asarray(truth + np.float32(next(shifts)) * np.array([1, 0, 0], np.float32))

    truths = iter([filmed(w, motion, conditions=EXACT).truth_m.numpy() for w in windows_of(motion)])
    a, b, every = summarised(scores(windows_of(motion), motion, lift=off, conditions=EXACT))

    assert [s.source for s in (a, b, every)] == ["A", "B", "all"]
    assert a.lifter["MPJPE"] == pytest.approx(100, rel=1e-4)
    assert b.lifter["MPJPE"] == pytest.approx(500, rel=1e-4)
    assert every.lifter["MPJPE"] == pytest.approx((10 * 100 + 30 * 500) / 40, rel=1e-4)
