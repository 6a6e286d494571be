"""The training loop: draw, lift, compare, step; stop and go on at any step."""

import csv
import dataclasses
import json
import logging
import time
from collections.abc import Iterator
from pathlib import Path

import torch

from pose3d_cli.datasets.mocap import Corpus, read_corpus
from pose3d_cli.datasets.synthetic import Batch, Views, synthesise
from pose3d_cli.errors import OutputError, UsageError
from pose3d_cli.files import written_whole
from pose3d_cli.lift.checkpoint import save_checkpoint
from pose3d_cli.lift.model import SasMamba
from pose3d_cli.lift.normalise import INPUT_CONVENTION, normalise
from pose3d_cli.training.config import TrainingConfig
from pose3d_cli.training.losses import position_loss, scale_free_loss, total_loss, velocity_loss
from pose3d_cli.training.state import TrainingState

logger = logging.getLogger(__name__)

LOG_EVERY = 50
VALIDATE_EVERY = 500
SAVE_EVERY_S = 120
STATE, LOG, WEIGHTS = "state.safetensors", "log.csv", "weights.safetensors"


def train(
    config: TrainingConfig, *, data: Path, out: Path, limit_s: float = float("inf")
) -> Iterator[TrainingState]:
    """Yield the state after every step, until the declared steps or the time limit are over.

    Goes on from ``out`` if a run is there. Writes ``state.safetensors``, from which to go on,
    ``log.csv``, and ``weights.safetensors``, the averaged network, ready for use.

    Raises:
        InputError: the data or the state in ``out`` cannot be read.
        OutputError: there can be no folder ``out``.
        UsageError: the mix names a source that no shard has.
    """
    _make_folder(out)
    corpus = _corpus(config, data, config.shards)
    if missing := set(config.mix) - set(corpus.source):
        raise UsageError(f"[mix] names {sorted(missing)}, of which {config.shards} have nothing")
    chances = corpus.chances(config.mix)
    validation = _validation(config, data)
    state = TrainingState.fresh(config)
    if (out / STATE).exists():
        state.load(out / STATE)
    started = last_save = time.monotonic()
    while state.step < config.steps and time.monotonic() - started < limit_s:
        phase = config.phase_at(state.step)
        batch = synthesise(
            corpus,
            chances=chances,
            clips=phase.clips,
            frames=phase.frames,
            views=Views(),
            generator=state.generator,
        )
        loss = _step(state, batch, config)
        _note(state, loss, frames=phase.frames, validation=validation)
        if time.monotonic() - last_save > SAVE_EVERY_S:
            _save(state, config, out)
            last_save = time.monotonic()
        yield state
    _save(state, config, out)


@torch.no_grad()
def validate(model: SasMamba, batch: Batch) -> dict[str, float]:
    """Return errors in millimetres, and per frame, on a fixed batch."""
    predicted, truth = lift_batch(model, batch)
    return {
        "mpjpe_mm": 1e3 * position_loss(predicted, truth).item(),
        "n_mpjpe_mm": 1e3 * scale_free_loss(predicted, truth).item(),
        "mpjve_mm": 1e3 * velocity_loss(predicted, truth).item(),
    }


def lift_batch(model: SasMamba, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
    """Return predicted and true poses, root-relative, in the axes of the camera, in metres."""
    view = normalise(batch.rays, batch.confidence)
    predicted = model(view.inputs[..., : model.config.in_channels])
    predicted = (predicted - predicted[:, :, :1]) @ view.view_from_camera[:, None]
    return predicted, batch.truth_m


def _step(state: TrainingState, batch: Batch, config: TrainingConfig) -> float:
    predicted, truth = lift_batch(state.model.train(), batch)
    loss = total_loss(
        predicted,
        truth,
        scale_weight=config.scale_weight,
        velocity_weight=config.velocity_weight,
    )
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(state.model.parameters(), config.clip_norm)
    for optimizer in state.optimizers:
        for group in optimizer.param_groups:
            group["lr"] = config.rate_at(state.step)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
    state.step += 1
    # A young average follows fast, so that it forgets the random start.
    decay = min(config.ema_decay, (1 + state.step) / (10 + state.step))
    with torch.no_grad():
        pairs = zip(state.average.parameters(), state.model.parameters(), strict=True)
        for average, parameter in pairs:
            average.lerp_(parameter, 1 - decay)
    return loss.item()


def _make_folder(out: Path) -> None:
    """Fail before the first step, not at the first save."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot make the folder {out}: {error.strerror}") from error


def _corpus(config: TrainingConfig, data: Path, shards: tuple[str, ...]) -> Corpus:
    corpus = read_corpus([data / shard for shard in shards], only=tuple(config.mix))
    logger.info("%d clips, %d frames", len(corpus.source), len(corpus.positions_m))
    return corpus


def _validation(config: TrainingConfig, data: Path) -> Batch:
    corpus = _corpus(config, data, config.validation_shards)
    return synthesise(
        corpus,
        chances=corpus.chances(dict.fromkeys(corpus.source, 1.0)),
        clips=48,
        frames=81,
        views=Views(),
        generator=torch.Generator().manual_seed(1),
    )


def _note(state: TrainingState, loss: float, *, frames: int, validation: Batch) -> None:
    """Keep a row of the log now and then."""
    if state.step % LOG_EVERY:
        return
    row: dict[str, float] = {"step": state.step, "frames": frames, "loss": loss}
    if state.step % VALIDATE_EVERY == 0:
        row |= validate(state.average, validation)
    state.log.append(row)


def _save(state: TrainingState, config: TrainingConfig, out: Path) -> None:
    state.save(out / STATE)
    about = {
        "input": INPUT_CONVENTION,
        "output": "root-relative joints of Human3.6M, metres, camera axes",
        "licence": config.licence,
        "training": json.dumps(dataclasses.asdict(config)),
        "steps": str(state.step),
    }
    save_checkpoint(out / WEIGHTS, state.average, about=about)
    columns = dict.fromkeys(key for row in state.log for key in row)
    with written_whole(out / LOG) as part, part.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(columns))
        writer.writeheader()
        writer.writerows(state.log)
