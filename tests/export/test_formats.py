from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pose3d_cli.errors import OutputError, UsageError
from pose3d_cli.export import FORMATS, files_written, writer_for
from pose3d_cli.export.blender import BY_BLENDER
from pose3d_cli.export.json_file import read_json, write_json
from pose3d_cli.sequences import Result

DRAWN = (".angles.png",)
EVERY_FORMAT = pytest.mark.parametrize(
    "suffix",
    [pytest.param(name, marks=[pytest.mark.slow] * (name in DRAWN)) for name in FORMATS],
)


@EVERY_FORMAT
def test_a_writer_says_which_files_it_wrote(suffix: str, pair: Result, tmp_path: Path) -> None:
    path = tmp_path / f"x{suffix}"
    written = writer_for(path)(path, pair)
    assert sorted(written) == sorted(tmp_path.iterdir())
    assert written == files_written(path, people=2)
    assert all(file.name.endswith(suffix) for file in written)


@EVERY_FORMAT
def test_from_memory_and_from_json_it_is_the_same_file(
    suffix: str, result: Result, tmp_path: Path
) -> None:
    write_json(tmp_path / "result.json", result)
    (tmp_path / "direct").mkdir()
    (tmp_path / "later").mkdir()
    writer = FORMATS[suffix]
    direct = writer(tmp_path / f"direct/x{suffix}", result)
    later = writer(tmp_path / f"later/x{suffix}", read_json(tmp_path / "result.json"))
    assert [path.name for path in direct] == [path.name for path in later]
    for one, other in zip(direct, later, strict=True):
        assert one.read_bytes() == other.read_bytes()


@EVERY_FORMAT
def test_a_result_with_nan_is_not_written(suffix: str, pair: Result, tmp_path: Path) -> None:
    person = pair.people[0]
    holed = replace(
        person,
        world=replace(person.world, positions_m=person.world.positions_m * np.nan),
        motion=replace(person.motion, root_m=person.motion.root_m * np.nan),
    )
    with pytest.raises(ValueError, match=r"NaN|JSON"):
        FORMATS[suffix](tmp_path / f"x{suffix}", replace(pair, people=(holed,)))
    assert list(tmp_path.iterdir()) == []


@EVERY_FORMAT
def test_a_folder_that_does_not_exist_is_named(suffix: str, pair: Result, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="nowhere"):
        FORMATS[suffix](tmp_path / f"nowhere/x{suffix}", pair)


@pytest.mark.parametrize("name", ["A.BVH", "a.b.json", "a.Json.gz"])
def test_the_suffix_alone_chooses_the_format(name: str) -> None:
    suffix = next(suffix for suffix in FORMATS if name.lower().endswith(suffix))
    writer = writer_for(Path(name))
    assert getattr(writer, "func", writer) is FORMATS[suffix]


@pytest.mark.parametrize("name", ["a.fxb", "bvh", "a", "a.gz"])
def test_an_unknown_suffix_names_the_known_ones(name: str) -> None:
    with pytest.raises(UsageError, match=name) as raised:
        writer_for(Path(name))
    assert all(suffix in str(raised.value.hint) for suffix in (*FORMATS, *BY_BLENDER))
