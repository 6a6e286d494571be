"""The manifest remembers what became of each clip, whatever happens to whoever writes it."""

import json
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pose3d_cli.batch.job import prepare
from pose3d_cli.batch.manifest import Failure, Fingerprint, Manifest, Record, Written

DONE = Record(
    "a",
    "in/a.mp4",
    Fingerprint(1, 2, "0" * 64),
    "c" * 64,
    "done",
    "2026-01-01T00:00:00+00:00",
    outputs=(Written("a.json", 3, "f" * 64),),
    frames=4,
    people=1,
    timings_s={"Lifting": 0.5},
)
FAILED = replace(DONE, state="failed", outputs=(), error=Failure("no video", 4, "Give one."))


@pytest.fixture
def manifest(tmp_path: Path) -> Manifest:
    return Manifest(tmp_path, private_dir=prepare(tmp_path))


def reread(manifest: Manifest) -> dict[str, Record]:
    other = Manifest(manifest.path.parent, private_dir=prepare(manifest.path.parent))
    return dict(other.latest())


def test_what_was_written_is_read_and_the_last_word_counts(manifest: Manifest) -> None:
    manifest.append(FAILED)
    manifest.append(replace(DONE, name="b"))
    manifest.append(DONE)

    assert reread(manifest) == {"a": DONE, "b": replace(DONE, name="b")}
    assert all(json.loads(line) for line in manifest.path.read_text().splitlines())


def test_what_others_append_is_seen(manifest: Manifest) -> None:
    assert manifest.latest() == {}
    Manifest(manifest.path.parent, private_dir=prepare(manifest.path.parent)).append(DONE)
    assert manifest.latest() == {"a": DONE}
    manifest.append(FAILED)
    assert manifest.latest() == {"a": FAILED}


@pytest.mark.parametrize("name", ["ünï→cödé", "line\nbreak", "\udcff not UTF-8", '"quoted\\'])
def test_any_name_survives(manifest: Manifest, name: str) -> None:
    manifest.append(replace(DONE, name=name))

    assert reread(manifest) == {name: replace(DONE, name=name)}


@pytest.mark.parametrize("kept", [1, 40, -1])
def test_a_line_that_broke_off_costs_only_itself(
    manifest: Manifest, kept: int, caplog: pytest.LogCaptureFixture
) -> None:
    manifest.append(DONE)
    line = manifest.path.read_bytes()
    manifest.path.write_bytes(line + line[:kept])

    manifest.append(replace(DONE, name="b"))

    assert set(reread(manifest)) == {"a", "b"}
    assert ("ignored" in caplog.text) == (kept != -1)


@given(st.lists(st.binary(max_size=60), max_size=5))
def test_rubbish_in_between_is_passed_over(
    tmp_path_factory: pytest.TempPathFactory, rubbish: list[bytes]
) -> None:
    folder = tmp_path_factory.mktemp("out")
    manifest = Manifest(folder, private_dir=prepare(folder))
    manifest.append(DONE)
    with manifest.path.open("ab") as file:
        file.write(b"\n".join([*rubbish, b'{"state": "done"}', b"[]", b"null", b"{", b""]))

    manifest.append(replace(DONE, name="b"))

    assert {"a", "b"} <= set(reread(manifest))


def test_many_writers_lose_nothing(manifest: Manifest) -> None:
    folder = manifest.path.parent

    def write(first: int) -> None:
        mine = Manifest(folder, private_dir=prepare(folder))
        for number in range(first, first + 20):
            mine.append(replace(DONE, name=str(number)))

    writers = [Thread(target=write, args=(first,)) for first in (0, 20, 40)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert set(reread(manifest)) == set(map(str, range(60)))
