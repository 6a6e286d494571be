"""A batch from its first clip to its last: skip what is settled, hand out the rest, count."""

from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from pose3d_cli.batch.job import Job, crashed, is_settled
from pose3d_cli.batch.manifest import Manifest, Record
from pose3d_cli.batch.pool import Died, Finished, Pool, Progress
from pose3d_cli.errors import DeviceError, Pose3DError, WeightsError

TRIES = 3
"""Of a clip whose worker's machine was lost."""
_HOPELESS: Mapping[int, type[Pose3DError]] = {
    kind.exit_code: kind for kind in (WeightsError, DeviceError)
}
"""What would happen to every other clip too."""


@runtime_checkable
class Audience(Protocol):
    """Whoever is shown how the batch goes."""

    def started(self, job: Job) -> None:
        """A worker begins with a clip."""
        ...

    def progressed(self, progress: Progress) -> None:
        """A clip is further."""
        ...

    def finished(self, job: Job, record: Record | None) -> None:
        """A clip is done or has failed; None if another run did it."""
        ...


@dataclass(slots=True)
class Summary:
    """What became of a batch."""

    done: list[Record] = field(default_factory=list)
    failed: list[Record] = field(default_factory=list)
    skipped: int = 0
    """Done before, or by another run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What is done again, and when to stop."""

    retry_failed: bool = False
    force: bool = False
    fail_fast: bool = False


def split(jobs: Iterable[Job], manifest: Manifest, policy: Policy) -> tuple[list[Job], Summary]:
    """Return the jobs that are left to do, and a summary of the others."""
    todo, summary, records = [], Summary(), manifest.latest()
    for job in jobs:
        record = records.get(job.clip.name)
        if policy.force or not is_settled(job, record, retry_failed=policy.retry_failed):
            todo.append(job)
        elif record is not None and record.state == "failed":
            summary.failed.append(record)
        else:
            summary.skipped += 1
    return todo, summary


def run(
    todo: Sequence[Job],
    summary: Summary,
    *,
    manifest: Manifest,
    pool: Pool,
    policy: Policy,
    audience: Audience,
) -> None:
    """Do all jobs, adding to the summary what becomes of each; the pool is closed in the end.

    Raises:
        WeightsError: the networks cannot be loaded, for any clip.
        DeviceError: the device is not there.
    """
    try:
        _Run(manifest, pool, policy, audience, summary).all(todo)
    finally:
        pool.close()


@dataclass(slots=True)
class _Run:
    manifest: Manifest
    pool: Pool
    policy: Policy
    audience: Audience
    summary: Summary
    running: int = 0
    failed_now: bool = False
    tries: Counter[str] = field(default_factory=Counter)
    waiting: deque[Job] = field(default_factory=deque)
    busy: deque[Job] = field(default_factory=deque)
    """Held by another run when they came up; waited for when nothing else is left."""

    def all(self, todo: Iterable[Job]) -> None:
        self.waiting.extend(todo)
        while True:
            self._hand_out()
            if not (self.running or self.waiting or self.busy):
                return
            for event in self.pool.events():
                if isinstance(event, Progress):
                    self.audience.progressed(event)
                elif isinstance(event, Died):
                    self._died(event)
                else:
                    self._finished(event)
            if self.failed_now and self.policy.fail_fast:
                return

    def _hand_out(self) -> None:
        """Give free workers something to do."""
        retry = self.policy.retry_failed
        while self.pool.free and (queue := self.waiting or self.busy):
            job = queue.popleft()
            theirs = self.manifest.latest().get(job.clip.name)
            if not self.policy.force and is_settled(job, theirs, retry_failed=retry):
                self._count(job, theirs if theirs is not None and theirs.error else None)
                continue
            self.audience.started(job)
            self.pool.submit(job, wait=queue is self.busy)
            self.running += 1

    def _died(self, event: Died) -> None:
        self.running -= 1
        self.tries[event.job.clip.name] += 1
        if event.try_again and self.tries[event.job.clip.name] < TRIES:
            self.waiting.append(event.job)
        else:
            self._count(event.job, crashed(event.job, event.reason, hint=event.hint))

    def _finished(self, event: Finished) -> None:
        self.running -= 1
        if event.record is None:
            self.busy.append(event.job)
            return
        self._count(event.job, event.record)
        error = event.record.error
        if error is not None and error.exit_code in _HOPELESS:
            raise _HOPELESS[error.exit_code](error.message, hint=error.hint)

    def _count(self, job: Job, record: Record | None) -> None:
        if record is None:
            self.summary.skipped += 1
        elif record.state == "done":
            self.summary.done.append(record)
        else:
            self.summary.failed.append(record)
            self.failed_now = True
        self.audience.finished(job, record)
