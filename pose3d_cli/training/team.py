"""The processes that train together, one a GPU: whatever they need to say to each other.

``torchrun`` starts them and tells each its rank in the environment; without it the team is one.
Gradients are averaged in one message instead of by DistributedDataParallel: they are a few
megabytes, and the step stays the same with one process and with many.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
import torch.distributed as dist
from torch import Tensor

from pose3d_cli.errors import UsageError


@dataclass(frozen=True, slots=True)
class Team:
    """One process among ``size``, and where it computes."""

    device: torch.device
    rank: int = 0
    size: int = 1

    @property
    def leads(self) -> bool:
        """Whether this is the process that decides and writes."""
        return self.rank == 0

    def share_of(self, clips: int) -> int:
        """Return how many of a step's windows are this process's.

        Raises:
            UsageError: they cannot be divided evenly.
        """
        if clips % self.size:
            raise UsageError(f"{clips} clips a step cannot be divided among {self.size} processes")
        return clips // self.size

    def average_(self, values: Tensor) -> None:
        """Replace values by their mean over the processes, in place; does not wait for a GPU."""
        if self.size > 1:
            dist.all_reduce(values)
            values /= self.size

    def agreed(self, *numbers: float) -> tuple[float, ...]:
        """Return the leader's numbers. They travel between CPUs, so no GPU is waited for."""
        if self.size == 1:
            return numbers
        message = torch.tensor(numbers, dtype=torch.float64)
        dist.broadcast(message, src=0)
        return tuple(message.tolist())

    def gathered(self, values: Tensor) -> list[Tensor]:
        """Return everybody's values, which are on the CPU and of one shape, by rank."""
        if self.size == 1:
            return [values]
        everybody = [torch.empty_like(values) for _ in range(self.size)]
        dist.all_gather(everybody, values)
        return everybody


@contextmanager
def joined(device: str) -> Iterator[Team]:
    """Join the processes that ``torchrun`` started, or be alone.

    Raises:
        UsageError: there are more processes than GPUs.
    """
    size, local = int(os.environ.get("WORLD_SIZE", "1")), int(os.environ.get("LOCAL_RANK", "0"))
    if device == "cuda":
        if local >= torch.cuda.device_count():
            raise UsageError(
                f"process {local} has no GPU of its own: there are {torch.cuda.device_count()}",
                hint="Start as many processes as there are GPUs.",
            )
        torch.cuda.set_device(local)
    here = torch.device(device, local) if device == "cuda" else torch.device(device)
    if size == 1:
        yield Team(here)
        return
    dist.init_process_group("cpu:gloo,cuda:nccl" if device == "cuda" else "gloo")
    try:
        yield Team(here, dist.get_rank(), size)
    finally:
        dist.destroy_process_group()
