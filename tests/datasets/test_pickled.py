"""Pickles of arrays are read, and nothing in them runs."""

import codecs
import os
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pose3d_cli.datasets.pickled import read_npz_object, read_pickle
from pose3d_cli.errors import InputError

POSES = {
    "train": {"joint_2d": np.arange(6.0).reshape(1, 3, 2), "source": ["a"], "factor": np.float64(2)}
}


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_arrays_lists_and_text_come_back(tmp_path: Path, protocol: int) -> None:
    path = tmp_path / "poses.pkl"
    path.write_bytes(pickle.dumps(POSES, protocol=protocol))

    read = read_pickle(path)["train"]

    np.testing.assert_array_equal(read["joint_2d"], POSES["train"]["joint_2d"])
    assert (read["source"], read["factor"]) == (["a"], 2)


def test_numpys_old_module_names_are_known(tmp_path: Path) -> None:
    path = tmp_path / "poses.pkl"
    old = pickle.dumps(np.arange(3.0), protocol=2).replace(b"numpy._core", b"numpy.core")
    path.write_bytes(old)

    np.testing.assert_array_equal(read_pickle(path), np.arange(3.0))


class Attack:
    def __init__(self, call: Any, *args: Any) -> None:
        self.calls = call, args

    def __reduce__(self) -> Any:
        return self.calls


@pytest.mark.parametrize(
    ("attack", "named"),
    [
        (Attack(os.system, "touch owned"), "system"),
        (Attack(eval, "open('owned', 'w')"), "eval"),
        (Attack(codecs.encode, "owned", "rot13"), "rot13"),
        (Attack(np.load, "owned"), "load"),
    ],
    ids=["system", "eval", "codec", "load"],
)
@pytest.mark.parametrize("protocol", [0, 2, 4, 5])
def test_nothing_in_a_pickle_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, attack: Attack, named: str, protocol: int
) -> None:
    monkeypatch.chdir(tmp_path)
    path, archive = tmp_path / "poses.pkl", tmp_path / "poses.npz"
    path.write_bytes(pickle.dumps({"train": attack}, protocol=protocol))
    np.savez(archive, data=np.array({"TS1": attack}, dtype=object))

    with pytest.raises(InputError, match=named):
        read_pickle(path)
    with pytest.raises(InputError, match=named):
        read_npz_object(archive, "data")

    assert not (tmp_path / "owned").exists()


@pytest.mark.parametrize("length", [0, 1, 10, 60, 150])
def test_a_pickle_that_was_cut_off_is_named(tmp_path: Path, length: int) -> None:
    path = tmp_path / "poses.pkl"
    path.write_bytes(pickle.dumps(POSES)[:length])

    with pytest.raises(InputError, match=r"poses\.pkl"):
        read_pickle(path)


@pytest.mark.parametrize("damage", ["missing", "text", "entry"])
def test_an_archive_that_is_none_is_named(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "poses.npz"
    if damage == "text":
        path.write_text("no archive")
    if damage == "entry":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("data.npy", b"no array")

    with pytest.raises(InputError, match=r"poses\.npz"):
        read_npz_object(path, "data")


def test_an_archive_without_the_entry_says_which(tmp_path: Path) -> None:
    np.savez(tmp_path / "poses.npz", other=np.zeros(3))

    with pytest.raises(InputError, match="positions_2d"):
        read_npz_object(tmp_path / "poses.npz", "positions_2d")


def test_plain_arrays_need_no_pickle(tmp_path: Path) -> None:
    np.savez(tmp_path / "poses.npz", data=np.arange(4))

    np.testing.assert_array_equal(read_npz_object(tmp_path / "poses.npz", "data"), np.arange(4))
