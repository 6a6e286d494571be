"""Workers on this machine: a process each, so that one that dies takes only its own clip along."""

import multiprocessing
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from pose3d_cli.batch.job import Job
from pose3d_cli.batch.pool import Died, Event, Finished
from pose3d_cli.batch.worker import Place, serve


@dataclass(slots=True, eq=False)
class _Worker:
    place: Place
    process: BaseProcess
    connection: Connection
    job: Job | None = None


class LocalPool:
    """Processes, started afresh, because a fork of a process with threads can hang."""

    def __init__(self, places: Sequence[Place]) -> None:
        self._workers = [_started(place) for place in places]

    @property
    def free(self) -> int:
        """Return how many workers have nothing to do."""
        return sum(worker.job is None for worker in self._workers)

    def submit(self, job: Job, *, wait: bool) -> None:
        """Give a clip to a free worker."""
        worker = next(worker for worker in self._workers if worker.job is None)
        worker.job = job
        worker.connection.send((job, wait))

    def events(self) -> Sequence[Event]:
        """Wait until something happened, and return it."""
        busy = {worker.connection: worker for worker in self._workers if worker.job is not None}
        return [
            self._heard(busy[ready]) for ready in wait(list(busy)) if isinstance(ready, Connection)
        ]

    def close(self) -> None:
        """Kill all workers: what they had begun is swept away by the next run."""
        for worker in self._workers:
            worker.connection.close()
            worker.process.kill()
            worker.process.join()

    def _heard(self, worker: _Worker) -> Event:
        job = worker.job
        assert job is not None  # only busy workers are listened to
        try:
            event: Event = worker.connection.recv()
        except (EOFError, ConnectionError):
            worker.process.join()
            died = Died(job, *_cause(worker.process.exitcode))
            self._workers[self._workers.index(worker)] = _started(worker.place)
            return died
        if isinstance(event, Finished):
            worker.job = None
        return event


def _started(place: Place) -> _Worker:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(theirs, place), daemon=True)
    process.start()
    theirs.close()
    return _Worker(place, process, ours)


def _cause(exit_code: int | None) -> tuple[str, str | None]:
    """Return why a worker ended, and what to do."""
    if exit_code == -signal.SIGKILL:
        return "the worker was killed, probably because memory ran out", "Use fewer --jobs."
    if exit_code is not None and exit_code < 0:
        return f"the worker was stopped by {signal.Signals(-exit_code).name}", None
    return (
        f"the worker crashed with exit code {exit_code}",
        "`pose3d lift` with --debug shows where.",
    )
