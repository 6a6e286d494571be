from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def result(pose3d: Any, clip: Path, networks: Callable[..., None], tmp_path: Path) -> Path:
    """What `pose3d lift` wrote, with the BVH of the same run beside it."""
    networks()
    pose3d("lift", clip, "--out", "run.json", "--out", "direct.bvh")
    return tmp_path / "run.json"


def test_the_bvh_is_the_same_as_without_the_detour(pose3d: Any, result: Path) -> None:
    run = pose3d("export", result, "--format", "bvh")

    assert (run.exit_code, run.stdout) == (0, f"{result.with_suffix('.bvh')}\n")
    assert result.with_suffix(".bvh").read_bytes() == result.with_name("direct.bvh").read_bytes()


def test_several_formats_go_where_they_are_told(pose3d: Any, result: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()

    run = pose3d("export", result, "-f", "bvh, .JSON.gz,npz", "--out-dir", tmp_path / "other")

    assert run.exit_code == 0, run.output
    names = sorted(path.name for path in (tmp_path / "other").iterdir())
    assert names == ["run.bvh", "run.json.gz", "run.npz"]


def test_existing_files_are_replaced_only_on_demand(pose3d: Any, result: Path) -> None:
    target = result.with_suffix(".bvh")
    target.write_text("precious")

    assert pose3d("export", result).exit_code == 6
    assert target.read_text() == "precious"
    assert pose3d("export", result, "-y").exit_code == 0
    assert target.read_text() != "precious"


def test_a_result_is_never_written_over_itself(pose3d: Any, result: Path) -> None:
    before = result.read_bytes()

    assert pose3d("export", result, "--format", "json", "-y").exit_code == 2
    assert result.read_bytes() == before


@pytest.mark.parametrize("what", ["truncated", "of something else"])
def test_a_damaged_result_is_exit_code_4(pose3d: Any, result: Path, what: str) -> None:
    text = result.read_text()
    result.write_text(text[: len(text) // 2] if what == "truncated" else "{}")

    run = pose3d("export", result)

    assert run.exit_code == 4
    assert "run.json" in run.stderr
    assert not result.with_suffix(".bvh").exists()


def test_a_format_that_is_asked_for_twice_is_exit_code_2(pose3d: Any, result: Path) -> None:
    run = pose3d("export", result, "--format", "bvh,BVH", "-y")

    assert run.exit_code == 2
    assert not result.with_suffix(".bvh").exists()


def test_unknown_formats_are_exit_code_2(pose3d: Any, result: Path) -> None:
    run = pose3d("export", result, "--format", "bvh,fxb")

    assert run.exit_code == 2
    assert ".bvh" in run.stderr
    assert not result.with_suffix(".bvh").exists()


def test_whoever_wants_a_video_is_told_what_draws_it(pose3d: Any, result: Path) -> None:
    run = pose3d("export", result, "--format", "mp4")

    assert run.exit_code == 2
    assert "`pose3d render`" in run.stderr


def test_a_bvh_is_styled_as_the_options_say(pose3d: Any, clip: Path, result: Path) -> None:
    style = ("--bvh-names", "unreal", "--bvh-rest", "a", "--bvh-order", "mixed")
    more = ("--bvh-units", "m", "--bvh-reference-frame", "--bvh-in-place")
    plain = result.with_name("direct.bvh").read_text()

    assert pose3d("export", result, *style, *more).exit_code == 0
    assert pose3d("lift", clip, "-o", "styled.bvh", *style, *more).exit_code == 0

    text = result.with_suffix(".bvh").read_text()
    assert text == result.with_name("styled.bvh").read_text()
    assert "ROOT pelvis" in text
    assert "Zrotation Yrotation Xrotation" in text
    assert text.count("\n") == plain.count("\n") + 1
    first, second = (line.split() for line in text.split("Frame Time: ")[1].splitlines()[1:3])
    assert set(first[3:]) == {"0.0000"}
    assert second[0] == second[2] == "0.000000"
    assert 0.5 < float(second[1]) < 1.5


def test_unknown_names_are_exit_code_2(pose3d: Any, result: Path) -> None:
    assert pose3d("export", result, "--bvh-names", "unknown").exit_code == 2
