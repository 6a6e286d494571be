"""What the run knows of its workers, whether they are processes here or actors on other machines."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from pose3d_cli.batch.job import Job
from pose3d_cli.batch.manifest import Record


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a clip is."""

    job: Job
    label: str
    done: int
    total: int
    """A guess; 0 if unknown."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A clip is done, or has failed; or, without a record, is left to another run."""

    job: Job
    record: Record | None


@dataclass(frozen=True, slots=True)
class Died:
    """A worker did not survive a clip."""

    job: Job
    reason: str
    hint: str | None = None
    try_again: bool = False
    """Whether the clip is hardly to blame: its machine is gone."""


Event = Progress | Finished | Died


@runtime_checkable
class Pool(Protocol):
    """Workers that each do one clip at a time."""

    @property
    def free(self) -> int:
        """Return how many workers have nothing to do."""
        ...

    def submit(self, job: Job, *, wait: bool) -> None:
        """Give a clip to a free worker, who waits for the clip's lock or leaves it."""
        ...

    def events(self) -> Sequence[Event]:
        """Wait until something happened, and return it."""
        ...

    def close(self) -> None:
        """Stop all workers at once."""
        ...
