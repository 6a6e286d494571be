"""A file that is still being written is read to its end, whatever happens to whoever writes it."""

import threading
import time
from pathlib import Path

import pytest

from pose3d_cli.video import growing
from pose3d_cli.video.growing import Growing, growing_file, make_whole, part_of


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "clip.mkv"


def test_a_reader_waits_for_what_comes_and_ends_with_the_writer(path: Path) -> None:
    parts = [b"one", b"two", b"three"]
    part_of(path).touch()

    def write() -> None:
        for data in parts:
            time.sleep(0.05)
            with part_of(path).open("ab") as file:
                file.write(data)
        make_whole(path)

    writer = threading.Thread(target=write)
    with Growing(path) as file:
        writer.start()
        read = b"".join(iter(lambda: file.read(2), b""))
    writer.join()

    assert read == b"".join(parts) == path.read_bytes()
    assert not part_of(path).exists()


def test_a_whole_file_and_one_that_is_not_there_do_not_grow(path: Path) -> None:
    assert growing_file(path) is None
    path.touch()
    part_of(path).touch()
    assert growing_file(path) is None


def test_what_a_killed_writer_left_is_read_once_it_is_surely_dead(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(growing, "DEAD_S", 0.1)
    part_of(path).write_bytes(b"half")

    with Growing(path) as file:
        assert file.read(9) == b"half"
        assert file.read(9) == b""


def test_where_open_files_cannot_be_renamed_they_are_copied(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def windows(*_: object) -> None:
        raise PermissionError(13, "used by another process")

    part_of(path).write_bytes(b"whole")
    monkeypatch.setattr(Path, "replace", windows)
    make_whole(path)

    assert path.read_bytes() == b"whole"
