"""A run's folder: the state to go on from, the weights, the log.

The state is a few safetensors files, each small enough for places that refuse large ones, and
``state.json``, which names them and is replaced last: a run that is killed while it saves goes on
from the save before.
"""

import dataclasses
import json
import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from pose3d_cli.errors import InputError, WeightsError
from pose3d_cli.files import written_whole
from pose3d_cli.lifting.checkpoint import check_fit, save_checkpoint
from pose3d_cli.lifting.normalise import INPUT_CONVENTION
from pose3d_cli.training.config import TrainingConfig
from pose3d_cli.training.log import write_csv
from pose3d_cli.training.state import TrainingState
from pose3d_cli.training.team import Team

logger = logging.getLogger(__name__)

STATE, LOG, WEIGHTS = "state.json", "log.csv", "weights.safetensors"
LARGEST_FILE_BYTES = 15 * 2**20

_NOT_OURS = (WeightsError, SafetensorError, OSError, KeyError, RuntimeError, TypeError, ValueError)


def save(state: TrainingState, config: TrainingConfig, out: Path, *, team: Team) -> None:
    """Write all of a run's files; every process must call it, and the leader writes."""
    random = _everybodys_random_numbers(state, team)
    if not team.leads:
        return
    files = []
    for number, part in enumerate(_parts(state.tensors() | random)):
        files.append(f"state-{state.step:07}-{number:02}.safetensors")
        with written_whole(out / files[-1]) as path:
            save_file(part, path)
    about: dict[str, Any] = {
        "files": files,
        "step": state.step,
        "elapsed_s": state.elapsed_s,
        "loss_sum": state.loss_sum.item(),
        "log": state.log,
        "config": dataclasses.asdict(config),
    }
    with written_whole(out / STATE) as path:
        path.write_text(json.dumps(about), encoding="utf-8")
    for old in set(out.glob("state-*.safetensors")) - {out / name for name in files}:
        old.unlink()
    _save_weights(state, config, out)
    write_csv(state.log, out / LOG)


def load(state: TrainingState, config: TrainingConfig, out: Path, *, team: Team) -> bool:
    """Go on where another run stopped, and say whether there was one.

    Raises:
        InputError: not a saved state, or one of another network.
    """
    if not (out / STATE).exists():
        return False
    try:
        about = json.loads((out / STATE).read_text(encoding="utf-8"))
        tensors = _tensors_in([out / name for name in about["files"]])
        _check_network(tensors, state)
        state.set_tensors(tensors)
        state.step, state.log = int(about["step"]), about["log"]
        state.elapsed_s = float(about["elapsed_s"])
        state.loss_sum.fill_(about["loss_sum"])
        mine = _random_prefix(team)
        if f"{mine}data" in tensors:
            state.set_random_state({k: tensors[f"{mine}{k}"] for k in ("data", "network")})
        else:
            logger.warning("%s: no random numbers for %s; new ones", out / STATE, team.device)
            state.seed(config.seed + 1_000_003 * team.rank + 7919 * state.step)
    except _NOT_OURS as error:
        raise InputError(
            f"cannot go on from {out / STATE}: {error}",
            hint="A run keeps its network; another one needs another --out.",
        ) from error
    if changed := _changed(about.get("config"), config):
        logger.warning(
            "%s was saved with another %s; goes on as now told", out / STATE, ", ".join(changed)
        )
    return True


def _check_network(tensors: Mapping[str, Tensor], state: TrainingState) -> None:
    """Name the first tensor of the saved network for which the declared one has no place."""
    saved = {n.removeprefix("model."): t for n, t in tensors.items() if n.startswith("model.")}
    check_fit(saved, state.model.state_dict(), source="the saved state")


def _changed(saved: Any, config: TrainingConfig) -> list[str]:
    """Return what a recipe says otherwise than when the state was saved."""
    if not isinstance(saved, dict):  # of a version that did not tell
        return []
    declared = json.loads(json.dumps(dataclasses.asdict(config)))
    return [name for name, value in declared.items() if saved.get(name) != value]


def _everybodys_random_numbers(state: TrainingState, team: Team) -> dict[str, Tensor]:
    return {
        f"{_random_prefix(dataclasses.replace(team, rank=rank))}{kind}": numbers
        for kind, mine in state.random_state().items()
        for rank, numbers in enumerate(team.gathered(mine))
    }


def _random_prefix(team: Team) -> str:
    """The state of a generator means nothing to another kind of device."""
    return f"random.{team.device.type}.{team.rank}."


def _parts(tensors: Mapping[str, Tensor]) -> Iterator[dict[str, Tensor]]:
    """Divide tensors among files."""
    part: dict[str, Tensor] = {}
    room = LARGEST_FILE_BYTES
    for name, tensor in tensors.items():
        if part and tensor.nbytes > room:
            yield part
            part, room = {}, LARGEST_FILE_BYTES
        part[name] = tensor
        room -= tensor.nbytes
    yield part


def _tensors_in(paths: list[Path]) -> dict[str, Tensor]:
    tensors: dict[str, Tensor] = {}
    for path in paths:
        with safe_open(path, framework="pt") as file:
            tensors |= {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    return tensors


def _save_weights(state: TrainingState, config: TrainingConfig, out: Path) -> None:
    about = {
        "input": INPUT_CONVENTION,
        "output": "root-relative joints of Human3.6M, metres, camera axes",
        "licence": config.licence,
        "training": json.dumps(dataclasses.asdict(config)),
        "steps": str(state.step),
    }
    save_checkpoint(out / WEIGHTS, state.average, about=about)
