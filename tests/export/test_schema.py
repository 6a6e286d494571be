import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from pose3d_cli.export.json_file import schema, write_json
from pose3d_cli.sequences import Result


@pytest.fixture
def document(pair: Result, tmp_path: Path) -> Any:
    write_json(tmp_path / "result.json", pair)
    return json.loads((tmp_path / "result.json").read_text())


def closed(value: Any) -> Any:
    """Return the schema with every object refusing keys that it does not describe."""
    if isinstance(value, list):
        return [closed(entry) for entry in value]
    if not isinstance(value, dict):
        return value
    extra = {"additionalProperties": False} if value.get("type") == "object" else {}
    return {key: closed(entry) for key, entry in value.items()} | extra


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(schema())


def test_what_is_written_follows_the_schema(result: Result, tmp_path: Path) -> None:
    write_json(tmp_path / "result.json", result)
    Draft202012Validator(schema()).validate(json.loads((tmp_path / "result.json").read_text()))


def test_the_schema_describes_every_key(document: Any) -> None:
    Draft202012Validator(closed(schema())).validate(document)


def test_keys_that_the_schema_does_not_know_are_allowed(document: Any) -> None:
    document["people"][0]["mood"] = "happy"
    Draft202012Validator(schema()).validate(document)


@pytest.mark.parametrize("key", ["format", "time_s", "people"])
def test_a_document_that_lacks_a_key_does_not_follow_the_schema(key: str, document: Any) -> None:
    del document[key]
    assert not Draft202012Validator(schema()).is_valid(document)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("format", "openpose"),
        ("schema_version", "2.0"),
        ("source fps", 29.97),
        ("source rotation_deg", 45),
        ("coordinates unit", "mm"),
        ("skeleton joints", "h36m17"),
        ("people 0 count", 0),
        ("people 0 joints3d 0 0", [0.1, 0.2]),
        ("people 0 keypoints2d 0 0", [1, 2, 0.5, 0.5]),
        ("people 0 keypoints2d 0 0 2", 6.0),
        ("people 0 root 0", None),
        ("people 0 local_quat_wxyz 0 0", [1, 0, 0]),
        ("people 0 observed 0 0", 1),
    ],
)
def test_a_document_with_a_bad_value_does_not_follow_the_schema(
    place: str, value: object, document: Any
) -> None:
    *above, last = (int(key) if key.isdigit() else key for key in place.split())
    target = document
    for key in above:
        target = target[key]
    target[last] = value
    assert not Draft202012Validator(schema()).is_valid(document)
