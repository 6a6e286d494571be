from pathlib import Path

import pytest

from pose3d_cli.errors import UsageError
from pose3d_cli.export import FORMATS, writer_for
from pose3d_cli.sequences import Result


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_writer_says_which_files_it_wrote(suffix: str, pair: Result, tmp_path: Path) -> None:
    path = tmp_path / f"x{suffix}"
    written = writer_for(path)(path, pair)
    assert sorted(written) == sorted(tmp_path.iterdir())
    assert all(file.name.endswith(suffix) for file in written)


@pytest.mark.parametrize("name", ["A.BVH", "a.b.json", "a.Json.gz"])
def test_the_suffix_alone_chooses_the_format(name: str) -> None:
    suffix = next(suffix for suffix in FORMATS if name.lower().endswith(suffix))
    assert writer_for(Path(name)) is FORMATS[suffix]


@pytest.mark.parametrize("name", ["a.fbx", "bvh", "a", "a.gz"])
def test_an_unknown_suffix_names_the_known_ones(name: str) -> None:
    with pytest.raises(UsageError, match=name) as raised:
        writer_for(Path(name))
    assert all(suffix in str(raised.value.hint) for suffix in FORMATS)
