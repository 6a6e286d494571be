import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pose3d_cli.export import npz
from pose3d_cli.export.json_file import write_json
from pose3d_cli.export.npz import write_npz
from pose3d_cli.export.precision import rounded
from pose3d_cli.sequences import Result


def arrays_in(path: Path) -> dict[str, np.ndarray]:
    with np.load(path, allow_pickle=False) as archive:
        return dict(archive)


def leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Yield what a parsed ``result.json`` holds, under the names that NPZ gives it."""
    for key, inner in value.items():
        if isinstance(inner, dict):
            yield from leaves(inner, f"{name}{key}_")
        elif key in {"people", "models"}:
            for number, entry in enumerate(inner, start=1):
                yield from leaves(entry, f"{name}{key.replace('people', 'persons')[:-1]}{number}_")
        else:
            yield f"{name}{key}", inner


def test_it_holds_what_the_json_holds(result: Result, tmp_path: Path) -> None:
    write_json(tmp_path / "x.json", result)
    write_npz(tmp_path / "x.npz", result)
    expected = dict(leaves(json.loads((tmp_path / "x.json").read_text())))
    arrays = arrays_in(tmp_path / "x.npz")
    assert arrays.keys() == expected.keys()
    for name, value in expected.items():
        np.testing.assert_array_equal(arrays[name], np.array(value), err_msg=name)


def test_arrays_have_the_kinds_that_one_calculates_with(pair: Result, tmp_path: Path) -> None:
    write_npz(tmp_path / "x.npz", pair)
    arrays = arrays_in(tmp_path / "x.npz")
    second = rounded(pair).people[1]
    assert arrays["person2_joints3d"].dtype == np.float64
    np.testing.assert_array_equal(arrays["person2_joints3d"], second.world.positions_m)
    assert arrays["person2_observed"].dtype == bool
    assert arrays["person2_start"].item() == 2
    assert (arrays["source_fps_num"].item(), arrays["source_fps_den"].item()) == (30000, 1001)
    assert arrays["skeleton_joints"].tolist() == list(second.world.skeleton.joints)


def test_every_array_that_the_documentation_names_is_there(pair: Result, tmp_path: Path) -> None:
    write_npz(tmp_path / "x.npz", pair)
    arrays = arrays_in(tmp_path / "x.npz")
    line = r"^    (\w+)(?:, _\w+)*  +(\(\)|[fgjr4](?: \w)*)(?= |$)"
    named = dict(re.findall(line, npz.__doc__, re.MULTILINE))
    sizes = {"f": 5, "g": 5, "j": 17, "r": 24}
    assert len(named) == 15
    for name, axes in named.items():
        shape = tuple(sizes.get(axis) or int(axis) for axis in axes.strip("()").split())
        assert arrays[name].shape == shape, name


def test_the_file_does_not_tell_when_it_was_made(pair: Result, tmp_path: Path) -> None:
    write_npz(tmp_path / "x.npz", pair)
    with zipfile.ZipFile(tmp_path / "x.npz") as archive:
        assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_the_name_is_kept_as_it_is(pair: Result, tmp_path: Path) -> None:
    write_npz(tmp_path / "X.NPZ", pair)
    assert [path.name for path in tmp_path.iterdir()] == ["X.NPZ"]


def test_people_with_another_clock_than_the_clip_are_not_written(
    pair: Result, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match="times"):
        write_npz(tmp_path / "late.npz", replace(pair, times_s=pair.times_s + 1))
    assert list(tmp_path.iterdir()) == []
