"""The training loop: draw, step, note, save; stop and go on at any step."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from pose3d_cli.errors import OutputError, TrainingError
from pose3d_cli.training.config import TrainingConfig
from pose3d_cli.training.log import draw_curves
from pose3d_cli.training.notes import Notes
from pose3d_cli.training.saving import STATE, load, save
from pose3d_cli.training.schedule import memory_at, phase_at, progress_at, rate_at
from pose3d_cli.training.source import Source, validation_batch
from pose3d_cli.training.state import TrainingState
from pose3d_cli.training.step import Step
from pose3d_cli.training.team import Team

SAVE_EVERY_S = 120
CURVES = "log.png"


def train(
    config: TrainingConfig,
    *,
    data: Path,
    out: Path,
    team: Team,
    limit_s: float = float("inf"),
    asked_to_stop: Callable[[], bool] = lambda: False,
) -> Iterator[TrainingState]:
    """Yield the state after every step, until the budget or the time limit is over.

    Goes on from ``out`` if a run is there. Writes the state, from which to go on, ``log.csv`` and
    ``log.png``, and ``weights.safetensors``, the averaged network, ready for use.

    Raises:
        InputError: the data or the state in ``out`` cannot be read.
        OutputError: there can be no folder ``out``.
        UsageError: the mix names a source that no shard has, or the windows of a step cannot be
            divided among the processes.
        TrainingError: the gradients are no longer finite.
    """
    _make_folder(out)
    source = Source.read(config, data, team)
    notes = Notes(validation_batch(config, data, team.device)) if team.leads else None
    state = TrainingState.fresh(config, team)
    load(state, config, out, team=team)
    step = Step(state, config, team)
    started = last_save = time.monotonic()
    while True:
        before = time.monotonic()
        elapsed_s, over, save_due = team.agreed(
            state.elapsed_s,
            float(before - started >= limit_s or asked_to_stop()),
            float(before - last_save > SAVE_EVERY_S),
        )
        progress = progress_at(config, step=state.step, elapsed_s=elapsed_s)
        if over or save_due or progress >= 1:
            _save(state, config, out, team=team, step=step)
            last_save = time.monotonic()
        if over or progress >= 1:
            break
        phase = phase_at(config, step=state.step, progress=progress)
        rate = rate_at(config, step=state.step, progress=progress)
        step(source.draw(phase, state.generator), rate=rate, memory=memory_at(config, state.step))
        if notes:
            notes.after(state, phase=phase, rate=rate)
        state.elapsed_s += time.monotonic() - before
        yield state
    if team.leads and state.log:
        draw_curves(state.log, out / CURVES)


def _save(
    state: TrainingState, config: TrainingConfig, out: Path, *, team: Team, step: Step
) -> None:
    """Never replace good weights by broken ones."""
    if not step.is_sound():
        raise TrainingError(
            f"the gradients of step {state.step} are not finite; {out / STATE} is from before",
            hint="Try a lower learning_rate or clip_norm, or bf16 = false.",
        )
    save(state, config, out, team=team)


def _make_folder(out: Path) -> None:
    """Fail before the first step, not at the first save."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot make the folder {out}: {error.strerror}") from error
