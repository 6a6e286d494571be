"""What became of each clip: one line of JSON a try, appended, so that no line is ever lost.

The last line about a clip counts. Several runs may append at once.
"""

import json
import logging
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock

from pose3d_cli.errors import OutputError
from pose3d_cli.files import ELSEWHERE

logger = logging.getLogger(__name__)

NAME = "manifest.jsonl"
FINAL = frozenset({4, 5})
"""Exit codes that a second try would not change: unreadable, or nobody in it."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """How a file is recognised: unchanged size and time will do; if not, its hash is compared."""

    size: int
    mtime_ns: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Written:
    """An output, as it was when it was finished."""

    path: str
    """Relative to the output folder, with ``/``."""
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a clip has no outputs."""

    message: str
    exit_code: int
    hint: str | None = None

    @property
    def is_final(self) -> bool:
        """Whether the clip itself is to blame."""
        return self.exit_code in FINAL


@dataclass(frozen=True, slots=True)
class Record:
    """One try at a clip."""

    name: str
    """As in `Clip`."""
    input: str
    """The path as it was named."""
    fingerprint: Fingerprint | None
    """None if the file could not be read."""
    config_sha256: str
    state: Literal["done", "failed"]
    finished: str
    """UTC, ISO 8601."""
    outputs: tuple[Written, ...] = ()
    error: Failure | None = None
    frames: int = 0
    people: int = 0
    timings_s: Mapping[str, float] = field(default_factory=dict)


class Manifest:
    """The file in an output folder."""

    def __init__(self, out_dir: Path, *, private_dir: Path) -> None:
        self.path = out_dir / NAME
        self._lock = FileLock(private_dir / "manifest.lock")
        self._records: dict[str, Record] = {}
        self._read = 0
        """Bytes."""

    def append(self, record: Record) -> None:
        """Add a line, whole.

        Raises:
            OutputError: the file cannot be written.
        """
        line = json.dumps(asdict(record), ensure_ascii=False).encode("utf-8", "surrogateescape")
        try:
            with self._lock, self.path.open("ab+") as file:
                if file.tell() and self._breaks_off():
                    line = b"\n" + line
                file.write(line + b"\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise OutputError(
                f"cannot write {self.path}: {error.strerror or error}",
                hint=ELSEWHERE,
            ) from error

    def latest(self) -> Mapping[str, Record]:
        """Return the last record of each clip; what is no record is passed over with a warning.

        Reads only what was added since the last call.
        """
        if self.path.exists():
            with self.path.open("rb") as file:
                file.seek(self._read)
                whole, newline, _ = file.read().rpartition(b"\n")
            self._read += len(whole) + len(newline)
            for line in whole.split(b"\n"):
                self._take(line)
        return self._records

    def _take(self, line: bytes) -> None:
        try:
            record = _record(json.loads(line.decode("utf-8", "surrogateescape")))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            if line:
                logger.warning("%s: a line is no record and is ignored", self.path)
            return
        self._records[record.name] = record

    def _breaks_off(self) -> bool:
        """Return whether whoever wrote last was stopped within a line."""
        with self.path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read(1) != b"\n"


def _record(values: dict[str, Any]) -> Record:
    fingerprint, error = values.pop("fingerprint"), values.pop("error")
    if values["state"] not in ("done", "failed") or not isinstance(values["name"], str):
        raise ValueError(values["state"])
    return Record(
        fingerprint=None if fingerprint is None else Fingerprint(**fingerprint),
        outputs=tuple(Written(**written) for written in values.pop("outputs")),
        error=None if error is None else Failure(**error),
        **values,
    )
