"""Facts about bringing files here, with sources made of bytes."""

import hashlib
import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from pose3d_cli.downloads import FetchError, Progress, fetch, sha256_of

CONTENT = bytes(range(256)) * 8
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@dataclass
class Bytes:
    """A source that continues a part, and breaks off after ``breaks_at`` bytes."""

    content: bytes = CONTENT
    breaks_at: int | None = None
    error: BaseException = field(default_factory=lambda: FetchError("broke off"))
    asked_from: list[int] = field(default_factory=list)

    def __str__(self) -> str:
        return "the test"

    def fetch(self, part: Path, *, on_progress: Progress) -> None:
        here = part.stat().st_size if part.exists() else 0
        self.asked_from.append(here)
        with part.open("ab") as file:
            file.write(self.content[here : self.breaks_at])
        on_progress(part.stat().st_size, len(self.content))
        if self.breaks_at is not None:
            raise self.error


def visible(folder: Path) -> Sequence[str]:
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def test_the_file_appears_under_its_name_alone(tmp_path: Path) -> None:
    target = tmp_path / "new" / "w.pt"

    assert fetch([Bytes()], target, sha256=SHA256) == SHA256

    assert target.read_bytes() == CONTENT
    assert visible(target.parent) == ["w.pt"]


def test_a_file_that_is_there_is_not_fetched_again(tmp_path: Path) -> None:
    (tmp_path / "w.pt").write_bytes(CONTENT)
    source = Bytes()

    assert fetch([source], tmp_path / "w.pt", sha256=SHA256) == SHA256
    assert source.asked_from == []


def test_a_damaged_file_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "w.pt").write_bytes(CONTENT[:-1])

    fetch([Bytes()], tmp_path / "w.pt", sha256=SHA256)

    assert (tmp_path / "w.pt").read_bytes() == CONTENT


def test_a_file_with_another_hash_is_refused_and_nothing_stays(tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="another file"):
        fetch([Bytes(b"something else")], tmp_path / "w.pt", sha256=SHA256)

    assert visible(tmp_path) == []


def test_each_source_that_fails_is_logged_and_the_next_one_tried(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        fetch([Bytes(b"wrong"), Bytes(breaks_at=0), Bytes()], tmp_path / "w.pt", sha256=SHA256)

    assert (tmp_path / "w.pt").read_bytes() == CONTENT
    assert ["another file" in line or "broke off" in line for line in caplog.messages] == [True] * 2


def test_when_all_fail_the_error_says_how_each_did(tmp_path: Path) -> None:
    with pytest.raises(FetchError, match=r"the test: sent another file .*; the test: broke off"):
        fetch([Bytes(b"wrong"), Bytes(breaks_at=0)], tmp_path / "w.pt", sha256=SHA256)


def test_an_interrupted_download_leaves_only_a_part_that_is_continued(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        fetch([Bytes(breaks_at=700, error=KeyboardInterrupt())], tmp_path / "w.pt", sha256=SHA256)
    assert visible(tmp_path) == ["w.pt.part"]

    again = Bytes()
    fetch([again], tmp_path / "w.pt", sha256=SHA256)

    assert again.asked_from == [700]
    assert (tmp_path / "w.pt").read_bytes() == CONTENT
    assert visible(tmp_path) == ["w.pt"]


def test_the_next_mirror_continues_where_the_last_one_broke(tmp_path: Path) -> None:
    mirror = Bytes()

    fetch([Bytes(breaks_at=300), mirror], tmp_path / "w.pt", sha256=SHA256)

    assert mirror.asked_from == [300]


def test_a_part_that_does_not_fit_costs_one_more_start(tmp_path: Path) -> None:
    (tmp_path / "w.pt.part").write_bytes(b"x" * 99)
    source = Bytes()

    fetch([source], tmp_path / "w.pt", sha256=SHA256)

    assert source.asked_from == [99, 0]
    assert (tmp_path / "w.pt").read_bytes() == CONTENT


def test_without_a_hash_nothing_is_pieced_together(tmp_path: Path) -> None:
    (tmp_path / "w.pt.part").write_bytes(b"x" * 99)
    source = Bytes()

    assert fetch([source], tmp_path / "w.pt", sha256=None) == SHA256
    assert source.asked_from == [0]


def test_of_two_that_want_a_file_at_once_only_one_fetches_it(tmp_path: Path) -> None:
    second = Bytes()
    rival = threading.Thread(
        target=lambda: fetch([second], tmp_path / "w.pt", sha256=SHA256), daemon=True
    )

    class First(Bytes):
        def fetch(self, part: Path, *, on_progress: Progress) -> None:
            rival.start()
            rival.join(timeout=0.2)  # ample for the rival, were it not kept waiting
            super().fetch(part, on_progress=on_progress)

    fetch([First()], tmp_path / "w.pt", sha256=SHA256)
    rival.join(timeout=30)

    assert second.asked_from == []
    assert (tmp_path / "w.pt").read_bytes() == CONTENT


def test_sha256_of_the_empty_file_is_the_published_one(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()

    assert sha256_of(tmp_path / "empty") == (
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    )
