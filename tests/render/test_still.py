from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from jaxtyping import Float

from pose3d_cli.errors import OutputError
from pose3d_cli.render.still import telling_frame, write_still
from pose3d_cli.sequences import Person
from pose3d_cli.skeleton import H36M17


@pytest.fixture
def reaching(make_person: Callable[..., Person], pose_m: Float[np.ndarray, "17 3"]) -> Person:
    """Somebody who comes in frame 5 and reaches out in frames 10 and, more, 20."""
    positions = np.tile(pose_m, (30, 1, 1))
    wrist = H36M17.index("left_wrist")
    positions[5, wrist] += [0.2, 0.2, 0]
    positions[15, wrist] += [0.4, 0.4, 0]
    return make_person(positions, first_frame=5)


def test_the_farthest_reach_tells_most(reaching: Person) -> None:
    assert telling_frame([reaching]) == 20


def test_what_was_not_seen_tells_nothing(reaching: Person) -> None:
    observed = reaching.poses_2d.observed.copy()
    observed[15] = False
    hidden = replace(reaching, poses_2d=replace(reaching.poses_2d, observed=observed))
    assert telling_frame([hidden]) == 10


def test_more_people_tell_more(reaching: Person) -> None:
    other = replace(reaching, poses_2d=replace(reaching.poses_2d, first_frame=12))
    assert telling_frame([reaching, other]) == 20
    assert telling_frame([]) == 0


@pytest.mark.parametrize(("name", "off"), [("a.png", 0), ("a.JPG", 12), ("a.jpeg", 12)])
def test_a_still_comes_back_as_it_was_and_nothing_is_said(
    tmp_path: Path, name: str, off: int, capfd: pytest.CaptureFixture[str]
) -> None:
    rgb = np.zeros((40, 60, 3), np.uint8)
    rgb[:, 30:] = (200, 120, 40)
    write_still(tmp_path / name, rgb)

    assert not capfd.readouterr().err
    stored = cv2.imread(str(tmp_path / name))
    assert stored is not None
    back = cv2.cvtColor(stored, cv2.COLOR_BGR2RGB)
    assert np.abs(back.astype(int) - rgb)[:, [5, 55]].max() <= off
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_folder_that_is_not_there_is_an_output_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError):
        write_still(tmp_path / "nowhere" / "a.png", np.zeros((4, 4, 3), np.uint8))
