"""Fit what `pose3d` believes of itself to its lifters: one command when new weights ship.

    python -m bench.confidence --data CORPUS_FOLDER

Clips of people whom the lifters were trained with (``*_train.npz``) are planted, lifted and solved as in
``bench/motion.py``, some of them before cameras that lean. Two logistic regressions are fitted: the chance
that a joint is within 10 cm, for each lifter by itself, and the chance that the way up is right to within
8°, from the clips of all. Then both are tried on people whom neither a lifter nor the fit ever saw
(``*_val.npz``), and printed: the tables of ``motion/calibration.toml``, and how often what is said was so
for ``docs/motion.md``.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from scipy.optimize import minimize

from bench.motion import NEAR_M, UPRIGHT_DEG, planted_with, reliability, reliability_table
from pose3d_cli.evaluation.planted import Conditions, Planted
from pose3d_cli.geometry.camera import Camera
from pose3d_cli.lifting.lifter import SasMambaLifter
from pose3d_cli.motion.calibration import kind
from pose3d_cli.motion.cues import steps_m
from pose3d_cli.motion.gravity import flaws
from pose3d_cli.motion.placed import Placed
from pose3d_cli.motion.settings import MotionSettings
from pose3d_cli.motion.solve import Sighting, solve
from pose3d_cli.motion.trust import EVIDENCE, evidence
from pose3d_cli.sequences import WorldPoses
from pose3d_cli.skeleton import H36M17
from pose3d_cli.weights import default_cache_dir, ensure

KINDS = tuple(dict.fromkeys(kind(joint) for joint in H36M17.joints))
PELVIS = 9.0
"""Log-odds of the root, which is where it is by definition."""
RIDGE = 1e-5
"""Of squared coefficients, against the mean log-likelihood: keeps what is never wrong finite."""
LEANING_DEG, LEVEL_FOR_EACH = (25.0, -25.0), 8
"""Some phones lean: so much, one clip on either side for so many level ones. Else nothing tells how to flag them."""
UNSEEN_CLIPS = 8
"""Of each shard, as ``bench/motion.py`` has them."""


@dataclass(frozen=True, slots=True)
class Case:
    """One clip: what spoke against its joints and its way up, and what was true."""

    against: np.ndarray
    """frames, joints, ``EVIDENCE``."""
    off_m: np.ndarray
    """frames, joints."""
    flaws: np.ndarray
    off_deg: float


def main() -> None:
    """Plant, lift, solve, fit, try, and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--data", type=Path, required=True, help="folder with *_{train,val}.npz")
    options.add_argument("--clips", type=int, default=16, help="of each shard, to fit")
    options.add_argument(
        "--lifter",
        nargs="+",
        default=["sasmamba-small", "sasmamba-large"],
        help="weights, names or files: a table for each; clips of all tell about gravity",
    )
    chosen = options.parse_args()
    torch.set_num_threads(2)
    lifters = [_lifter(name) for name in chosen.lifter]
    fitting = [_fitting_cases(chosen.data, lifter, count=chosen.clips) for lifter in lifters]
    unseen = [_cases(chosen.data, "val", lifter, count=UNSEEN_CLIPS) for lifter in lifters]
    everybody = [case for cases in fitting for case in cases]
    gravity = _fitted(*_gravity_rows(everybody), signs=[0, -1, -1, 1])
    for lifter, seen, others in zip(lifters, fitting, unseen, strict=True):
        joints = _fitted(*_joint_rows(seen), signs=[-1] * len(EVIDENCE) + [0] * len(KINDS))
        print("\n" + table(lifter.name, joints, gravity))
        for whose, cases in (("as fitted", seen), ("unseen people", others)):
            print(f"\n{len(cases)} clips, {whose}: joints within {1e2 * NEAR_M:.0f} cm")
            _print_joints(cases, joints)
    unseen_by_all = [case for cases in unseen for case in cases]
    for whose, cases in (("as fitted", everybody), ("unseen people", unseen_by_all)):
        print(f"\n{len(cases)} clips of all lifters, {whose}: way up within {UPRIGHT_DEG:.0f}°")
        _print_gravity(cases, gravity)


def _print_joints(cases: Sequence[Case], joints: np.ndarray) -> None:
    rows, _ = _joint_rows(cases)
    off_m = np.concatenate([c.off_m[:, 1:].ravel() for c in cases])
    print(reliability_table(reliability(_chance(rows @ joints), off_m, NEAR_M), unit="mm"))


def _print_gravity(cases: Sequence[Case], gravity: np.ndarray) -> None:
    rows, _ = _gravity_rows(cases)
    off_deg = np.array([c.off_deg for c in cases])
    print(reliability_table(reliability(_chance(rows @ gravity), off_deg, UPRIGHT_DEG), unit="°"))


