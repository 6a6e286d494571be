import gzip
import json
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pose3d_cli.errors import InputError
from pose3d_cli.export.json_file import read_json, write_json
from pose3d_cli.export.precision import rounded
from pose3d_cli.sequences import Result

DAMAGED: list[object] = [
    None,
    [],
    {},
    "a text",
    -1,
    1e999,
    [[1, 2], [3]],
    [1],
    True,
    [float("nan")],
]
UNREAD = {"generator", "unit", "handedness", "up", "forward", "floor_y", "model", "axes"}
"""Keys for other readers than ours; ``centre_px`` follows from the picture's size."""


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


def places(value: Any, *above: str | int) -> Iterator[tuple[str | int, ...]]:
    """Yield the way to every key of a document, first entries standing for whole lists."""
    if isinstance(value, dict):
        for key in value:
            yield (*above, key)
            yield from places(value[key], *above, key)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        yield from places(value[0], *above, 0)


def parent_of(document: Any, place: tuple[str | int, ...]) -> Any:
    for key in place[:-1]:
        document = document[key]
    return document


def complaint_about(path: Path) -> str:
    try:
        read_json(path)
    except InputError as error:
        return str(error)
    return ""


@pytest.fixture
def written(pair: Result, tmp_path: Path) -> Path:
    path = tmp_path / "result.json"
    write_json(path, pair)
    return path


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


def test_keys_from_a_newer_minor_version_are_ignored(written: Path) -> None:
    before = read_json(written)
    document = json.loads(written.read_text())
    document["schema_version"] = "1.7"
    for place in list(places(document)):
        parent_of(document, place)["added_later"] = {"anything": [1, None]}
    written.write_text(json.dumps(document))
    assert list(differences(read_json(written), before)) == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_a_damaged_value_is_named_or_does_not_matter(data: st.DataObject, written: Path) -> None:
    document = json.loads(written.read_text())
    place = data.draw(st.sampled_from(list(places(document))))
    parent_of(document, place)[place[-1]] = data.draw(st.sampled_from(DAMAGED))
    damaged = written.with_name("damaged.json")
    damaged.write_text(json.dumps(document))
    complaint = complaint_about(damaged)
    assert not complaint or (str(damaged) in complaint and "\n" not in complaint)


def test_every_key_that_is_read_is_missed_by_name(written: Path) -> None:
    whole = written.read_text()
    for place in places(json.loads(whole)):
        key = str(place[-1])
        if key in {
            *UNREAD,
            "name",
            "version",
            "centre_px",
            "confidence3d",
            "fit_error_seen_m",
            "filming",
        }:
            continue
        document = json.loads(whole)
        del parent_of(document, place)[key]
        written.write_text(json.dumps(document))
        with pytest.raises(InputError, match=key):
            read_json(written)


@pytest.mark.parametrize(
    ("column", "rows"),
    [
        ("joints3d", 5),
        ("joints3d_raw", 5),
        ("keypoints2d", 5),
        ("observed", 5),
        ("root", 5),
        ("local_quat_wxyz", 5),
        ("rig_offsets_m", 24),
        ("camera_from_world", 4),
    ],
)
def test_a_short_row_is_refused_with_its_key(column: str, rows: int, written: Path) -> None:
    document = json.loads(written.read_text())
    table = document["people"][0][column]
    assert len(table) == rows
    table[-1].pop()
    written.write_text(json.dumps(document))
    with pytest.raises(InputError, match=rf"people\[0\]\.{column} "):
        read_json(written)


def test_rows_that_all_lack_a_joint_are_refused(written: Path) -> None:
    document = json.loads(written.read_text())
    for row in document["people"][1]["joints3d"]:
        row.pop()
    written.write_text(json.dumps(document))
    with pytest.raises(
        InputError, match=r"people\[1\]\.joints3d has 3 × 16 × 3 values, expected 3 × 17 × 3"
    ):
        read_json(written)


@pytest.mark.parametrize(
    ("key", "value", "complaint"),
    [
        ("format", "openpose", 'format is not "pose3d"'),
        ("schema_version", "2.0", "schema_version is 2.0, but 1.1 is the newest"),
        ("schema_version", "one", "schema_version is 'one'"),
        ("time_s", [0, 1, 2, 1, 3], "time_s runs backwards"),
        ("time_s", [0, 1, 2], "count reaches frame 5, but time_s has 3"),
    ],
)
def test_a_document_that_makes_no_sense_is_refused(
    key: str, value: object, complaint: str, written: Path
) -> None:
    document = json.loads(written.read_text()) | {key: value}
    written.write_text(json.dumps(document))
    with pytest.raises(InputError, match=complaint):
        read_json(written)


@pytest.mark.parametrize("parents", [[0] * 17, [-1] * 17, [*range(1, 17), -1], [-1] + [99] * 16])
def test_a_skeleton_that_is_no_tree_is_refused(parents: list[int], written: Path) -> None:
    document = json.loads(written.read_text())
    document["skeleton"]["parents"] = parents
    written.write_text(json.dumps(document))
    with pytest.raises(InputError, match=r"skeleton\.parents"):
        read_json(written)


@pytest.mark.parametrize("suffix", [".json", ".json.gz"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(share=st.floats(0, 1))
def test_a_file_that_was_cut_off_is_refused(
    share: float, suffix: str, pair: Result, tmp_path: Path
) -> None:
    path = tmp_path / f"cut{suffix}"
    write_json(path, pair)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(share * (len(whole) - 2))])  # less than the last line's end
    with pytest.raises(InputError, match=r"is not JSON|cannot read"):
        read_json(path)


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n", b"[1, 2]", b"[" * 100_000, b"nan"])
def test_another_kind_of_file_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"other\.json is"):
        read_json(path)


def test_a_number_beyond_all_floats_is_refused(written: Path) -> None:
    written.write_text(re.sub(r'("root": \[\s*\[)[^,]+', r"\g<1>1e999", written.read_text()))
    with pytest.raises(InputError, match=r"people\[0\]\.root holds a number that is not finite"):
        read_json(written)


def test_a_missing_file_is_reported(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.json: No such file"):
        read_json(tmp_path / "none.json")


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


def test_a_video_is_refused_without_talk_of_codecs(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"\0\0\0\x20ftypisom\xff\xfe")
    with pytest.raises(InputError, match=r"nor any other text$"):
        read_json(path)
