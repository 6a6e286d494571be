"""What we ask of Blender, and what we make of its answers; a script stands in for it."""

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pose3d_cli.errors import DeviceError, OutputError, Pose3DError
from pose3d_cli.export import files_written, writer_for
from pose3d_cli.export.blender import find_blender, write_with_blender
from pose3d_cli.export.bvh_style import BvhStyle
from pose3d_cli.outputs import check_formats
from pose3d_cli.sequences import Result

COPIES_ITS_BVH = """
import pathlib, sys
options, (source, target, unit) = sys.argv[1:-4], sys.argv[-3:]
assert sys.argv[-4] == "--"
assert options[:4] == ["--background", "--factory-startup", "--python-exit-code", "1"]
assert options[4] == "--python" and "import_anim.bvh" in pathlib.Path(options[5]).read_text()
pathlib.Path(target).write_text(unit + "\\n" + pathlib.Path(source).read_text())
"""
WRITES_NOTHING = "print('all is well')"
FAILS = "import sys; print('ValueError: no such mode', file=sys.stderr); sys.exit(1)"


def stand_in(folder: Path, script: str) -> Path:
    folder.mkdir(exist_ok=True)
    program = folder / "blender"
    program.write_text(f"#!{sys.executable}\n{script}")
    program.chmod(0o755)
    return program


def test_blender_is_given_every_person_as_a_bvh(pair: Result, tmp_path: Path) -> None:
    program = stand_in(tmp_path / "with spaces; and $more", COPIES_ITS_BVH)
    target = tmp_path / "x.fbx"

    style = BvhStyle(names="unreal", unit="m")
    paths = write_with_blender(target, pair, style=style, blender=program)

    assert paths == files_written(target, people=2)
    assert [path.name for path in paths] == ["x.1.fbx", "x.2.fbx"]
    for path in paths:
        unit, heading, root = path.read_text().splitlines()[:3]
        assert (float(unit), heading, root) == (1.0, "HIERARCHY", "ROOT pelvis")


def test_it_is_found_on_the_path(
    pair: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = stand_in(tmp_path / "bin", COPIES_ITS_BVH)
    monkeypatch.setenv("PATH", str(program.parent))
    assert find_blender() == program
    paths = writer_for(tmp_path / "x.usd")(tmp_path / "x.usd", pair)
    assert [float(path.read_text().splitlines()[0]) for path in paths] == [0.01, 0.01]


def test_without_blender_it_says_what_to_do_before_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DeviceError, match="'blender' is no program") as raised:
        check_formats([Path("x.fbx")])
    assert "blender.org" in str(raised.value.hint)
    with pytest.raises(DeviceError, match="nowhere/blender"):
        find_blender(tmp_path / "nowhere/blender")


@pytest.mark.parametrize(
    ("script", "message"), [(FAILS, "ValueError: no such mode"), (WRITES_NOTHING, "all is well")]
)
def test_its_failures_are_told_and_leave_nothing_behind(
    script: str, message: str, pair: Result, tmp_path: Path
) -> None:
    program = stand_in(tmp_path / "bin", script)
    (tmp_path / "out").mkdir()
    with pytest.raises(Pose3DError, match=message):
        write_with_blender(tmp_path / "out" / "x.fbx", pair, blender=program)
    assert list((tmp_path / "out").iterdir()) == []


def test_a_folder_that_does_not_exist_is_named(pair: Result, tmp_path: Path) -> None:
    program = stand_in(tmp_path / "bin", COPIES_ITS_BVH)
    with pytest.raises(OutputError, match="nowhere"):
        write_with_blender(tmp_path / "nowhere" / "x.fbx", pair, blender=program)


def test_one_frame_is_a_file_too(results: Callable[..., Result], tmp_path: Path) -> None:
    program = stand_in(tmp_path / "bin", COPIES_ITS_BVH)
    (path,) = write_with_blender(tmp_path / "x.fbx", results(np.zeros(1)), blender=program)
    assert "Frames: 1\n" in path.read_text()
