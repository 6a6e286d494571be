"""A folder of pictures, read as if it were a video: in the order of their numbers, 30 a second."""

import io
import re
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from pose3d_cli.downloads import sha256_of
from pose3d_cli.errors import InputError

DEMUXERS = {".jpg": "jpeg_pipe", ".jpeg": "jpeg_pipe", ".png": "png_pipe", ".webp": "webp_pipe"}
FPS = "30"


class Pictures(io.RawIOBase):
    """The files of a folder one after the other, never more than one of them open."""

    def __init__(self, folder: Path, files: Sequence[Path]) -> None:
        super().__init__()
        self.name = str(folder)
        """What PyAV calls the container."""
        self.demuxer = DEMUXERS[files[0].suffix.lower()]
        self._files = iter(files)
        self._open: io.BufferedReader | None = None

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, of one file at a time; none at the end of the last."""
        while True:
            if self._open is None:
                if (file := next(self._files, None)) is None:
                    return b""
                self._open = file.open("rb")
            if data := self._open.read(size):
                return data
            self._open.close()
            self._open = None

    def close(self) -> None:
        """Close the file that is open."""
        if self._open is not None:
            self._open.close()
        super().close()


def pictures_in(folder: Path) -> Pictures:
    """Return the pictures of a folder: ``2.jpg`` before ``10.jpg``; hidden files do not count.

    Raises:
        InputError: there are none, or of several kinds.
    """
    files = picture_files(folder)
    if not files:
        kinds = " ".join(DEMUXERS)
        raise InputError(
            f"{folder} is a folder without pictures", hint=f"Name a video, or a folder of {kinds}"
        )
    if len({DEMUXERS[file.suffix.lower()] for file in files}) > 1:
        raise InputError(f"{folder} mixes kinds of pictures", hint="Keep one kind in a folder.")
    return Pictures(folder, files)


def picture_files(folder: Path) -> list[Path]:
    """Return the pictures of a folder in the order of the numbers in their names."""
    files = [f for f in folder.iterdir() if f.suffix.lower() in DEMUXERS and f.name[0] != "."]
    return sorted(files, key=lambda file: _natural(file.name))


def content_sha256(path: Path) -> str:
    """Return the hash of a file; of a folder, that of its pictures and their names."""
    if not path.is_dir():
        return sha256_of(path)
    parts = (f"{file.name}\0{sha256_of(file)}\n" for file in picture_files(path))
    return sha256("".join(parts).encode("utf-8", "surrogateescape")).hexdigest()


def _natural(name: str) -> list[tuple[int, str]]:
    return [
        (int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", name)
    ]
