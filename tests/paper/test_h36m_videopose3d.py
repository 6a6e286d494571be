"""Human3.6M in VideoPose3D's form, on made-up files."""

import json
from pathlib import Path

import numpy as np
import pytest

from pose3d_cli.datasets.h36m_videopose3d import read_videopose3d
from pose3d_cli.datasets.labelled import LabelledSet
from pose3d_cli.errors import InputError


def read(files: dict[str, Path]) -> LabelledSet:
    return read_videopose3d(
        files["data_2d_h36m_gt.npz"],
        positions=files["data_3d_h36m.npz"],
        cameras=files["camera-parameters.json"],
    )


def test_every_camera_films_every_action(videopose3d_files: dict[str, Path]) -> None:
    found = read(videopose3d_files)

    assert [r.action for r in found.train] == ["WalkDog"] * 4
    assert [r.name for r in found.test][:2] == ["S9 Directions 54138969", "S9 Directions 55011271"]
    assert {len(recording) for recording in found.test} == {20}


def test_cameras_see_the_same_person_from_their_own_sides(
    videopose3d_files: dict[str, Path],
) -> None:
    first, _, third, _ = read(videopose3d_files).test
    relative = [r.truth_mm - r.truth_mm[:, :1] for r in (first, third)]

    # Camera 3 stands opposite: what is to the right and behind is to the left and before.
    np.testing.assert_allclose(relative[0] * [-1, 1, -1], relative[1], atol=1e-6)
    assert (first.truth_mm[..., 2] > 0).all()


def test_targets_are_metres(videopose3d_files: dict[str, Path]) -> None:
    recording = read(videopose3d_files).test[0]

    said_mm = recording.target * recording.mm_per_unit[:, None, None]
    np.testing.assert_allclose(said_mm, recording.truth_mm, atol=0.01)


def test_a_camera_that_nobody_knows_is_named(videopose3d_files: dict[str, Path]) -> None:
    path = videopose3d_files["camera-parameters.json"]
    known = json.loads(path.read_text())
    del known["extrinsics"]["S9"]["58860488"]
    path.write_text(json.dumps(known))

    with pytest.raises(InputError, match="58860488"):
        read(videopose3d_files)


@pytest.mark.parametrize("name", ["data_2d_h36m_gt.npz", "data_3d_h36m.npz"])
def test_files_of_something_else_are_named(videopose3d_files: dict[str, Path], name: str) -> None:
    path = videopose3d_files[name]
    np.savez(path, positions_2d=np.zeros(3), positions_3d=np.zeros(3))

    with pytest.raises(InputError, match=name):
        read(videopose3d_files)


def test_cameras_of_something_else_are_named(videopose3d_files: dict[str, Path]) -> None:
    videopose3d_files["camera-parameters.json"].write_text("[]")

    with pytest.raises(InputError, match=r"camera-parameters\.json"):
        read(videopose3d_files)
