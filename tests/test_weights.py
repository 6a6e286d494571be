"""Facts about the cache and what is handed out of it."""

import hashlib
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from pose3d_cli import weights
from pose3d_cli.downloads import FetchError, Progress
from pose3d_cli.errors import WeightsError
from pose3d_cli.weights import (
    WeightsEntry,
    ensure,
    locate,
    place,
    resolve,
    shipped,
    state,
)

CONTENT = b"PK weights"
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@dataclass
class Server:
    """A source that counts its visitors."""

    content: bytes | None = CONTENT
    visits: list[Path] = field(default_factory=list)

    def __str__(self) -> str:
        return "server"

    def fetch(self, part: Path, *, on_progress: Progress) -> None:
        self.visits.append(part)
        if self.content is None:
            raise FetchError("is down")
        part.write_bytes(self.content)
        on_progress(len(self.content), len(self.content))


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def pinned(server: Server, monkeypatch: pytest.MonkeyPatch) -> WeightsEntry:
    """The only entry of a manifest, with a published hash."""
    entry = WeightsEntry(
        name="tiny-pose",
        role="detector",
        file="tiny-pose.pt",
        licence="CC0-1.0",
        sha256=SHA256,
        sources=(server,),
    )
    monkeypatch.setattr(weights, "manifest", lambda: (entry,))
    return entry


@pytest.fixture
def unpinned(pinned: WeightsEntry, monkeypatch: pytest.MonkeyPatch) -> WeightsEntry:
    """The same without a published hash."""
    entry = replace(pinned, sha256=None)
    monkeypatch.setattr(weights, "manifest", lambda: (entry,))
    return entry


