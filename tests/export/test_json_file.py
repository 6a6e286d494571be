import gzip
import json
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from pose3d_cli.export.json_file import read_json, write_json
from pose3d_cli.export.precision import rounded
from pose3d_cli.sequences import Result


def differences(one: object, other: object, where: str = "") -> Iterator[str]:
    """Name every field in which two values differ, in the last bit or in kind."""
    if is_dataclass(one) and not isinstance(one, type):
        for field in fields(one):
            name = f"{where}.{field.name}"
            yield from differences(getattr(one, field.name), getattr(other, field.name), name)
    elif isinstance(one, tuple) and isinstance(other, tuple) and len(one) == len(other):
        for place, (a, b) in enumerate(zip(one, other, strict=True)):
            yield from differences(a, b, f"{where}[{place}]")
    elif isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        if one.dtype != other.dtype or not np.array_equal(one, other):
            yield where
    elif one != other:
        yield where


@pytest.mark.parametrize("suffix", [".json", ".json.gz"])
def test_reading_gives_the_rounded_result_back(result: Result, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"result{suffix}"
    write_json(path, result)
    assert list(differences(read_json(path), rounded(result))) == [".clip.path"]


def test_of_the_video_only_the_name_is_kept(written: Path, pair: Result) -> None:
    assert read_json(written).clip.path == Path(pair.clip.path.name)
    assert "secret-folder" not in written.read_text()


@pytest.mark.parametrize("suffix", [".json", ".json.gz"])
def test_writing_what_was_read_gives_the_same_bytes(
    result: Result, suffix: str, tmp_path: Path
) -> None:
    first, second = tmp_path / f"first{suffix}", tmp_path / f"second{suffix}"
    write_json(first, result)
    write_json(second, read_json(first))
    assert first.read_bytes() == second.read_bytes()


def test_the_compressed_file_holds_the_plain_one(pair: Result, tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", pair)
    write_json(tmp_path / "a.json.gz", pair)
    assert (
        gzip.decompress((tmp_path / "a.json.gz").read_bytes()) == (tmp_path / "a.json").read_bytes()
    )


def test_the_compressed_file_tells_neither_when_nor_as_what_it_was_made(
    pair: Result, tmp_path: Path
) -> None:
    write_json(tmp_path / "a.json.gz", pair)
    _, _, _, flags, *made_at = (tmp_path / "a.json.gz").read_bytes()[:8]  # RFC 1952, section 2.3
    assert (flags, made_at) == (0, [0, 0, 0, 0])


def test_every_frame_has_its_own_line(written: Path, pair: Result) -> None:
    lines = [line.strip() for line in written.read_text().splitlines()]
    start = lines.index('"local_quat_wxyz": [') + 1
    frames = [json.loads(line.rstrip(",")) for line in lines[start : lines.index("],", start)]]
    expected = rounded(pair).people[0].motion.rotations_wxyz
    assert np.array_equal(frames, expected)


def test_a_result_with_nan_is_not_written(pair: Result, tmp_path: Path) -> None:
    person = pair.people[0]
    holed = replace(person.world, positions_m=np.full_like(person.world.positions_m, np.nan))
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "nan.json", replace(pair, people=(replace(person, world=holed),)))
    assert list(tmp_path.iterdir()) == []


def test_people_with_another_clock_than_the_clip_are_not_written(
    pair: Result, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match="times"):
        write_json(tmp_path / "late.json", replace(pair, times_s=pair.times_s + 1))


def test_what_can_be_believed_comes_back(pair: Result, tmp_path: Path) -> None:
    write_json(tmp_path / "result.json", pair)
    for before, after in zip(pair.people, read_json(tmp_path / "result.json").people, strict=True):
        assert before.trust is not None
        assert after.trust is not None
        np.testing.assert_allclose(after.trust.confidence, before.trust.confidence, atol=0.005)
        np.testing.assert_array_equal(after.trust.stands, before.trust.stands)
        assert after.trust.gravity.pitch_rad == pytest.approx(
            before.trust.gravity.pitch_rad, abs=1e-5
        )
        assert after.trust.gravity.source == "body and steps"
        assert after.trust.height_m == 1.71
        assert after.trust.fit_error_seen_m == 0.0101


def test_a_result_may_not_tell_the_fit_where_joints_were_seen(pair: Result, tmp_path: Path) -> None:
    write_json(tmp_path / "new.json", pair)
    document = json.loads((tmp_path / "new.json").read_text())
    del document["people"][0]["fit_error_seen_m"]
    document["people"][1]["fit_error_seen_m"] = None
    (tmp_path / "old.json").write_text(json.dumps(document))
    for person in read_json(tmp_path / "old.json").people:
        assert person.trust is not None
        assert person.trust.fit_error_seen_m is None


def test_results_of_older_versions_say_nothing_about_trust(pair: Result, tmp_path: Path) -> None:
    older = replace(pair, people=tuple(replace(p, trust=None) for p in pair.people))
    write_json(tmp_path / "old.json", older)
    assert "confidence3d" not in (tmp_path / "old.json").read_text()
    assert all(person.trust is None for person in read_json(tmp_path / "old.json").people)
