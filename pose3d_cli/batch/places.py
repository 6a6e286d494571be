"""Where the workers of one machine run: each on a GPU and a share of the cores of its own."""

import os

from pose3d_cli.batch.worker import Place
from pose3d_cli.device import choose_device, visible_gpus

THREADS_A_WORKER = 4


def places(device: str, jobs: int | None, *, at_most: int) -> list[Place]:
    """Return a place for each worker: GPUs in turn, cores in equal shares.

    Args:
        device: as users name it.
        jobs: how many workers; None takes one a GPU, or one for every four cores.
        at_most: no more than this.

    Raises:
        UsageError: there is no device of that name.
        DeviceError: the device is not there.
    """
    gpus = visible_gpus() if choose_device(device) == "cuda" else ()
    cores = _cores()
    count = min(jobs or len(gpus) or max(1, cores // THREADS_A_WORKER), at_most)
    threads = max(1, cores // count)
    return [Place(gpus[i % len(gpus)] if gpus else None, threads) for i in range(count)]


def _cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