@pytest.fixture
def packed(pinned: WeightsEntry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WeightsEntry:
    """The same, but shipped in one of two folders instead of fetched."""
    entry = replace(pinned, sources=(), role="lifter")
    monkeypatch.setattr(weights, "manifest", lambda: (entry,))
    monkeypatch.setattr(weights, "SHIPPED_FOLDERS", (tmp_path / "wheel", tmp_path / "checkout"))
    return entry


def cached(entry: WeightsEntry, cache_dir: Path, content: bytes = CONTENT) -> Path:
    path = place(entry, cache_dir=cache_dir)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_names_and_file_names_mean_the_same_entry(pinned: WeightsEntry) -> None:
    assert resolve("tiny-pose") == resolve("tiny-pose.pt") == pinned


def test_a_file_of_ones_own_is_taken_as_it_is(pinned: WeightsEntry, tmp_path: Path) -> None:
    own = tmp_path / pinned.file
    own.write_bytes(b"my own training")

    assert resolve(own) == own
    assert ensure(str(own), cache_dir=tmp_path / "cache", offline=True) == own
    assert locate(own, cache_dir=tmp_path) == own


@pytest.mark.usefixtures("pinned")
@pytest.mark.parametrize(
    ("wanted", "message", "hint"),
    [
        ("tiny-pos", "no weights are named 'tiny-pos'", "Did you mean tiny-pose?"),
        ("qqq", "no weights are named 'qqq'", "See `pose3d weights list`."),
        ("runs/best.pt", "runs/best.pt: no such weights file", "See `pose3d weights list`."),
    ],
)
def test_what_is_neither_a_name_nor_a_file_is_told_apart(
    wanted: str, message: str, hint: str
) -> None:
    with pytest.raises(WeightsError) as caught:
        resolve(wanted)

    assert (str(caught.value), caught.value.hint) == (message, hint)


def test_missing_weights_are_fetched_once(
    pinned: WeightsEntry, server: Server, tmp_path: Path
) -> None:
    assert locate(pinned.name, cache_dir=tmp_path) is None

    first = ensure(pinned.name, cache_dir=tmp_path)
    second = ensure(pinned.name, cache_dir=tmp_path, offline=True)

    assert first == second == locate(pinned.name, cache_dir=tmp_path)
    assert first.read_bytes() == CONTENT
    assert len(server.visits) == 1


def test_damaged_weights_are_noticed_and_fetched_again(
    pinned: WeightsEntry, tmp_path: Path
) -> None:
    path = cached(pinned, tmp_path, CONTENT[:-1])
    assert state(pinned, cache_dir=tmp_path) == "damaged"

    assert ensure(pinned.name, cache_dir=tmp_path) == path

    assert state(pinned, cache_dir=tmp_path) == "present"
    assert path.read_bytes() == CONTENT


@pytest.mark.parametrize("content", [None, b"half"])
def test_offline_nothing_is_fetched_and_the_fix_is_told(
    pinned: WeightsEntry, server: Server, tmp_path: Path, content: bytes | None
) -> None:
    if content is not None:
        cached(pinned, tmp_path, content)

    with pytest.raises(WeightsError, match=r"tiny-pose are (missing|damaged)") as caught:
        ensure(pinned.name, cache_dir=tmp_path, offline=True)

    assert caught.value.exit_code == 3
    assert caught.value.hint is not None
    assert "pose3d weights pull tiny-pose" in caught.value.hint
    assert str(place(pinned, cache_dir=tmp_path)) in caught.value.hint
    assert server.visits == []


def test_when_nothing_can_be_fetched_the_reason_and_the_fix_are_told(
    pinned: WeightsEntry, server: Server, tmp_path: Path
) -> None:
    server.content = None

    with pytest.raises(WeightsError, match=r"cannot fetch tiny-pose \(server: is down\)") as caught:
        ensure(pinned.name, cache_dir=tmp_path)

    assert "pose3d weights pull tiny-pose" in str(caught.value.hint)


def test_weights_with_another_hash_are_never_handed_out(
    pinned: WeightsEntry, server: Server, tmp_path: Path
) -> None:
    server.content = b"malware"

    with pytest.raises(WeightsError, match="another file"):
        ensure(pinned.name, cache_dir=tmp_path)

    assert state(pinned, cache_dir=tmp_path) == "missing"


def test_a_cache_that_takes_no_files_is_named(pinned: WeightsEntry, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file, not a folder")

    with pytest.raises(WeightsError, match="cannot write") as caught:
        ensure(pinned.name, cache_dir=tmp_path / "cache")

    assert "POSE3D_CACHE_DIR" in str(caught.value.hint)


def test_an_unpublished_hash_is_recorded_on_the_first_download(
    unpinned: WeightsEntry, tmp_path: Path
) -> None:
    path = ensure(unpinned.name, cache_dir=tmp_path)

    record = path.with_name("tiny-pose.pt.sha256")
    assert record.read_text() == f"{SHA256}  tiny-pose.pt\n"  # as sha256sum writes it
    assert state(unpinned, cache_dir=tmp_path) == "present"


def test_a_recorded_hash_binds_every_later_use(
    unpinned: WeightsEntry, server: Server, tmp_path: Path
) -> None:
    path = ensure(unpinned.name, cache_dir=tmp_path)
    path.write_bytes(b"tampered")
    assert state(unpinned, cache_dir=tmp_path) == "damaged"

    server.content = b"tampered at the source"
    with pytest.raises(WeightsError, match="another file") as caught:
        ensure(unpinned.name, cache_dir=tmp_path)
    assert "tiny-pose.pt.sha256" in str(caught.value.hint)

    server.content = CONTENT
    assert ensure(unpinned.name, cache_dir=tmp_path).read_bytes() == CONTENT


@pytest.mark.parametrize("folder", ["wheel", "checkout"])
def test_shipped_weights_are_found_in_a_wheel_and_in_a_checkout(
    packed: WeightsEntry, tmp_path: Path, folder: str
) -> None:
    (tmp_path / folder).mkdir()
    (tmp_path / folder / packed.file).write_bytes(CONTENT)

    assert shipped(packed.name) == tmp_path / folder / packed.file
    assert ensure(packed.name, cache_dir=tmp_path) == shipped(packed.name)


@pytest.mark.parametrize("content", [None, b"half"])
def test_shipped_weights_that_are_not_whole_ask_for_a_reinstall(
    packed: WeightsEntry, tmp_path: Path, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / "wheel").mkdir()
        (tmp_path / "wheel" / packed.file).write_bytes(content)

    with pytest.raises(WeightsError, match="missing" if content is None else "damaged") as caught:
        shipped(packed.name)

    assert "pip install --force-reinstall" in str(caught.value.hint)


def test_fetched_weights_do_not_pass_for_shipped_ones(pinned: WeightsEntry) -> None:
    with pytest.raises(WeightsError, match="does not ship"):
        shipped(pinned.name)
