"""One clip of a batch: lift it in a folder of its own, then move everything into place.

Whoever works on a clip holds its lock, so that two runs never do the same one at once, and what a
killed run left half done is swept away before the next try.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from pose3d_cli.batch.inputs import Clip
from pose3d_cli.batch.manifest import Failure, Fingerprint, Manifest, Record, Written
from pose3d_cli.batch.recipe import Recipe
from pose3d_cli.batch.sparing import check_ours
from pose3d_cli.downloads import sha256_of
from pose3d_cli.errors import InputError, OutputError, Pose3DError
from pose3d_cli.files import ELSEWHERE
from pose3d_cli.video.images import content_sha256, picture_files
from pose3d_cli.watch import Watch

if TYPE_CHECKING:
    from pose3d_cli.pipeline import Models

PRIVATE = ".pose3d-batch"
"""Folder inside the output folder with locks and unfinished work."""


@dataclass(frozen=True, slots=True)
class Job:
    """A clip and what to do with it."""

    clip: Clip
    recipe: Recipe
    out_dir: Path

    @property
    def private_dir(self) -> Path:
        """Return where locks and unfinished work lie."""
        return self.out_dir / PRIVATE

    @property
    def targets(self) -> tuple[Path, ...]:
        """Return what is written; several people add numbers to what takes one."""
        place = self.out_dir / self.clip.name
        return tuple(place.with_name(f"{place.name}.{suffix}") for suffix in self.recipe.formats)

    @property
    def staging_dir(self) -> Path:
        """Return where outputs are made."""
        return self.private_dir / "unfinished" / self.key

    @property
    def key(self) -> str:
        """Return a file name for the clip that is safe on every system."""
        return sha256(self.clip.name.encode("utf-8", "surrogateescape")).hexdigest()[:24]


class Busy(Exception):  # noqa: N818 - nothing is wrong
    """Another run is working on this clip."""


def prepare(out_dir: Path) -> Path:
    """Make the output folder and the private one inside.

    Raises:
        OutputError: that is not possible.
    """
    private = out_dir / PRIVATE
    try:
        (private / "locks").mkdir(parents=True, exist_ok=True)
        (private / "unfinished").mkdir(exist_ok=True)
        with tempfile.TemporaryFile(dir=private):
            pass
    except OSError as error:
        raise OutputError(
            f"cannot write into {out_dir}: {error.strerror or error}",
            hint=ELSEWHERE,
        ) from error
    return private


@contextmanager
def held(job: Job, *, wait: bool) -> Iterator[None]:
    """Hold the clip's lock.

    Raises:
        Busy: somebody else holds it, and ``wait`` is off.
    """
    try:
        with FileLock(job.private_dir / "locks" / f"{job.key}.lock", blocking=wait):
            yield
    except Timeout as error:
        raise Busy from error


def is_settled(job: Job, record: Record | None, *, retry_failed: bool) -> bool:
    """Return whether nothing is left to do: done as wanted, or failed for good."""
    if record is None or record.config_sha256 != job.recipe.sha256:
        return False
    if not _unchanged(job.clip.path, record.fingerprint):
        return False
    if record.state == "failed":
        return record.error is not None and record.error.is_final and not retry_failed
    return all(_is_there(job.out_dir / written.path, written) for written in record.outputs)


def perform(
    job: Job, models: "Callable[[], Models]", *, watch: Watch, timings_s: dict[str, float]
) -> Record:
    """Lift a clip, put its outputs into place, and note what became of it.

    Args:
        job: whose lock is held.
        models: gives the networks, which need not be loaded for a file that is no video.
        watch: is told of the progress.
        timings_s: where ``watch`` counts the time of each stage.
    """
    shutil.rmtree(job.staging_dir, ignore_errors=True)
    fingerprint = None
    try:
        fingerprint = _fingerprint(job.clip.path)
        frames, people, outputs = _lifted(job, models, watch=watch)
        record = Record(
            *_header(job, fingerprint),
            "done",
            _now(),
            outputs=outputs,
            frames=frames,
            people=people,
            timings_s={label: round(spent, 3) for label, spent in timings_s.items()},
        )
    except (Pose3DError, OSError, MemoryError) as error:
        failure = _failure(error, job)
        record = Record(*_header(job, fingerprint), "failed", _now(), error=failure)
    finally:
        shutil.rmtree(job.staging_dir, ignore_errors=True)
    return _noted(job, record)


def crashed(job: Job, message: str, *, hint: str | None) -> Record:
    """Return, and note, that a worker did not survive a clip."""
    failure = Failure(message, Pose3DError.exit_code, hint)
    return _noted(job, Record(*_header(job, None), "failed", _now(), error=failure))


def _noted(job: Job, record: Record) -> Record:
    """Return what the manifest was told; what it does not know counts as failed, and is done again."""
    try:
        Manifest(job.out_dir, private_dir=job.private_dir).append(record)
    except OutputError as error:
        return replace(record, state="failed", outputs=(), error=_failure(error, job))
    return record


def _lifted(
    job: Job, models: "Callable[[], Models]", *, watch: Watch
) -> tuple[int, int, tuple[Written, ...]]:
    from pose3d_cli.outputs import write
    from pose3d_cli.pipeline import estimate
    from pose3d_cli.video.reader import probe

    probe(job.clip.path)
    for path in job.targets:
        check_ours(path)
    target = job.out_dir / job.clip.name
    target.parent.mkdir(parents=True, exist_ok=True)
    job.staging_dir.mkdir(parents=True)
    how = job.recipe.how
    result = estimate(job.clip.path, models(), how.settings(), watch=watch, store=how.store())
    drafts = [job.staging_dir / f"{target.name}.{suffix}" for suffix in job.recipe.formats]
    look, bvh = how.render_settings(), how.bvh_style()
    written = write(result, drafts, look=look, bvh=bvh, watch=watch)
    outputs = []
    for draft in written:
        final = target.with_name(draft.name)
        relative = final.relative_to(job.out_dir).as_posix()
        outputs.append(Written(relative, draft.stat().st_size, sha256_of(draft)))
        draft.replace(final)
    return len(result.times_s), len(result.people), tuple(outputs)


def _header(job: Job, fingerprint: Fingerprint | None) -> tuple[str, str, Fingerprint | None, str]:
    return job.clip.name, str(job.clip.path), fingerprint, job.recipe.sha256


def _failure(error: Exception, job: Job) -> Failure:
    if isinstance(error, Pose3DError):
        place = (job.out_dir / job.clip.name).parent
        told = str(error).replace(str(job.staging_dir), str(place))
        return Failure(told, error.exit_code, error.hint)
    if isinstance(error, MemoryError):
        return Failure("out of memory", 1, "Use fewer --jobs.")
    reason = error.strerror if isinstance(error, OSError) else None
    told = f"cannot write the outputs: {reason or error}"
    return Failure(told, OutputError.exit_code, ELSEWHERE)


def _fingerprint(path: Path) -> Fingerprint:
    try:
        return Fingerprint(*_size_and_time(path), content_sha256(path))
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error


def _size_and_time(path: Path) -> tuple[int, int]:
    """Return a file's size and time; a folder's pictures' sizes together, and the newest time."""
    files = [path, *picture_files(path)] if path.is_dir() else [path]
    stats = [file.stat() for file in files]
    return sum(stat.st_size for stat in stats), max(stat.st_mtime_ns for stat in stats)


def _unchanged(path: Path, before: Fingerprint | None) -> bool:
    if before is None:
        return False
    try:
        size, mtime_ns = _size_and_time(path)
        if size != before.size:
            return False
        return mtime_ns == before.mtime_ns or content_sha256(path) == before.sha256
    except OSError:
        return False


def _is_there(path: Path, written: Written) -> bool:
    try:
        return path.stat().st_size == written.size
    except OSError:
        return False


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
