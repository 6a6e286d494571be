"""How recordings are cut into clips, and what actions are called."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pose3d_cli.datasets.labelled import ACTIONS, clips, h36m_action

SIZES = st.integers(1, 60)


@given(length=SIZES, frames=SIZES, stride=SIZES)
def test_with_the_tail_kept_the_last_frame_is_in_a_clip(
    length: int, frames: int, stride: int
) -> None:
    cut = clips(length, frames=frames, stride=stride, drop_tail=False)

    assert cut.shape[1] == frames
    assert cut[0, 0] == 0
    if length >= frames:
        assert cut[-1, -1] == length - 1
    assert (np.diff(cut, axis=1) >= 0).all()


@given(length=SIZES, frames=SIZES)
def test_clips_side_by_side_show_every_frame(length: int, frames: int) -> None:
    cut = clips(length, frames=frames, stride=frames, drop_tail=False)

    assert set(cut.flatten()) == set(range(length))


def test_the_published_cut_drops_what_does_not_fill_a_clip() -> None:
    assert clips(25, frames=10, stride=10, drop_tail=True)[:, 0].tolist() == [0, 10]
    assert clips(25, frames=10, stride=10, drop_tail=False)[:, 0].tolist() == [0, 10, 15]


def test_a_short_recording_is_stretched() -> None:
    assert clips(3, frames=7, stride=1, drop_tail=True).tolist() == [[0, 0, 0, 1, 1, 2, 2]]


@pytest.mark.parametrize(
    ("label", "action"),
    [
        ("s_09_act_05_subact_02_ca_01", "Greeting"),
        ("act_12", "Photo"),
        ("WalkingDog 1", "WalkDog"),
        ("Sitting", "Sitting"),
        ("TS3", "TS3"),
    ],
)
def test_actions_have_the_names_of_the_papers(label: str, action: str) -> None:
    assert h36m_action(label) == action


def test_every_number_from_2_to_16_is_an_action() -> None:
    assert {h36m_action(f"act_{n:02d}") for n in range(2, 17)} == set(ACTIONS)
