import shutil
from collections.abc import Iterator
from dataclasses import fields, replace
from fractions import Fraction
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from pose3d_cli.detect.store import CHUNK_FRAMES, DetectionStore, RunKey
from pose3d_cli.errors import OutputError
from pose3d_cli.sequences import Detections

KEY = RunKey(video_sha256="a", detector="b", detector_sha256="c", selection="all")
FRAMES = 3 * CHUNK_FRAMES + 5


def found(index: int, *, looks: bool = True) -> Detections:
    rng = np.random.default_rng(index)
    people = index % 3
    return Detections(
        index=index,
        time_s=Fraction(index * 1001, 30000),
        boxes_px=rng.random((people, 4)),
        scores=rng.random(people),
        keypoints_px=rng.random((people, 17, 2)),
        confidence=rng.random((people, 17)),
        looks=rng.random((people, 6), np.float32) if looks else None,
        starts_scene=index == 7,
    )


def numbers(start: int = 0, stop: int = FRAMES) -> Iterator[Detections]:
    return (found(index) for index in range(start, stop))


def same(one: Detections, other: Detections) -> bool:
    pairs = [(getattr(one, field.name), getattr(other, field.name)) for field in fields(one)]
    return all(np.array_equal(a, b) if a is not None else b is None for a, b in pairs)


@pytest.fixture
def store(tmp_path: Path) -> DetectionStore:
    return DetectionStore(tmp_path / "runs")


@pytest.mark.parametrize("frames", [0, 1, CHUNK_FRAMES, FRAMES])
def test_what_was_kept_comes_back_exactly(store: DetectionStore, frames: int) -> None:
    passed = list(store.run(KEY).keeping(numbers(stop=frames)))
    again = store.run(KEY)

    assert again.is_complete
    assert again.frames == frames == len(passed)
    assert all(map(same, again.detections(), numbers(stop=frames)))
    assert len(list(again.detections())) == frames


def test_without_looks_there_are_none_afterwards(store: DetectionStore) -> None:
    list(store.run(KEY).keeping([found(1, looks=False)]))

    assert [one.looks for one in store.run(KEY).detections()] == [None]


@pytest.mark.parametrize("stopped_at", [0, 1, CHUNK_FRAMES + 1, FRAMES])
def test_a_run_that_was_stopped_goes_on_from_its_last_whole_chunk(
    store: DetectionStore, stopped_at: int
) -> None:
    list(islice(store.run(KEY).keeping(numbers()), stopped_at))

    second = store.run(KEY)
    assert not second.is_complete
    assert stopped_at - CHUNK_FRAMES <= second.frames <= stopped_at
    whole = [*second.detections(), *second.keeping(numbers(second.frames))]

    assert all(map(same, whole, numbers()))
    assert len(whole) == FRAMES
    assert store.run(KEY).is_complete


@pytest.mark.parametrize("part", ["video_sha256", "detector", "detector_sha256", "selection"])
def test_whatever_else_was_asked_for_is_another_run(store: DetectionStore, part: str) -> None:
    list(store.run(KEY).keeping(numbers(stop=3)))

    assert store.run(replace(KEY, **{part: "other"})).frames == 0


def test_the_runs_that_were_not_used_for_longest_are_forgotten(tmp_path: Path) -> None:
    store = DetectionStore(tmp_path / "runs", most_bytes=30_000)
    keys = [replace(KEY, selection=str(number)) for number in range(6)]
    for key in keys:
        list(store.run(key).keeping(numbers(stop=20)))

    kept = [(store.folder / key.folder).exists() for key in keys]
    assert kept == sorted(kept)
    assert kept[-1]
    assert not kept[0]
    assert sum(file.stat().st_size for file in store.folder.rglob("*.npz")) < 45_000


def test_a_run_that_another_process_forgets_meanwhile_harms_nobody(
    store: DetectionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeping = store.run(KEY).keeping(numbers())
    passed = list(islice(keeping, CHUNK_FRAMES + 1))
    shutil.rmtree(store.folder / KEY.folder)
    passed += keeping
    assert len(passed) == FRAMES
    assert store.run(KEY).frames == 0

    there = Path.iterdir
    gone = store.folder / "gone"
    monkeypatch.setattr(Path, "iterdir", lambda path: [*there(path), gone])
    monkeypatch.setattr(Path, "is_dir", lambda _: True)
    store.run(replace(KEY, detector="d"))


def test_a_damaged_chunk_is_made_again(store: DetectionStore) -> None:
    list(store.run(KEY).keeping(numbers()))
    second = store.folder / KEY.folder / "000001.npz"
    second.write_bytes(second.read_bytes()[:1000])

    run = store.run(KEY)

    assert (run.frames, run.is_complete) == (CHUNK_FRAMES, False)
    assert len(list(run.keeping(numbers(run.frames)))) == FRAMES - CHUNK_FRAMES
    assert store.run(KEY).is_complete


def test_a_chunk_packed_in_an_unknown_way_is_made_again(store: DetectionStore) -> None:
    list(store.run(KEY).keeping(numbers()))
    first = store.folder / KEY.folder / "000000.npz"
    packed = bytearray(first.read_bytes())
    for header, offset in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        place = packed.index(header) + offset
        packed[place : place + 2] = b"\x63\x00"  # no compression method has this number
    first.write_bytes(packed)

    assert store.run(KEY).frames == 0


def test_a_store_that_takes_no_files_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("in the way")

    with pytest.raises(OutputError, match="cannot write") as caught:
        DetectionStore(tmp_path / "runs").run(KEY)
    assert "--no-cache" in str(caught.value.hint)


def test_a_disk_that_fills_up_costs_what_would_be_kept_and_nothing_else(
    store: DetectionStore, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    run = store.run(KEY)
    keeping = run.keeping(numbers())
    passed = list(islice(keeping, CHUNK_FRAMES + 1))

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(np, "savez", full)
        passed += islice(keeping, CHUNK_FRAMES)
    passed += keeping

    assert all(map(same, passed, numbers()))
    assert len(passed) == FRAMES
    assert caplog.text.count("No space left") == 1
    again = store.run(KEY)
    assert (again.frames, again.is_complete) == (CHUNK_FRAMES, False)
