from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from pose3d_cli.datasets.mocap import Corpus, read_corpus
from pose3d_cli.errors import InputError

Shard = Callable[..., Path]


def test_every_clip_starts_anew_and_adds_up_its_steps(shard: Shard) -> None:
    path = shard()
    delta = np.load(path)["delta"].astype(np.int64)

    corpus = read_corpus([path])

    assert corpus.positions_m.shape == (12, 24, 3)
    expected_mm = np.concatenate([delta[:5].cumsum(0), delta[5:].cumsum(0)])[:, :24]
    np.testing.assert_allclose(corpus.positions_m.numpy(), expected_mm / 1000, atol=1e-6)


def test_shards_are_laid_end_to_end(shard: Shard) -> None:
    corpus = read_corpus([shard("a.npz"), shard("b.npz", source=np.array("BANDAI"))])

    assert corpus.start.tolist() == [0, 5, 12, 17]
    assert corpus.length.tolist() == [5, 7, 5, 7]
    assert corpus.source == ("CMU", "HDM05", "BANDAI", "BANDAI")


def test_sources_can_be_left_out(shard: Shard) -> None:
    corpus = read_corpus([shard()], only=["HDM05"])

    assert corpus.source == ("HDM05",)
    assert corpus.start.tolist() == [0]
    assert len(corpus.positions_m) == 7


def test_sources_are_drawn_by_weight_and_clips_within_one_by_length(corpus: Corpus) -> None:
    chances = corpus.chances({"A": 3.0, "B": 1.0})

    torch.testing.assert_close(chances, torch.tensor([0.75 * 30 / 35, 0.75 * 5 / 35, 0.25]))


def test_straight_legs_count_for_more_if_they_are_to(t_pose: torch.Tensor) -> None:
    standing, squatting = t_pose[0], t_pose[1].clone()
    squatting[:, [2, 5], 1] -= 0.5  # knees far ahead
    two = torch.tensor([4, 4])
    clips = torch.cat([standing, squatting])
    corpus = Corpus(clips, two.cumsum(0) - two, two, ("A", "A"), 30.0)

    torch.testing.assert_close(corpus.chances({"A": 1.0}), torch.tensor([0.5, 0.5]))
    leaning = corpus.chances({"A": 1.0}, standing=3.0)
    torch.testing.assert_close(leaning, torch.tensor([0.8, 0.2]))  # 4 frames and 3 × 4, and 4


def test_a_source_without_a_weight_is_an_error(corpus: Corpus) -> None:
    with pytest.raises(ValueError, match="B"):
        corpus.chances({"A": 1.0})


def test_missing_and_foreign_files_are_named(tmp_path: Path) -> None:
    text = tmp_path / "text.npz"
    text.write_text("not an archive")

    with pytest.raises(InputError, match=r"text\.npz is not a motion shard"):
        read_corpus([text])
    with pytest.raises(InputError, match=r"there is no shard .*none\.npz$"):
        read_corpus([tmp_path / "none.npz"])


def test_a_source_that_no_clip_has_is_named(shard: Shard) -> None:
    with pytest.raises(InputError, match=r"no clips of MINE in .*shard\.npz$"):
        read_corpus([shard()], only=["MINE"])


def test_a_pickle_is_never_loaded(shard: Shard) -> None:
    path = shard(source=np.array([{"run": "me"}, None], dtype=object))

    with pytest.raises(InputError, match="not a motion shard"):
        read_corpus([path])


@pytest.mark.parametrize(
    "damage",
    [
        {"length": np.array([5, 8])},
        {"start": np.array([-1, 5])},
        {"length": np.array([5])},
        {"delta": np.zeros((12, 26, 3), np.float32)},
        {"delta": np.zeros((12, 17, 3), np.int16)},
    ],
)
def test_clips_that_do_not_fit_their_frames_are_refused(
    shard: Shard, damage: dict[str, np.ndarray]
) -> None:
    with pytest.raises(InputError, match="not a motion shard"):
        read_corpus([shard(**damage)])


def test_rates_are_not_mixed(shard: Shard) -> None:
    with pytest.raises(InputError, match="different rates"):
        read_corpus([shard("a.npz"), shard("b.npz", fps=np.array(60))])


def test_a_corpus_moves_to_a_device_as_it_is(corpus: Corpus) -> None:
    moved = corpus.to("meta")

    assert moved.positions_m.shape == corpus.positions_m.shape
    assert {t.device.type for t in (moved.positions_m, moved.start, moved.length)} == {"meta"}
    assert (moved.source, moved.fps) == (corpus.source, corpus.fps)
