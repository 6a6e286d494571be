"""A network on a GPU, recorded for each size of picture: hundreds of kernels become one call.

Started one by one from Python they take a CPU longer than the GPU, and threads that start them side
by side wait for each other at every one.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Any

import torch
from torch import Tensor, nn

logger = logging.getLogger(__name__)

MOST_SIZES = 32
"""Recordings that are kept: whoever is followed closely is cut out in several sizes."""


@dataclass(frozen=True, slots=True, eq=False)
class _Recording:
    """Kernels, and the memory that they work in."""

    graph: torch.cuda.CUDAGraph
    inputs: Tensor
    output: Tensor
    read: tuple[Tensor, ...]
    """What else the kernels read: it is to stay where it is."""

    def __call__(self, pictures: Tensor) -> Tensor:
        self.inputs.copy_(pictures)
        self.graph.replay()
        return self.output


class Recorded:
    """Runs an Ultralytics network on CUDA, one call at a time, whatever the thread."""

    def __init__(self, network: nn.Module, *, head: Any) -> None:
        """Take a network that is on the device, and its last layer.

        The layer is told to make its grid of anchors only when the size changes: making one copies
        from the CPU, which cannot be recorded.
        """
        self._network, self._head = network, head
        head.dynamic = False
        self._pool = torch.cuda.graph_pool_handle()
        self._runs: dict[torch.Size, Callable[[Tensor], Tensor]] = {}
        self._lock = Lock()

    def __call__(self, pictures: Tensor) -> Tensor:
        """Return what the network says of pictures; both are in the CPU's memory."""
        with self._lock:
            run = self._runs.get(pictures.shape) or self._run_of(pictures)
            return run(pictures).cpu()

    def _run_of(self, pictures: Tensor) -> Callable[[Tensor], Tensor]:
        if len(self._runs) == MOST_SIZES:
            del self._runs[next(iter(self._runs))]
        self._runs[pictures.shape] = run = self._recording(pictures.cuda()) or self._plain
        return run

    def _plain(self, pictures: Tensor) -> Tensor:
        output: Tensor = self._network(pictures.cuda())
        return output

    def _recording(self, inputs: Tensor) -> _Recording | None:
        """Return None for a network that cannot be recorded."""
        side = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        with torch.cuda.stream(side):
            self._network(inputs)  # libraries choose their kernels, and the grid is made
        torch.cuda.current_stream().wait_stream(side)
        graph = torch.cuda.CUDAGraph()
        try:
            with torch.cuda.graph(graph, pool=self._pool, capture_error_mode="thread_local"):
                output = self._network(inputs)
        except RuntimeError as error:
            logger.debug("the detector runs unrecorded: %s", error)
            return None
        return _Recording(graph, inputs, output, (self._head.anchors, self._head.strides))
