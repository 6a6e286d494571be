"""Absurd inputs, odd names and full disks: one line, and nothing half done."""

import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pose3d_cli.errors import InputError, OutputError
from pose3d_cli.export.bvh_reader import read_bvh
from pose3d_cli.export.json_file import read_json
from pose3d_cli.geometry.camera import Camera
from pose3d_cli.outputs import write
from pose3d_cli.pipeline import Settings, estimate
from pose3d_cli.sequences import Result
from pose3d_cli.video.reader import probe, read_frames
from pose3d_cli.watch import Unwatched

SUFFIXES = (".mp4", ".json", ".json.gz", ".bvh", ".glb", ".npz", ".csv", ".trc")


@pytest.fixture
def result(film: Callable[..., Path], models: Any, walker: Any) -> Result:
    clip = film("clip.mp4", size_px=(320, 240), ticks=range(30))
    networks = models(replace(walker, camera=Camera.assumed(320, 240)))
    return estimate(clip, networks, Settings(), watch=Unwatched())


@contextmanager
def disk_of(size: int) -> Iterator[None]:
    """Let no file grow beyond so many bytes, as a disk does that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_full_disk_is_told_and_leaves_nothing(
    suffix: str, result: Result, tmp_path: Path
) -> None:
    target = tmp_path / "new" / f"out{suffix}"
    target.parent.mkdir()

    with disk_of(1000), pytest.raises(OutputError, match="cannot write"):
        write(result, [target], watch=Unwatched())

    assert list(target.parent.iterdir()) == []


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_full_disk_keeps_the_file_that_was_there(
    suffix: str, result: Result, tmp_path: Path
) -> None:
    target = tmp_path / f"out{suffix}"
    target.write_text("precious")

    with disk_of(1000), pytest.raises(OutputError):
        write(result, [target], watch=Unwatched())

    assert target.read_text() == "precious"


@pytest.mark.parametrize(
    "name", ["-dash", "with space", "ünï→cödé", "100%", "a;b|c&d", "$(x)", "a:b"]
)
@pytest.mark.parametrize("suffix", [".mp4", ".json", ".bvh"])
def test_any_name_is_just_a_name(name: str, suffix: str, result: Result, tmp_path: Path) -> None:
    target = tmp_path / "out" / f"{name}{suffix}"
    target.parent.mkdir()

    assert write(result, [target], watch=Unwatched()) == (target,)
    assert list(target.parent.iterdir()) == [target]


def test_a_picture_of_16_000_pixels_is_read(film: Callable[..., Path]) -> None:
    clip = probe(film("wide.mp4", size_px=(16_000, 64), ticks=range(2)))

    assert [frame.rgb.shape for frame in read_frames(clip)] == [(64, 16_000, 3)] * 2


def test_ten_million_frames_that_are_not_there_cost_nothing(result: Result, tmp_path: Path) -> None:
    document, motion = tmp_path / "out.json", tmp_path / "out.bvh"
    write(result, [document, motion], watch=Unwatched())
    claims = {
        document: ('"count": 30', '"count": 10000000'),
        motion: ("Frames: 30", "Frames: 10000000"),
    }
    began = time.process_time()
    for path, (true, claimed) in claims.items():
        text = path.read_text()
        assert true in text
        path.write_text(text.replace(true, claimed))

    for path, read in ((document, read_json), (motion, read_bvh)):
        with pytest.raises(InputError, match=path.name):
            read(path)

    assert time.process_time() - began < 1
