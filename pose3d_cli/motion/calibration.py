"""How much each reason for doubt counts: fitted to every lifter that ships, since each errs otherwise.

Logistic regressions, fitted to planted clips of subjects that the lifter was trained with and tested
on others (``python -m bench.confidence``, ``docs/motion.md``).
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from jaxtyping import Float

from pose3d_cli.skeleton import H36M17

TABLES = Path(__file__).with_suffix(".toml")
DEFAULT_LIFTER = "sasmamba-small"
"""Whose numbers serve for lifters that nobody fitted: their order stays meaningful."""


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """Log-odds, of one lifter."""

    evidence: Float[np.ndarray, "4"]
    """That a joint is within 10 cm, for each of ``motion.trust.EVIDENCE``."""
    joints: Float[np.ndarray, "17"]
    """Likewise of each joint of ``H36M17`` that nothing speaks against."""
    gravity: Float[np.ndarray, "4"]
    """That the way up is right to within 8°: at best, and for each of ``motion.gravity.flaws``."""


@cache
def calibration_of(lifter: str) -> Calibration:
    """Return what was fitted to the lifter of this name, or else to the one that is the default."""
    tables = tomllib.loads(TABLES.read_text(encoding="utf-8"))
    table = tables.get(lifter, tables[DEFAULT_LIFTER])
    joints = [table["joints"][kind(name)] for name in H36M17.joints]
    return Calibration(
        np.array(table["evidence"]), np.array(joints, float), np.array(table["gravity"])
    )


def kind(joint: str) -> str:
    """Return what a joint is called on either side."""
    return joint.rsplit("_", maxsplit=1)[-1]
