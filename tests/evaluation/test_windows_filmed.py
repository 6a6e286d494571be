from collections.abc import Callable

import numpy as np
import pytest
import torch

from pose3d_cli.datasets.mocap import Corpus
from pose3d_cli.errors import InputError, UsageError
from pose3d_cli.evaluation.conditions import Conditions
from pose3d_cli.evaluation.windows import TOGETHER, filmed, groups_of, pieces, windows_of

MakeCorpus = Callable[..., Corpus]
STATISTICS = {
    "realistic/1": (-0.034966, 0.142695, 0.0030577),
    "unified/1": (-0.037432, 0.144265, 0.0033503),
    "marked/1": (-0.043857, 0.051589, 0.0013468),
}
"""Mean, spread and mean step of what four cameras see of the corpus below."""


def seen(motion: Corpus, **how: float | str) -> torch.Tensor:
    group = groups_of(windows_of(motion))[0]
    return filmed(group, motion, conditions=Conditions(**how)).batch.rays  # type: ignore[arg-type]


def test_windows_cover_every_frame_of_their_clip(corpus: MakeCorpus) -> None:
    motion = corpus(600, 20)
    covered = np.zeros(620, bool)
    for window in windows_of(motion):
        covered[window.start : window.start + window.frames] = True

    assert covered.all()
    assert [window.frames for window in windows_of(motion)] == [243, 243, 243, 20]


def test_clips_too_short_to_lift_are_left_out_and_alone_are_an_error(corpus: MakeCorpus) -> None:
    assert [window.source for window in windows_of(corpus(5, 9))] == ["B"]
    with pytest.raises(InputError, match="9 frames"):
        windows_of(corpus(5))


def test_fewer_windows_are_spread_over_every_source(corpus: MakeCorpus) -> None:
    chosen = windows_of(corpus(1000, 1000), at_most=2)

    assert [window.source for window in chosen] == ["A", "A", "B", "B"]
    assert chosen[0].start == 0


def test_only_windows_of_equal_length_are_filmed_together(corpus: MakeCorpus) -> None:
    windows = windows_of(corpus(243 * (TOGETHER + 1), 30, 30))

    groups = groups_of(windows)

    assert [len(group) for group in groups] == [2, TOGETHER, 1]
    assert sorted(w.start for g in groups for w in g) == sorted(w.start for w in windows)


@pytest.mark.parametrize(("frames", "length"), [(243, 30), (243, 243), (50, 60), (61, 60)])
def test_pieces_cover_everything_and_are_as_long_as_they_can_be(frames: int, length: int) -> None:
    stretches = list(pieces(frames, length=length))

    covered = np.zeros(frames, int)
    for piece in stretches:
        covered[piece] += 1
    assert covered.min() == 1
    assert {piece.stop - piece.start for piece in stretches} == {min(length, frames)}


def test_cameras_are_the_same_whatever_the_noise(corpus: MakeCorpus) -> None:
    motion = corpus(30)
    group = groups_of(windows_of(motion))[0]

    exact, noisy = (
        filmed(group, motion, conditions=Conditions(noise=noise)).batch for noise in (0.0, 1.0)
    )

    assert torch.equal(exact.truth_m, noisy.truth_m)
    assert not torch.equal(exact.rays, noisy.rays)


def test_another_seed_means_other_cameras(corpus: MakeCorpus) -> None:
    motion = corpus(30)

    assert torch.equal(seen(motion, seed=0), seen(motion, seed=0))
    assert not torch.allclose(seen(motion, seed=0), seen(motion, seed=1))


def test_own_bones_are_the_recordings(corpus: MakeCorpus) -> None:
    motion = corpus(30)
    group = groups_of(windows_of(motion))[0]
    recorded = motion.positions_m[:, [2, 5]] - motion.positions_m[:, [1, 4]]

    own, varied = (
        filmed(group, motion, conditions=Conditions(own_bones=own)).batch.truth_m
        for own in (True, False)
    )

    # A mirrored clip shows the right thigh as the left one: together they are as long as before.
    thighs = (own[:, :, [2, 5]] - own[:, :, [1, 4]]).norm(dim=-1).sum(-1)
    torch.testing.assert_close(
        thighs, recorded.norm(dim=-1).sum(-1).expand(4, -1), atol=1e-4, rtol=1e-4
    )
    assert not torch.allclose(own, varied)


def test_every_clip_knows_its_source_and_camera(corpus: MakeCorpus) -> None:
    motion = corpus(30, 30)
    steep = Conditions(pitch_deg=40.0, roll_deg=10.0, cameras=3)

    shot = filmed(groups_of(windows_of(motion))[0], motion, conditions=steep)

    assert shot.sources == ["A", "A", "A", "B", "B", "B"]
    assert np.abs(np.abs(shot.roll_deg) - 10).max() < 8  # hands shake, cameras turn
    assert np.abs(shot.pitch_deg - 40).max() < 15


def test_conditions_are_named_by_what_differs_from_the_pinned_ones() -> None:
    assert Conditions().name == "realistic/1"
    assert Conditions(roll_deg=25.0, noise=0.5).name == "realistic/1 noise=0.5 roll_deg=25"


def test_nothing_is_pinned_under_an_unknown_name() -> None:
    with pytest.raises(UsageError, match="realistic/9"):
        Conditions(protocol="realistic/9")


def test_unified_bodies_have_all_one_build(corpus: MakeCorpus) -> None:
    motion = corpus(30, 30)
    group = groups_of(windows_of(motion))[0]

    unified = filmed(group, motion, conditions=Conditions(protocol="unified/1")).batch.truth_m
    varied = filmed(group, motion, conditions=Conditions()).batch.truth_m

    def shin_by_thigh(poses: torch.Tensor) -> torch.Tensor:
        thigh, shin = (poses[:, 0, a] - poses[:, 0, b] for a, b in ((2, 1), (3, 2)))
        ratio: torch.Tensor = shin.norm(dim=-1) / thigh.norm(dim=-1)
        return ratio

    torch.testing.assert_close(
        shin_by_thigh(unified), torch.full((8,), 0.4545 / 0.4429), rtol=1e-3, atol=0
    )
    assert shin_by_thigh(varied).std() > 0.01


@pytest.mark.parametrize("protocol", STATISTICS)
def test_what_is_pinned_stays_what_it_is(corpus: MakeCorpus, protocol: str) -> None:
    """A behaviour pin: whoever must change it gives the conditions another name."""
    rays = seen(corpus(40), protocol=protocol)

    statistics = [rays.mean(), rays.std(), rays.diff(dim=1).abs().mean()]
    np.testing.assert_allclose(statistics, STATISTICS[protocol], rtol=2e-3)
