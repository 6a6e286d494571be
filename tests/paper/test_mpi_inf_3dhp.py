"""MPI-INF-3DHP in P-STMO's form, on made-up files."""

from pathlib import Path

import numpy as np
import pytest

from pose3d_cli.datasets.labelled import LabelledSet
from pose3d_cli.datasets.mpi_inf_3dhp import MIRROR, read_mpi_inf_3dhp
from pose3d_cli.errors import InputError


def read(files: dict[str, Path]) -> LabelledSet:
    return read_mpi_inf_3dhp(files["data_train_3dhp.npz"], test=files["data_test_3dhp.npz"])


def test_cameras_and_test_sequences_are_recordings(mpi_files: dict[str, Path]) -> None:
    found = read(mpi_files)

    assert [r.name for r in found.train] == ["S1 Seq1 0", "S1 Seq1 4"]
    assert [(r.name, int(r.valid.sum())) for r in found.test] == [("TS1", 6), ("TS5", 6)]
    assert found.root == 14


def test_outdoor_sequences_have_pictures_of_their_own_size(mpi_files: dict[str, Path]) -> None:
    indoors, outdoors = read(mpi_files).test

    assert indoors.mm_per_unit[0] == 1024
    assert outdoors.mm_per_unit[0] == 960
    for recording in (indoors, outdoors):
        said_mm = recording.target * recording.mm_per_unit[:, None, None]
        np.testing.assert_allclose(said_mm, recording.truth_mm, atol=0.01)


def test_the_mirror_exchanges_sides_and_keeps_the_trunk() -> None:
    assert [MIRROR[j] for j in MIRROR] == list(range(17))
    assert [j for j in range(17) if MIRROR[j] == j] == [0, 1, 14, 15, 16]


@pytest.mark.parametrize(
    "data", [np.zeros(3), np.array({"S1 Seq1": 3}, dtype=object), np.array({}, dtype=object)]
)
def test_archives_of_something_else_are_named(mpi_files: dict[str, Path], data: np.ndarray) -> None:
    np.savez(mpi_files["data_train_3dhp.npz"], data=data)

    with pytest.raises(InputError, match="data_train_3dhp"):
        read(mpi_files)
