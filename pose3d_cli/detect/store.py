"""Keep what was detected on disk, so that a run that was stopped, or another one, goes on from it.

A run's chunks lie in a folder that is named after everything they depend on. Each appears whole or
not at all, so whatever ends a process, all but the last few seconds of its work is there.
"""

import hashlib
import json
import logging
import shutil
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from pose3d_cli.errors import OutputError
from pose3d_cli.files import ANOTHER_CACHE, written_whole
from pose3d_cli.sequences import Detections

logger = logging.getLogger(__name__)

FORMAT = 2
"""Count up when chunks are written differently, or detections mean something else."""
CHUNK_FRAMES = 128
_DAMAGED = (
    *(OSError, EOFError, ValueError, TypeError, LookupError, ArithmeticError, MemoryError),
    *(BadZipFile, NotImplementedError, RuntimeError, zlib.error),
)
"""What NumPy and zipfile raise for chunks that are cut off or changed."""
MOST_BYTES = 2**30
"""What all runs together may take; about ten hours of video."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunKey:
    """Everything that detections depend on."""

    video_sha256: str
    detector: str
    detector_sha256: str
    selection: str
    """Which frames were looked at."""

    @property
    def folder(self) -> str:
        """A name that no other key has."""
        words = json.dumps({"format": FORMAT, **asdict(self)}, sort_keys=True)
        return hashlib.sha256(words.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class DetectionStore:
    """A folder of runs."""

    folder: Path
    most_bytes: int = MOST_BYTES

    def run(self, key: RunKey) -> "StoredRun":
        """Return what is there of a run, and forget those that were not used for longest."""
        mine = self.folder / key.folder
        try:
            mine.mkdir(parents=True, exist_ok=True)
            mine.touch()
            self._forget_oldest(but=mine)
        except OSError as error:
            raise OutputError(
                f"cannot write {mine}: {error.strerror or error}",
                hint=f"{ANOTHER_CACHE} --no-cache keeps nothing.",
            ) from error
        return StoredRun(mine)

    def _forget_oldest(self, *, but: Path) -> None:
        runs = [(*_age_and_size(run), run) for run in self.folder.iterdir() if run.is_dir()]
        total = 0
        for _, size, run in sorted(runs, reverse=True):
            total += size
            if total > self.most_bytes and run != but:
                shutil.rmtree(run, ignore_errors=True)


def _age_and_size(run: Path) -> tuple[float, int]:
    """Return when a run was last used, and its bytes; nothing if another process just forgot it."""
    try:
        return run.stat().st_mtime, sum(chunk.stat().st_size for chunk in run.iterdir())
    except FileNotFoundError:
        return 0.0, 0


class StoredRun:
    """The chunks of one run, in order."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._chunks, self.is_complete = 0, False
        self.frames = 0
        """How many frames are there, from the first on."""
        for detections, is_last in self._read():
            self._chunks += 1
            self.frames += len(detections)
            self.is_complete = is_last

    def detections(self) -> Iterator[Detections]:
        """Yield what is there."""
        for detections, _ in islice(self._read(), self._chunks):
            yield from detections

    def keeping(self, following: Iterable[Detections]) -> Iterator[Detections]:
        """Yield what follows on what is there, up to the end, and keep it while the disk takes it."""
        remaining = iter(following)
        is_last, is_kept = False, True
        while not is_last:
            chunk: list[Detections] = []
            for found in islice(remaining, CHUNK_FRAMES):
                chunk.append(found)
                yield found
            is_last = len(chunk) < CHUNK_FRAMES
            is_kept = is_kept and self._keep(chunk, is_last=is_last)

    def _keep(self, chunk: list[Detections], *, is_last: bool) -> bool:
        """Write one more chunk; return whether the disk took it."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)  # if another process has forgotten us
            with written_whole(self._path(self._chunks)) as part, part.open("wb") as file:
                np.savez(file, allow_pickle=False, **_packed(chunk, is_last=is_last))
        except (OSError, OutputError) as error:
            logger.warning("what is detected from here on is not kept: %s", error)
            return False
        self._chunks += 1
        return True

    def _path(self, chunk: int) -> Path:
        return self._folder / f"{chunk:06d}.npz"

    def _read(self) -> Iterator[tuple[list[Detections], bool]]:
        chunk, is_last = 0, False
        while not is_last and (path := self._path(chunk)).is_file():
            try:
                with path.open("rb") as file, np.load(file) as packed:
                    detections, is_last = _unpacked(packed), bool(packed["is_last"])
            except _DAMAGED as error:
                logger.warning("%s is damaged (%s) and made again", path, error)
                return
            yield detections, is_last
            chunk += 1


_PER_PERSON = ("boxes_px", "scores", "keypoints_px", "confidence", "looks")


def _packed(chunk: list[Detections], *, is_last: bool) -> dict[str, np.ndarray]:
    times = [found.time_s.as_integer_ratio() for found in chunk]
    packed = {
        "is_last": np.array(is_last),
        "index": np.array([found.index for found in chunk], np.int64),
        "time_s": np.array(times, np.int64).reshape(-1, 2),
        "people": np.array([len(found.scores) for found in chunk], np.int64),
        "starts_scene": np.array([found.starts_scene for found in chunk], bool),
    }
    for name in _PER_PERSON:
        parts = [part for found in chunk if (part := getattr(found, name)) is not None]
        if parts:
            packed[name] = np.concatenate(parts)
    return packed


def _unpacked(packed: "np.lib.npyio.NpzFile") -> list[Detections]:
    ends = np.cumsum(packed["people"])
    whole = {name: packed[name] for name in _PER_PERSON if name in packed}
    rows = zip(
        packed["index"].tolist(),
        packed["time_s"].tolist(),
        packed["starts_scene"].tolist(),
        (ends - packed["people"]).tolist(),
        ends.tolist(),
        strict=True,
    )
    return [
        Detections(
            index=index,
            time_s=Fraction(*time_s),
            starts_scene=starts_scene,
            **{name: values[start:stop] for name, values in whole.items()},
        )
        for index, time_s, starts_scene, start, stop in rows
    ]
