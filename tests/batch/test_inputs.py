"""Folders, globs and lists become clips, each with a place of its own in the output folder."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pose3d_cli.batch.inputs import Clip, find_clips
from pose3d_cli.errors import InputError, UsageError
from pose3d_cli.video.drawn import NOTE
from pose3d_cli.video.writer import write_video


@pytest.fixture(autouse=True)
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in (
        "in/a.mp4",
        "in/sub/b.MOV",
        "in/sub/deeper/ä ü.webm",
        "in/sub/notes.txt",
        "in/.hidden.mp4",
        "in/.cache/c.mp4",
        "in/-f.mp4",
        "other/a.mkv",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path


def found(*named: str, out: str = "out") -> dict[str, str]:
    clips = find_clips(named, out_dir=Path(out))
    return {clip.name: clip.path.as_posix() for clip in clips}


def test_a_folder_is_searched_to_its_bottom_and_mirrored() -> None:
    assert found("in") == {
        "-f": "in/-f.mp4",
        "a": "in/a.mp4",
        "sub/b": "in/sub/b.MOV",
        "sub/deeper/ä ü": "in/sub/deeper/ä ü.webm",
    }


def test_videos_that_pose3d_drew_beside_the_clips_are_no_clips(tree: Path) -> None:
    black = np.zeros((64, 64, 3), np.uint8)
    for name, note in (("b.mp4", None), ("a_3d.mp4", NOTE)):
        write_video(tree / "in" / name, [(black, Fraction(0))], fps=Fraction(30), note=note)

    assert found("in/*.mp4").keys() == {"-f", "a", "b"}
    assert found("in").keys() >= {"-f", "a", "b"}
    assert "a_3d" not in found("in")
    assert found("in/a_3d.mp4") == {"a_3d": "in/a_3d.mp4"}


def test_a_glob_is_mirrored_below_what_is_fixed_in_it() -> None:
    assert found("in/**/*.MOV", "in/s*/deeper/*") == {
        "sub/b": "in/sub/b.MOV",
        "sub/deeper/ä ü": "in/sub/deeper/ä ü.webm",
    }


def test_a_single_file_lies_on_top() -> None:
    assert found("in/sub/b.MOV") == {"b": "in/sub/b.MOV"}


def test_a_list_has_paths_globs_and_remarks(tree: Path) -> None:
    (tree / "list.txt").write_text("\ufeff# mine\n\n in/a.mp4 \nin/sub/*.MOV\nother\n", "utf-8")

    assert found("@list.txt") == {"a.mkv": "other/a.mkv", "a.mp4": "in/a.mp4", "b": "in/sub/b.MOV"}


def test_a_clip_that_is_named_twice_is_done_once(tree: Path) -> None:
    (tree / "link").symlink_to(tree / "in", target_is_directory=True)

    assert len(found("in", "in/a.mp4", "link", "./in/*.mp4")) == 4


def test_outputs_are_no_inputs_of_the_next_run(tree: Path) -> None:
    (tree / "in" / "out").mkdir()
    (tree / "in" / "out" / "a.mp4").touch()

    assert "out/a" not in found("in", out="in/out")
    assert "out/a" not in found("in/**/*.mp4", out="in/out")


def test_clips_of_one_stem_keep_their_suffix(tree: Path) -> None:
    (tree / "in" / "A.avi").touch()

    assert {"A.avi", "a.mp4"} <= set(found("in"))


@pytest.mark.parametrize(
    ("several", "names"),
    [(False, {"t", "t.1", "t.1.2", "t.x"}), (True, {"t.mp4", "t.1.mp4", "t.1.2.mp4", "t.x"})],
)
def test_no_clip_is_called_as_one_of_several_people_of_another(
    tree: Path, *, several: bool, names: set[str]
) -> None:
    for name in ("t.mp4", "t.1.mp4", "t.1.2.mp4", "t.x.mp4"):
        (tree / "takes" / name).parent.mkdir(exist_ok=True)
        (tree / "takes" / name).touch()

    clips = find_clips(["takes"], out_dir=tree / "out", several=several)

    assert {clip.name for clip in clips} == names


@pytest.mark.parametrize(
    ("first", "second", "named"),
    [("one/x.mp4", "two/x.mp4", ["one", "two"]), ("x.mp4", "X.mp4", ["."])],
)
def test_two_clips_of_one_name_are_both_told(
    tree: Path, first: str, second: str, named: list[str]
) -> None:
    for place in (first, second):
        (tree / place).parent.mkdir(exist_ok=True)
        (tree / place).write_text(place)
    if (tree / second).read_text() == first:
        pytest.skip("this file system takes x.mp4 and X.mp4 for one")

    with pytest.raises(UsageError) as refused:
        find_clips([str(tree / name) for name in named], out_dir=tree / "out")
    assert all(str(Path(place)) in str(refused.value) for place in (first, second))


@pytest.mark.parametrize("named", ["nowhere", "in/none*", "@nowhere.txt", "in/sub/notes*.mp4"])
def test_what_is_not_there_is_told(named: str) -> None:
    with pytest.raises(InputError):
        found(named)


@pytest.mark.parametrize("named", ["in/v**/*.mp4", "x" * 5000, "in/*\0", "in/**/" + "x" * 5000])
def test_what_no_file_system_can_search_is_told(named: str) -> None:
    with pytest.raises(InputError):
        found(named)


def test_a_list_that_is_no_text_is_told(tree: Path) -> None:
    (tree / "list.txt").write_bytes(b"\xff\xfe\x00bad")

    with pytest.raises(InputError, match="list"):
        found("@list.txt")


NAME = st.text(
    st.characters(exclude_characters="/\0", codec="utf-8"), min_size=1, max_size=20
).filter(lambda name: name not in (".", "..") and len(name.encode()) < 200)


@given(NAME)
def test_no_name_leads_out_of_the_output_folder(
    tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    folder = tmp_path_factory.mktemp("in")
    path = folder / f"x{name}" / f"{name}.mp4"
    path.parent.mkdir()
    path.touch()

    for named in ((str(folder),), (str(path),)):
        try:
            clips: tuple[Clip, ...] = find_clips(named, out_dir=folder / "out")
        except InputError:  # a hidden file
            assert name.startswith(".")
            continue
        for clip in clips:
            target = (folder / "out" / f"{clip.name}.json").resolve()
            assert target.is_relative_to((folder / "out").resolve())
