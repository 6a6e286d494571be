"""The papers' tables: a column for each action, and their mean."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from pose3d_cli.datasets.labelled import ACTIONS
from pose3d_cli.evaluation.frame_errors import auc, pck
from pose3d_cli.evaluation.protocol import RecordingErrors

PCK_JOINTS = range(14)
"""MPI-INF-3DHP counts head top, neck, arms and legs; pelvis, spine and head do not."""

_SHORT = {
    "Directions": "Dir.", "Discussion": "Disc.", "Eating": "Eat", "Greeting": "Greet",
    "Phoning": "Phone", "Posing": "Pose", "Purchases": "Purch.", "Sitting": "Sit",
    "SittingDown": "SitD.", "Smoking": "Smoke", "Waiting": "Wait", "WalkDog": "WalkD.",
    "Walking": "Walk", "WalkTogether": "WalkT.",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One measure."""

    name: str
    unit: str
    by_action: dict[str, float]
    average: float


def human36m_rows(errors: Iterable[RecordingErrors]) -> tuple[Row, ...]:
    """Return protocols 1 and 2, velocity and acceleration; actions weigh the same in the average."""
    by_action = _by_action(errors)
    actions = [action for action in (*ACTIONS, *by_action) if action in by_action]

    def row(name: str, unit: str, measure: str) -> Row:
        means = {
            action: _mean(np.concatenate([getattr(e, measure) for e in by_action[action]]))
            for action in dict.fromkeys(actions)
        }
        short = {_SHORT.get(action, action): mean for action, mean in means.items()}
        return Row(name, unit, short, float(np.mean(list(means.values()))))

    return (
        row("MPJPE (P1)", "mm", "position"),
        row("P-MPJPE (P2)", "mm", "aligned"),
        row("MPJVE", "mm/frame", "velocity"),
        row("acceleration", "mm/frame²", "acceleration"),
    )


def mpi_inf_3dhp_rows(errors: Iterable[RecordingErrors]) -> tuple[Row, ...]:
    """Return PCK, AUC and MPJPE; every frame weighs the same in the average."""
    by_sequence = {
        name: np.concatenate([e.position for e in parts])
        for name, parts in _by_action(errors).items()
    }
    everything = np.concatenate(list(by_sequence.values()))
    limbs = {name: errors_mm[:, PCK_JOINTS] for name, errors_mm in by_sequence.items()}
    return (
        Row("PCK", "%", {n: pck(e) for n, e in limbs.items()}, pck(everything[:, PCK_JOINTS])),
        Row("AUC", "%", {n: auc(e) for n, e in limbs.items()}, auc(everything[:, PCK_JOINTS])),
        Row(
            "MPJPE",
            "mm",
            {n: float(e.mean()) for n, e in by_sequence.items()},
            float(everything.mean()),
        ),
    )


def _by_action(errors: Iterable[RecordingErrors]) -> dict[str, list[RecordingErrors]]:
    by_action: dict[str, list[RecordingErrors]] = {}
    for found in errors:
        by_action.setdefault(found.action, []).append(found)
    if not by_action:
        raise ValueError("expected errors of at least one recording")
    return by_action


def _mean(errors_mm: np.ndarray) -> float:
    """Return the mean, NaN of nothing: single frames have no velocity."""
    return float(errors_mm.mean()) if errors_mm.size else float("nan")
