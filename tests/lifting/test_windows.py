from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pose3d_cli.lifting.windows import cross_fade, cut

LENGTHS = st.integers(1, 10_000)


@given(LENGTHS)
def test_every_frame_is_in_a_window_and_no_window_reaches_beyond(frames: int) -> None:
    windows = cut(frames, window=243)

    covered = np.zeros(frames, bool)
    for window in windows:
        assert 0 <= window.start < window.stop <= frames
        covered[window] = True
    assert covered.all()


@given(st.integers(244, 3000))
def test_neighbours_share_a_quarter_of_a_window(frames: int) -> None:
    windows = cut(frames, window=243)

    assert {window.stop - window.start for window in windows} == {243}
    for first, second in pairwise(windows):
        assert first.stop - second.start > 243 / 4 - 1


@pytest.mark.parametrize(
    ("frames", "count"), [(1, 1), (242, 1), (243, 1), (244, 2), (425, 2), (426, 3)]
)
def test_a_window_is_added_only_where_it_is_needed(frames: int, count: int) -> None:
    assert len(cut(frames, window=243)) == count


def test_no_frames_have_no_windows() -> None:
    with pytest.raises(ValueError, match="at least 1 frame"):
        cut(0, window=243)


@given(st.integers(1, 60), st.integers(2, 11))
def test_windows_that_agree_are_put_together_unchanged(frames: int, window: int) -> None:
    poses = np.random.default_rng(frames).normal(size=(frames, 17, 3))
    windows = cut(frames, window=window)

    whole = cross_fade(np.stack([poses[w] for w in windows]), windows, frames=frames)

    np.testing.assert_allclose(whole, poses, atol=1e-12)


def test_nothing_jumps_where_windows_disagree() -> None:
    windows = cut(1000, window=243)
    parts = np.stack([np.full((243, 17, 3), float(i)) for i in range(len(windows))])

    whole = cross_fade(parts, windows, frames=1000)

    # A hard cut would step by 1; the fade takes a quarter of a window for it.
    assert np.abs(np.diff(whole, axis=0)).max() < 1.1 / (243 // 4)


def test_a_window_hardly_counts_where_it_begins_and_ends() -> None:
    windows = cut(1000, window=243)
    parts = np.zeros((len(windows), 243, 17, 3))
    parts[3] = 1

    share = cross_fade(parts, windows, frames=1000)[windows[3], 0, 0]

    assert share[[0, -1]].max() < 1 / (243 // 4)
    assert share.max() > 0.75
