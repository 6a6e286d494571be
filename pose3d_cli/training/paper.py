"""The papers' recipe: epochs over a labelled data set, the best one kept."""

import csv
import dataclasses
import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from pose3d_cli.datasets.labelled import LabelledSet, Recording, clips
from pose3d_cli.errors import InputError, OutputError
from pose3d_cli.evaluation.per_action import human36m_rows
from pose3d_cli.evaluation.protocol import LiftClips, Protocol, evaluate, shown
from pose3d_cli.files import written_whole
from pose3d_cli.lifting.checkpoint import save_checkpoint
from pose3d_cli.lifting.model import SasMamba
from pose3d_cli.training.losses import position_loss, total_loss
from pose3d_cli.training.paper_config import PaperConfig
from pose3d_cli.training.paper_state import PaperState

STATE, LOG, WEIGHTS = "state.safetensors", "log.csv", "weights.safetensors"

PAPER_INPUT = "picture-widths/1"
"""Input convention in a checkpoint's header: ``Recording.seen``."""

Clip = tuple[Recording, np.ndarray]
"""A recording, and which of its frames."""


def train(
    config: PaperConfig,
    labelled: LabelledSet,
    *,
    out: Path,
    device: str,
    limit_s: float = float("inf"),
) -> Iterator[PaperState]:
    """Yield the state after every epoch, until none gets better or the time limit is over.

    Goes on from ``out`` if a run is there. Writes ``state.safetensors``, from which to go on,
    ``log.csv``, and ``weights.safetensors``, the best epoch's network.

    Raises:
        InputError: there is nothing to train with or to choose by, or the state in ``out`` is of
            another run.
        OutputError: there can be no folder ``out``.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot make the folder {out}: {error.strerror}") from error
    learned, chosen_by = _split(config, labelled)
    state = PaperState.fresh(config, device=device)
    if (out / STATE).exists():
        state.load(out / STATE)
    started = time.monotonic()
    while not _is_over(state, config) and time.monotonic() - started < limit_s:
        loss = _epoch(state, config, labelled, learned, device=device)
        off = _error(state.model, config, labelled, chosen_by, device=device)
        state.epoch += 1
        state.log.append({"epoch": state.epoch, "loss": loss, "error": off})
        if off < state.best:
            state.best, state.best_epoch = off, state.epoch
            _save_weights(state, config, labelled, out)
        state.save(out / STATE)
        _write_log(state, out)
        yield state


def lift_with(model: torch.nn.Module, *, channels: int, device: str) -> LiftClips:
    """Return a network as the protocols call it."""

    @torch.inference_mode()
    def lift(seen: np.ndarray) -> np.ndarray:
        poses: np.ndarray = model(torch.from_numpy(seen[..., :channels]).to(device)).cpu().numpy()
        return poses

    return lift


def protocol_of(config: PaperConfig) -> Protocol:
    """Return how the configuration says its weights shall be evaluated."""
    return Protocol(
        frames=config.frames,
        two_d=config.two_d,
        centre_frame=config.centre_frame,
        replace_xy=config.reference.replace_xy and config.two_d == "truth",
        drop_tail=config.reference.drop_tail,
    )


def _split(
    config: PaperConfig, labelled: LabelledSet
) -> tuple[tuple[Recording, ...], tuple[Recording, ...]]:
    """Return the recordings to learn from, and those that choose the epoch."""
    if config.reference.select_on_test:
        learned, chosen_by = labelled.train, labelled.test
    else:
        held_out = set(config.validation_subjects)
        learned = tuple(r for r in labelled.train if r.subject not in held_out)
        chosen_by = tuple(r for r in labelled.train if r.subject in held_out)
    if not learned or not chosen_by:
        subjects = sorted({recording.subject for recording in labelled.train})
        raise InputError(
            f"{len(learned)} recordings to learn from and {len(chosen_by)} to choose the epoch by",
            hint=f"Set validation_subjects to some of {subjects}.",
        )
    return learned, chosen_by


def _clips(config: PaperConfig, recordings: Sequence[Recording], *, stride: int) -> list[Clip]:
    return [
        (recording, frames)
        for recording in recordings
        for frames in clips(
            len(recording),
            frames=config.frames,
            stride=stride,
            drop_tail=config.reference.drop_tail,
        )
    ]


def _batch(
    part: Sequence[Clip], config: PaperConfig, labelled: LabelledSet, *, device: str
) -> tuple[Float[Tensor, "b t 17 c"], Float[Tensor, "b t 17 3"]]:
    """Return what is seen, and what shall be said of it: root-relative, in the network's units."""
    seen = np.stack([shown(recording, config.two_d)[frames] for recording, frames in part])
    target = np.stack([recording.target[frames] for recording, frames in part])
    target = target - target[:, :, labelled.root : labelled.root + 1]
    return (
        torch.from_numpy(seen[..., : config.in_channels]).to(device),
        torch.from_numpy(target).to(device),
    )


