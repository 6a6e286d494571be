from pathlib import Path

import numpy as np
import pytest

from pose3d_cli.datasets.licences import check_licence, strictest, tier_of
from pose3d_cli.datasets.mocap import read_corpus
from pose3d_cli.datasets.shard_file import Clip, write_shard
from pose3d_cli.errors import UsageError


def test_the_strictest_tier_binds() -> None:
    assert strictest("A", "S", "B") == "B"
    assert strictest("C", "A") == "C"
    assert strictest("", "S") == "S"


def test_known_collections_have_their_tiers() -> None:
    assert [tier_of(s) for s in ("PROC", "CMU", "HDM05", "Bandai", "mine")] == [
        "S", "A", "B", "C", "",
    ]  # fmt: skip


@pytest.mark.parametrize("licence", ["CC-BY-SA-4.0", "CC0-1.0", "ENCLOSED"])
def test_weights_are_never_freer_than_their_data(licence: str) -> None:
    with pytest.raises(UsageError, match="commercially"):
        check_licence(licence, tiers=["A", "C"])


@pytest.mark.parametrize("licence", ["CC-BY-4.0", "CC0-1.0", "VISAGE"])
def test_what_must_be_shared_alike_is(licence: str) -> None:
    with pytest.raises(UsageError, match="alike"):
        check_licence(licence, tiers=["A", "B"])
    check_licence(licence, tiers=["A", "S", ""])


def test_weights_that_say_so_may_learn_from_all() -> None:
    check_licence("CC-BY-SA-4.0", tiers=["A", "B", "S", ""])
    check_licence("CC-BY-NC-SA-4.0", tiers=["A", "B", "C"])


def test_weights_keep_the_terms_of_those_they_start_from() -> None:
    with pytest.raises(UsageError, match=r"commercially.*alike"):
        check_licence("CC0-1.0", tiers=["A"], of_start="CC-BY-NC-SA-4.0")
    check_licence("CC-BY-NC-SA-4.0", tiers=["A"], of_start="CC-BY-NC-4.0")
    check_licence("CC0-1.0", tiers=["A"], of_start="CC-BY-4.0")


def test_what_is_written_is_read_again_with_its_tier(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    clips = [Clip(n, rng.normal(0, 1, (12, 24, 3)).cumsum(0)) for n in ("a", "b")]
    write_shard(tmp_path / "mine.npz", clips, source="mine", tier="B", licence="CC BY-SA 4.0")

    corpus = read_corpus([tmp_path / "mine.npz"])

    assert (corpus.source, corpus.tiers) == (("mine", "mine"), {"mine": "B"})
    for number, clip in enumerate(clips):
        part = corpus.positions_m[12 * number : 12 * number + 12].numpy()
        moved = clip.positions_m - clip.positions_m[0, 0]
        np.testing.assert_allclose(part - part[0, 0], moved, atol=1.1e-3)
        assert part[..., 2].min() == 0  # on the floor
