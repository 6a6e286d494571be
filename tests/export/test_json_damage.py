"""Whatever is in a result.json, it is read, or refused in a line that names the place."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pose3d_cli.errors import InputError
from pose3d_cli.export.json_file import read_json, write_json
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


def test_keys_from_a_newer_minor_version_are_ignored(written: Path) -> None:
    before, again = written.read_bytes(), written.with_name("again.json")
    document = json.loads(written.read_text())
    document["schema_version"] = "1.7"
    for place in list(places(document)):
        parent_of(document, place)["added_later"] = {"anything": [1, None]}
    written.write_text(json.dumps(document))
    write_json(again, read_json(written))
    assert again.read_bytes() == before


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


def test_a_video_is_refused_without_talk_of_codecs(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"\0\0\0\x20ftypisom\xff\xfe")
    with pytest.raises(InputError, match=r"nor any other text$"):
        read_json(path)