def _epoch(
    state: PaperState,
    config: PaperConfig,
    labelled: LabelledSet,
    recordings: Sequence[Recording],
    *,
    device: str,
) -> float:
    """Take every clip once, mirrored or not; return the mean loss."""
    every = _clips(config, recordings, stride=config.stride)
    order = torch.randperm(len(every), generator=state.generator).tolist()
    for group in state.optimizer.param_groups:
        group["lr"] = config.learning_rate * config.rate_decay**state.epoch
    state.model.train()
    losses = []
    for start in range(0, len(order), config.batch):
        part = [every[i] for i in order[start : start + config.batch]]
        seen, target = _batch(part, config, labelled, device=device)
        mirror = torch.rand(len(part), 1, 1, 1, generator=state.generator).to(device) < 0.5
        predicted = state.model(torch.where(mirror, _mirrored(seen, labelled), seen))
        loss = total_loss(
            predicted,
            torch.where(mirror, _mirrored(target, labelled), target),
            scale_weight=config.scale_weight,
            velocity_weight=config.velocity_weight,
        )
        state.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        state.optimizer.step()
        losses.append(loss.detach())
    return float(torch.stack(losses).mean())


@torch.inference_mode()
def _error(
    model: SasMamba,
    config: PaperConfig,
    labelled: LabelledSet,
    recordings: Sequence[Recording],
    *,
    device: str,
) -> float:
    """Return what chooses the epoch: millimetres on the test set, else MPJPE in network units.

    Training splits come without millimetres.
    """
    model.eval()
    if config.reference.select_on_test:
        lift = lift_with(model, channels=config.in_channels, device=device)
        found = evaluate(recordings, labelled, lift=lift, protocol=protocol_of(config))
        return human36m_rows(found)[0].average
    every = _clips(config, recordings, stride=config.frames)
    errors = []
    for start in range(0, len(every), config.batch):
        part = every[start : start + config.batch]
        seen, target = _batch(part, config, labelled, device=device)
        predicted = model(seen)
        predicted[:, :, labelled.root] = 0
        errors += [position_loss(predicted, target)] * len(part)
    return float(torch.stack(errors).mean())


def _mirrored(points: Float[Tensor, "b t 17 d"], labelled: LabelledSet) -> Tensor:
    sign = points.new_ones(points.shape[-1])
    sign[0] = -1
    return points[..., list(labelled.mirror), :] * sign


def _is_over(state: PaperState, config: PaperConfig) -> bool:
    return state.epoch >= config.epochs or state.epoch - state.best_epoch >= config.patience


def _save_weights(state: PaperState, config: PaperConfig, labelled: LabelledSet, out: Path) -> None:
    about = {
        "input": PAPER_INPUT,
        "output": f"targets of {labelled.name}, root-relative",
        "licence": config.licence,
        "training": json.dumps(dataclasses.asdict(config)),
        "epoch": str(state.epoch),
    }
    save_checkpoint(out / WEIGHTS, state.model, about=about)


def _write_log(state: PaperState, out: Path) -> None:
    with written_whole(out / LOG) as part, part.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(state.log[0]))
        writer.writeheader()
        writer.writerows(state.log)
