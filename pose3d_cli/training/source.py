"""Where a run's windows come from: drawn on the training device, so that nothing is waited for."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from functools import partial
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor

from pose3d_cli.datasets.licences import check_licence
from pose3d_cli.datasets.mocap import Corpus, read_corpus
from pose3d_cli.datasets.synthetic import Batch, synthesise
from pose3d_cli.datasets.views import Views
from pose3d_cli.errors import UsageError
from pose3d_cli.training.config import Phase, TrainingConfig
from pose3d_cli.training.team import Team

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """Recorded motion in the memory of a device, and this process's share of the windows."""

    corpus: Corpus
    chances: Float[Tensor, " c"]
    views: Views
    shares: dict[Phase, int]
    _recorded: dict[tuple[Phase, torch.Generator], Callable[[], Batch]] = field(
        default_factory=dict
    )

    @classmethod
    def read(cls, config: TrainingConfig, data: Path, team: Team) -> "Source":
        """Read the training shards.

        Raises:
            InputError: a shard cannot be read.
            UsageError: the mix names a source that no shard has or that the licence does not
                allow, or the windows of a step cannot be divided among the processes.
        """
        corpus = _read(config, data, config.shards)
        if missing := set(config.mix) - set(corpus.source):
            raise UsageError(
                f"[mix] names {sorted(missing)}, of which {config.shards} have nothing"
            )
        check_licence(config.licence, tiers=corpus.tiers.values())
        return cls(
            corpus.to(team.device),
            corpus.chances(config.mix, standing=config.standing).to(team.device),
            config.views,
            {phase: team.share_of(phase.clips) for phase in config.phases},
        )

    def draw(self, phase: Phase, generator: torch.Generator) -> Batch:
        """Return this process's windows of a step; on a GPU, until the next ones are drawn."""
        if generator.device.type != "cuda":
            return self._drawn(phase, generator)
        key = phase, generator
        if key not in self._recorded:
            self._recorded[key] = _recorded(partial(self._drawn, *key), generator)
        return self._recorded[key]()

    def _drawn(self, phase: Phase, generator: torch.Generator) -> Batch:
        return synthesise(
            self.corpus,
            chances=self.chances,
            clips=self.shares[phase],
            frames=phase.frames,
            views=self.views,
            generator=generator,
        )


def _recorded(draw: Callable[[], Batch], generator: torch.Generator) -> Callable[[], Batch]:
    """Record a thousand small kernels, which a CPU starts more slowly than a GPU runs them.

    The numbers are the same as without the recording: it leaves the generator as it was.
    """
    before = generator.get_state()
    side = torch.cuda.Stream()  # type: ignore[no-untyped-call]
    with torch.cuda.stream(side):
        draw()  # compiles, and fills the caches of constants
    torch.cuda.current_stream().wait_stream(side)
    generator.set_state(before)
    graph = torch.cuda.CUDAGraph()
    graph.register_generator_state(generator)
    # Threads of NCCL look at events all the time, which would spoil a recording of all threads.
    with torch.cuda.graph(graph, capture_error_mode="thread_local"):
        batch = draw()

    def again() -> Batch:
        graph.replay()
        return batch

    return again


def validation_batch(config: TrainingConfig, data: Path, device: torch.device) -> Batch:
    """Return held-out windows, the same ones on every device and whatever the training views."""
    corpus = _read(config, data, config.validation_shards)
    batch = synthesise(
        corpus,
        chances=corpus.chances(dict.fromkeys(corpus.source, 1.0)),
        clips=config.validation_clips,
        frames=config.validation_frames,
        views=Views(),
        generator=torch.Generator().manual_seed(1),
    )
    return replace(batch, **{f.name: getattr(batch, f.name).to(device) for f in fields(batch)})


def _read(config: TrainingConfig, data: Path, shards: tuple[str, ...]) -> Corpus:
    corpus = read_corpus(
        [data / shard for shard in shards],
        only=tuple(config.mix),
        straight_knees=config.straight_knees,
    )
    logger.info("%d clips, %d frames", len(corpus.source), len(corpus.positions_m))
    return corpus
