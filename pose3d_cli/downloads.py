"""Bring a file here from the first source that has it: verified, whole, continued where it broke.

The bytes gather in ``NAME.part`` beside the target and are renamed once their hash is right, so
whatever stops a download, the target is either the right file or not there.
"""

import hashlib
import logging
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Protocol, runtime_checkable

logger = logging.getLogger(__name__)

Progress = Callable[[int, int | None], None]
"""Called with the bytes that are here and the bytes there will be, None if nobody says."""


class FetchError(Exception):
    """A source did not give the file; another one, or another day, may."""


@runtime_checkable
class Source(Protocol):
    """Somewhere a file can be had from; its ``str`` names it in messages."""

    def fetch(self, part: Path, *, on_progress: Progress) -> None:
        """Write the file to ``part``, or continue the beginning of it that is there.

        Raises:
            FetchError: the source does not have the file, or broke off.
        """


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, as hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def show_nothing(done_bytes: int, total_bytes: int | None) -> None:
    """Take progress reports and drop them."""


def fetch(
    sources: Iterable[Source],
    path: Path,
    *,
    sha256: str | None,
    on_progress: Progress = show_nothing,
) -> str:
    """Put the file that ``sources`` offer at ``path``, unless it is there; return its hash.

    Args:
        sources: Tried in order until one gives the right file.
        path: Where the file appears once it is verified; the folder is made.
        sha256: The hash it must have; None takes whatever is there or comes first.
        on_progress: See `Progress`.

    Raises:
        FetchError: no source gave the right file.
        OSError: the folder takes no files.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    from filelock import FileLock

    failures = []
    # Two processes that append to one part would damage it, even after one of them verified it.
    with FileLock(path.with_name(f".{path.name}.lock")):
        if path.is_file() and sha256 in (None, here := sha256_of(path)):
            return here
        for source in sources:
            try:
                digest = _fetch_verified(source, part, sha256=sha256, on_progress=on_progress)
            except FetchError as error:
                logger.warning("%s: %s", source, error)
                failures.append(f"{source}: {error}")
            else:
                part.replace(path)
                return digest
    raise FetchError("; ".join(failures))


def _fetch_verified(
    source: Source, part: Path, *, sha256: str | None, on_progress: Progress
) -> str:
    if sha256 is None:  # what cannot be verified afterwards is not pieced together
        part.unlink(missing_ok=True)
    continued = part.exists()
    source.fetch(part, on_progress=on_progress)
    digest = sha256_of(part)
    if sha256 in (None, digest):
        return digest
    part.unlink()
    if continued:
        logger.warning("%s: the beginning that was here did not fit; starting again", source)
        return _fetch_verified(source, part, sha256=sha256, on_progress=on_progress)
    raise FetchError(f"sent another file (sha256 {digest[:12]}…, expected {sha256[:12]}…)")
