"""A worker process that dies takes only its own clip along."""

import multiprocessing
from collections.abc import Callable
from pathlib import Path

import pytest

from pose3d_cli.batch.job import Job, held
from pose3d_cli.batch.local import LocalPool
from pose3d_cli.batch.pool import Died, Finished
from pose3d_cli.batch.worker import Place

pytestmark = pytest.mark.slow


def test_a_killed_worker_is_told_and_replaced(job: Callable[..., Job]) -> None:
    stuck, broken = job("stuck"), job("broken")
    Path(broken.clip.path).write_text("This is not a video.")
    pool = LocalPool([Place(None, 1)])
    try:
        with held(stuck, wait=False):
            pool.submit(stuck, wait=True)
            (worker,) = multiprocessing.active_children()
            worker.kill()
            (died,) = pool.events()
        assert isinstance(died, Died)
        assert (died.job.clip.name, "killed" in died.reason) == ("stuck", True)

        assert pool.free == 1
        pool.submit(broken, wait=False)
        (finished,) = pool.events()
        assert isinstance(finished, Finished)
        assert finished.record is not None
        assert finished.record.error is not None
        assert finished.record.error.exit_code == 4
    finally:
        pool.close()
