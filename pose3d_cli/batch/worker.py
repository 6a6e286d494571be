"""A worker process: loads the networks once, then lifts clip after clip."""

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from multiprocessing import parent_process
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, TypeVar

from pose3d_cli.batch.job import Busy, Job, held, is_settled, perform
from pose3d_cli.batch.manifest import Manifest, Record
from pose3d_cli.batch.pool import Finished, Progress
from pose3d_cli.batch.recipe import Recipe
from pose3d_cli.watch import Stopwatch

if TYPE_CHECKING:
    from pose3d_cli.pipeline import Models

Item = TypeVar("Item")

TOLD_EVERY_S = 0.2


@dataclass(frozen=True, slots=True)
class Place:
    """Where a worker runs."""

    gpu: str | None
    """One entry of CUDA_VISIBLE_DEVICES; None takes what there is."""
    threads: int
    """For the networks and for OpenCV."""


def serve(connection: Connection, place: Place) -> None:
    """Take jobs from a connection until it is closed, and send back what becomes of them."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started us decides
    threading.Thread(target=_die_with_parent, daemon=True).start()
    os.environ["OMP_NUM_THREADS"] = str(place.threads)
    if place.gpu is not None:
        os.environ["CUDA_VISIBLE_DEVICES"] = place.gpu
    spare_the_board()
    while True:
        try:
            job, wait = connection.recv()
        except EOFError:
            return
        connection.send(Finished(job, attempt(job, wait=wait, tell=connection.send)))


def spare_the_board() -> None:
    """Say nothing but errors on a terminal, where a line would land in the middle of the bars."""
    if sys.stderr.isatty():
        logging.getLogger("pose3d_cli").setLevel(logging.ERROR)


def attempt(job: Job, *, wait: bool, tell: Callable[[Progress], None]) -> Record | None:
    """Do a job; return None if another run has it, or what that run wrote if we waited for it."""
    try:
        with held(job, wait=wait):
            if wait:
                manifest = Manifest(job.out_dir, private_dir=job.private_dir)
                theirs = manifest.latest().get(job.clip.name)
                if is_settled(job, theirs, retry_failed=False):
                    return theirs
            watch = _Telling(job, tell)
            return perform(job, lambda: _loaded(job.recipe), watch=watch, timings_s=watch.seconds)
    except Busy:
        return None


@cache
def _loaded(recipe: Recipe) -> "Models":
    return recipe.how.load()


def _die_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


class _Telling(Stopwatch):
    """A watch that sends on, now and then, how far a job is."""

    def __init__(self, job: Job, tell: Callable[[Progress], None]) -> None:
        super().__init__()
        self._job = job
        self._tell = tell
        self._told_s = 0.0

    def each(self, label: str, items: Iterable[Item], *, total: int) -> Generator[Item, None, None]:
        """Pass items through and tell how many."""
        with self.timed(label):
            for done, item in enumerate(items):
                if time.monotonic() - self._told_s > TOLD_EVERY_S:
                    self._told_s = time.monotonic()
                    self._tell(Progress(self._job, label, done, total))
                yield item

    def stage(self, label: str) -> AbstractContextManager[None]:
        """Add the time that the block takes to the stage's."""
        return self.timed(label)