def _fitting_cases(data: Path, lifter: SasMambaLifter, *, count: int) -> list[Case]:
    """Level clips, and some from phones that lean."""
    cases = _cases(data, "train", lifter, count=count)
    for roll_deg in LEANING_DEG:
        cases += _cases(data, "train", lifter, count=count // LEVEL_FOR_EACH, roll_deg=roll_deg)
    return cases


def _lifter(name: str) -> SasMambaLifter:
    weights = ensure(name, cache_dir=default_cache_dir(), offline=True)
    return SasMambaLifter.from_file(weights, device="cpu")


def _cases(
    data: Path, split: str, lifter: SasMambaLifter, *, count: int, roll_deg: float = 0.0
) -> list[Case]:
    clips = planted_with(data, split, count=count, conditions=Conditions(roll_deg=roll_deg))
    return [_case(planted, lifter) for planted in clips]


def _case(planted: Planted, lifter: SasMambaLifter) -> Case:
    true = planted.camera
    camera = Camera.assumed(true.width_px, true.height_px)
    lifted = lifter.lift(planted.seen, camera=camera)
    sighting = [Sighting(1, planted.seen, lifted)]
    done, free = (
        solve(sighting, camera=camera, settings=MotionSettings(pin_feet=pin))[0]
        for pin in (True, False)
    )
    found, before = (_before_camera(p.world, planted, camera) for p in (done, free))
    off = found.positions_m - found.positions_m[:, :1]
    off -= planted.camera_m - planted.camera_m[:, :1]
    up = done.world.camera_from_world[:3, 1]
    cosine = np.clip(up @ planted.camera_from_world[:3, 1], -1.0, 1.0)
    return Case(
        evidence(found, lifted),
        np.linalg.norm(off, axis=-1),
        flaws([before], [steps_m(before, up)], up),
        float(np.degrees(np.arccos(cosine))),
    )


def _before_camera(world: WorldPoses, planted: Planted, camera: Camera) -> Placed:
    back = world.camera_from_world
    return Placed(planted.seen, camera, world.positions_m @ back[:3, :3].T + back[:3, 3])


def _joint_rows(cases: Sequence[Case]) -> tuple[np.ndarray, np.ndarray]:
    """Return what tells the chance of every joint but the root, and whether it was near."""
    kinds = [KINDS.index(kind(name)) for name in H36M17.joints]
    rows = []
    for case in cases:
        one_hot = np.broadcast_to(np.eye(len(KINDS))[kinds], (*case.off_m.shape, len(KINDS)))
        rows.append(np.concatenate([case.against, one_hot], axis=-1)[:, 1:])
    near = np.concatenate([case.off_m[:, 1:].ravel() < NEAR_M for case in cases])
    return np.concatenate([row.reshape(-1, row.shape[-1]) for row in rows]), near


def _gravity_rows(cases: Sequence[Case]) -> tuple[np.ndarray, np.ndarray]:
    rows = np.array([[1.0, *case.flaws] for case in cases])
    return rows, np.array([case.off_deg < UPRIGHT_DEG for case in cases])


def _fitted(rows: np.ndarray, so: np.ndarray, *, signs: Sequence[int]) -> np.ndarray:
    """Return the coefficients of a logistic regression; what is a flaw by nature cannot be praise."""
    side = np.where(so, 1.0, -1.0)

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        margin = side * (rows @ weights)
        slope = -side / (1 + np.exp(margin))
        value = np.logaddexp(0, -margin).mean() + RIDGE * weights @ weights / 2
        return float(value), slope @ rows / len(rows) + RIDGE * weights

    bounds = [{-1: (None, 0.0), 0: (None, None), 1: (0.0, None)}[sign] for sign in signs]
    found = minimize(loss, np.zeros(rows.shape[1]), jac=True, method="L-BFGS-B", bounds=bounds)
    return np.asarray(found.x)


def _chance(odds: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-odds)))


def table(lifter: str, joints: np.ndarray, gravity: np.ndarray) -> str:
    """Return what ``motion/calibration.toml`` holds of a lifter."""
    against, base = joints[: len(EVIDENCE)], dict(zip(KINDS, joints[len(EVIDENCE) :], strict=True))
    base["pelvis"] = PELVIS
    kinds = ", ".join(f"{name} = {odds:.2f}" for name, odds in base.items())
    return "\n".join(
        [
            f"[{lifter}]",
            f"evidence = {[round(float(odds), 2) for odds in against]}",
            f"gravity = {[round(float(odds), 3) for odds in gravity]}",
            f"joints = {{ {kinds} }}",
        ]
    )


if __name__ == "__main__":
    main()
