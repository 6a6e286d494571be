"""A file that is still being written, read as if it were whole: at its end, wait for more.

As long as ``clip.mkv`` grows it is called ``clip.mkv.part``; whoever writes it renames it at the end. So
the two can be told apart, and what a killed process leaves is never taken for a whole file.
"""

import io
import shutil
import time
from pathlib import Path

_LOOK_AGAIN_S = 0.02
DEAD_S = 30
"""Whoever writes gives up a source that is silent for less; so nobody writes any more."""


def part_of(path: Path) -> Path:
    """Return what a file is called until it is whole."""
    return path.with_name(f"{path.name}.part")


def growing_file(path: Path) -> "Growing | None":
    """Return a file that is being written, to be read; None if it is whole, or is not there."""
    if path.exists():
        return None
    try:
        return Growing(path)
    except FileNotFoundError:
        return None


def make_whole(path: Path) -> None:
    """Give a file that has been written its name, even if somebody is still reading it."""
    part = part_of(path)
    try:
        part.replace(path)
    except PermissionError:  # Windows renames no file that is open
        shutil.copyfile(part, path)


class Growing(io.RawIOBase):
    """Reads ``path`` while it is written, from its first byte to its last."""

    def __init__(self, path: Path) -> None:
        """Open what there is of a file.

        Raises:
            FileNotFoundError: nobody is writing it.
        """
        super().__init__()
        self.name = str(path)
        """What PyAV calls the container."""
        self._path = path
        self._file = part_of(path).open("rb", buffering=0)

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, waiting for at least one; none when the file is whole and read.

        What a killed process left counts as whole once it has not grown for ``DEAD_S``.
        """
        began_s = time.monotonic()
        while not (data := self._file.read(size)):
            if self._path.exists() or time.monotonic() - began_s > DEAD_S:
                return self._file.read(size)  # what came between the last look and the renaming
            time.sleep(_LOOK_AGAIN_S)
        return data

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()
