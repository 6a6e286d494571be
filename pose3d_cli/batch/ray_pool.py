"""Workers on a Ray cluster: an actor each, that loads the networks once (optional extra ``ray``).

Inputs, weights and outputs are read and written by the actors, so every node must see them under the
same paths: shared storage. https://docs.ray.io/en/latest/ray-core/fault_tolerance/actors.html
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pose3d_cli.batch.job import Job
from pose3d_cli.batch.manifest import Record
from pose3d_cli.batch.pool import Died, Event, Finished
from pose3d_cli.batch.worker import attempt
from pose3d_cli.errors import DeviceError, UsageError


@dataclass(frozen=True, slots=True)
class Share:
    """What one actor takes of its node."""

    cpus: float
    """No more than the largest node has."""
    gpus: float = 0.0
    """May be a fraction: several actors then share a GPU."""


class _Actor:
    """Runs on a node of the cluster."""

    def here(self) -> bool:
        """Answer as soon as a node has taken this actor in."""
        return True

    def attempt(self, job: Job, *, wait: bool) -> Record | None:
        """Do a job."""
        return attempt(job, wait=wait, tell=lambda _: None)


class RayPool:
    """Actors of a cluster; one whose node is lost starts again on another, as soon as there is room."""

    def __init__(self, address: str, *, share: Share, workers: int | None) -> None:
        """Connect, and ask for as many actors as fit, or for so many.

        Raises:
            UsageError: Ray is not installed.
            DeviceError: there is no cluster at that address, or none that an actor fits into.
        """
        self._ray = _connected(address)
        nodes = [node["Resources"] for node in self._ray.nodes() if node["Alive"]]
        cpus = min(share.cpus, max(node.get("CPU", 0.0) for node in nodes))
        remote = self._ray.remote(
            num_cpus=cpus, num_gpus=share.gpus, max_restarts=-1, scheduling_strategy="SPREAD"
        )(_Actor)
        count = workers or sum(_room_for(cpus, share.gpus, node) for node in nodes)
        if count < 1:
            raise DeviceError(
                f"no node of the cluster has {share.gpus:g} GPUs and a CPU to spare",
                hint="Take a smaller --gpu-share, or add nodes.",
            )
        self._waking: dict[Any, Any] = {}
        """Answers that are waited for, of actors that no node has taken in yet."""
        self._idle: list[Any] = []
        self._busy: dict[Any, tuple[Any, Job]] = {}
        for _ in range(count):
            self._wake(remote.remote())

    @property
    def free(self) -> int:
        """Return how many actors have nothing to do."""
        return len(self._idle)

    def submit(self, job: Job, *, wait: bool) -> None:
        """Give a clip to a free actor."""
        actor = self._idle.pop()
        self._busy[actor.attempt.remote(job, wait=wait)] = (actor, job)

    def events(self) -> Sequence[Event]:
        """Wait until something happened, and return it; nothing if an actor has woken up."""
        (answer, *_), _ = self._ray.wait([*self._busy, *self._waking])
        if answer in self._waking:
            actor = self._waking.pop(answer)
            if self._lost(answer) is None:
                self._idle.append(actor)
            else:
                self._wake(actor)
            return ()
        actor, job = self._busy.pop(answer)
        if (reason := self._lost(answer)) is not None:
            self._wake(actor)
            return (Died(job, reason, try_again=True),)
        try:
            record = self._ray.get(answer)
        except self._ray.exceptions.RayTaskError as error:
            self._idle.append(actor)
            return (Died(job, f"the worker failed: {error.cause}"),)
        self._idle.append(actor)
        return (Finished(job, record),)

    def close(self) -> None:
        """Take all actors away; the cluster stays."""
        self._ray.shutdown()

    def _wake(self, actor: Any) -> None:
        self._waking[actor.here.remote()] = actor

    def _lost(self, answer: Any) -> str | None:
        """Return why an answer will never come, if that is because its actor or node is gone."""
        try:
            self._ray.get(answer)
        except self._ray.exceptions.RayActorError:
            return "the node or the worker was lost"
        except self._ray.exceptions.RayTaskError:
            return None
        return None


def _connected(address: str) -> Any:
    try:
        import ray
    except ImportError as error:
        raise UsageError(
            "--engine ray needs Ray", hint="pip install 'pose3d-cli[ray]', on every node."
        ) from error
    try:
        ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR)
    except (ConnectionError, RuntimeError, ValueError, TimeoutError) as error:
        raise DeviceError(
            f"no Ray cluster at {address}: {error}", hint="Start one: ray start --head"
        ) from error
    return ray


def _room_for(cpus: float, gpus: float, node: dict[str, float]) -> int:
    room = [node.get("CPU", 0) / cpus] if cpus else []
    if gpus:
        room.append(node.get("GPU", 0) / gpus)
    return int(min(room, default=0))
