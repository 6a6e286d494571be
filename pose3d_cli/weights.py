"""Which weights there are, where they lie, and that they are the ones meant.

``weights.toml`` lists them. Detectors are downloaded into the cache on first use; the lifter ships
with pose3d. Nothing is handed out before its SHA-256 has been compared.
"""

import difflib
import logging
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pose3d_cli.downloads import FetchError, Progress, Source, fetch, sha256_of, show_nothing
from pose3d_cli.errors import WeightsError
from pose3d_cli.files import ANOTHER_CACHE, written_whole
from pose3d_cli.sources import Web, Wheel

logger = logging.getLogger(__name__)

MANIFEST = Path(__file__).with_name("weights.toml")
SHIPPED_FOLDERS = (
    Path(__file__).with_name("_weights"),  # in an installed wheel
    Path(__file__).parents[1] / "weights",  # in a checkout
)

Role = Literal["detector", "lifter"]
State = Literal["present", "missing", "damaged"]


@dataclass(frozen=True, kw_only=True)
class WeightsEntry:
    """Weights that pose3d knows by name."""

    name: str
    role: Role
    file: str
    """File name, in the cache or in the package."""
    licence: str
    """SPDX identifier."""
    sha256: str | None = None
    """The published hash; None where nobody publishes one."""
    size_bytes: int | None = None
    sources: tuple[Source, ...] = ()
    """Where it is fetched from, in order; empty for weights that ship with pose3d."""

    @property
    def is_shipped(self) -> bool:
        """Whether the weights come with pose3d instead of over the network."""
        return not self.sources


def default_lifter(quality: str) -> str:
    """Return the name of the lifter for a ``--quality``: the large one for ``best``."""
    return "sasmamba-large" if quality == "best" else "sasmamba-small"


def default_cache_dir() -> Path:
    """Return pose3d's folder in the platform's cache, such as ``~/.cache/pose3d``."""
    import platformdirs

    return platformdirs.user_cache_path("pose3d", appauthor=False)


def manifest(path: Path = MANIFEST) -> tuple[WeightsEntry, ...]:
    """Return every entry of a manifest file, in its order."""
    rows = tomllib.loads(path.read_text(encoding="utf-8"))["weights"]
    return tuple(_entry(**row) for row in rows)


def resolve(name_or_path: str | Path) -> WeightsEntry | Path:
    """Return the entry of that name, or the user's own file.

    Raises:
        WeightsError: it is neither.
    """
    wanted, path = str(name_or_path), Path(name_or_path)
    entries = {entry.name: entry for entry in manifest()}
    if wanted in entries:
        return entries[wanted]
    if path.is_file():
        return path
    by_file = {entry.file: entry for entry in entries.values()}
    if wanted in by_file:
        return by_file[wanted]
    if path.suffix or path.name != wanted:
        raise WeightsError(f"{wanted}: no such weights file", hint="See `pose3d weights list`.")
    close = difflib.get_close_matches(wanted, entries, n=1)
    raise WeightsError(
        f"no weights are named '{wanted}'",
        hint=f"Did you mean {close[0]}?" if close else "See `pose3d weights list`.",
    )


def place(entry: WeightsEntry, *, cache_dir: Path) -> Path:
    """Return where an entry's file belongs, whether or not it is there."""
    if not entry.is_shipped:
        return cache_dir / "weights" / entry.file
    candidates = [folder / entry.file for folder in SHIPPED_FOLDERS]
    return next((path for path in candidates if path.is_file()), candidates[0])


def locate(name_or_path: str | Path, *, cache_dir: Path) -> Path | None:
    """Return the file if it is on this machine, without looking inside.

    Raises:
        WeightsError: there are no weights of that name.
    """
    wanted = resolve(name_or_path)
    path = wanted if isinstance(wanted, Path) else place(wanted, cache_dir=cache_dir)
    return path if path.is_file() else None


def state(entry: WeightsEntry, *, cache_dir: Path) -> State:
    """Say whether an entry's file is there and has the hash that it must have."""
    path = place(entry, cache_dir=cache_dir)
    if not path.is_file():
        return "missing"
    return "present" if _expected_sha256(entry, path) in (None, sha256_of(path)) else "damaged"


def shipped(name: str) -> Path:
    """Return the verified file of weights that come with pose3d.

    Raises:
        WeightsError: the file is missing or damaged, or does not ship with pose3d.
    """
    entry = resolve(name)
    if isinstance(entry, Path) or not entry.is_shipped:
        raise WeightsError(f"{name} does not ship with pose3d", hint="See `pose3d weights list`.")
    return ensure(name, cache_dir=default_cache_dir(), offline=True)


def ensure(
    name_or_path: str | Path,
    *,
    cache_dir: Path,
    offline: bool = False,
    on_progress: Progress = show_nothing,
) -> Path:
    """Return a verified file, fetched if it is missing or damaged; a user's own file as it is.

    Raises:
        WeightsError: it is unknown, cannot be fetched, or is not what was published.
    """
    entry = resolve(name_or_path)
    if isinstance(entry, Path):
        return entry
    path = place(entry, cache_dir=cache_dir)
    found = state(entry, cache_dir=cache_dir)
    if found == "present":
        return path
    if entry.is_shipped:
        raise WeightsError(
            f"{path}, which ships with pose3d, is {found}",
            hint="Reinstall it: pip install --force-reinstall --no-deps pose3d-cli",
        )
    if offline:
        raise WeightsError(
            f"the weights {entry.name} are {found}, and --offline forbids fetching them",
            hint=_how_to_get(entry, path),
        )
    _fetch(entry, path, on_progress)
    return path


def _fetch(entry: WeightsEntry, path: Path, on_progress: Progress) -> None:
    expected = _expected_sha256(entry, path)
    try:
        digest = fetch(entry.sources, path, sha256=expected, on_progress=on_progress)
        if expected is None:
            _record_sha256(path, digest)
    except FetchError as error:
        raise WeightsError(
            f"cannot fetch {entry.name} ({error})", hint=_how_to_get(entry, path)
        ) from error
    except OSError as error:
        raise WeightsError(
            f"cannot write {path}: {error.strerror or error}",
            hint=ANOTHER_CACHE,
        ) from error
    logger.info("fetched %s (%s), sha256 %s", path, entry.licence, digest)


def _how_to_get(entry: WeightsEntry, path: Path) -> str:
    ways = [
        f"Online, run `pose3d weights pull {entry.name}`",
        f"copy {entry.file} to {path}",
        f"name your own file with --{entry.role} FILE",
    ]
    if _record(path).is_file():
        ways.append(f"delete {_record(path)} to trust another file than the first one")
    return "; or ".join(ways) + "."


def _record(path: Path) -> Path:
    return path.with_name(f"{path.name}.sha256")


def _record_sha256(path: Path, digest: str) -> None:
    """Remember what was trusted on first use, in the format of ``sha256sum --check``."""
    with written_whole(_record(path), hint=ANOTHER_CACHE) as part:
        part.write_text(f"{digest}  {path.name}\n", encoding="ascii")


def _expected_sha256(entry: WeightsEntry, path: Path) -> str | None:
    if entry.sha256 or entry.is_shipped or not _record(path).is_file():
        return entry.sha256
    return _record(path).read_text(encoding="ascii").partition(" ")[0]


def _entry(
    *, urls: Sequence[str] = (), wheel: dict[str, str] | None = None, **fields: Any
) -> WeightsEntry:
    sources: list[Source] = [Web(url) for url in urls]
    if wheel:
        sources.append(Wheel(**wheel))
    return WeightsEntry(**fields, sources=tuple(sources))
