"""How good solved motion is on planted clips, step by step, and what a wrong focal length costs.

    python -m bench.motion --data CORPUS_FOLDER --json motion.json

It prints the tables of ``docs/motion.md``, in Markdown.

Recorded motion of people whom the lifter never saw (the ``*_val.npz`` shards in the folder) is put
before cameras that are known, marked by a simulated detector, lifted by the lifter that ships, and
solved. Every row adds one step to the row above:

    frame by frame  the lifter's poses, each as far away as it is small, the camera taken as level
    path            + constant bones, one smooth path by reprojection
    gravity         + which way is up, from bodies and steps
    feet            + feet that stand hold the path and are pinned: what `pose3d lift` does

Then all steps again with the true focal length, and with that times 0.8, 1.25 and 2 (poses are
lifted but once, with the assumed one). Last, how
honest the confidences are: what was said, and how often it was so.
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TypedDict

import numpy as np
import torch
from scipy.stats import spearmanr

from pose3d_cli.datasets.mocap import read_corpus
from pose3d_cli.evaluation.motion_scores import motion_scores
from pose3d_cli.evaluation.planted import Conditions, Planted, planted_clips
from pose3d_cli.geometry.camera import Camera
from pose3d_cli.lifting.lifter import SasMambaLifter
from pose3d_cli.motion.gravity import LEVEL
from pose3d_cli.motion.ik import solve_rotations
from pose3d_cli.motion.settings import MotionSettings
from pose3d_cli.motion.solve import Sighting, solve
from pose3d_cli.sequences import Person, Pose3DSequence, WorldPoses
from pose3d_cli.weights import default_cache_dir, ensure

STEPS = {
    "path": MotionSettings(camera_pitch_rad=0.0, pin_feet=False),
    "gravity": MotionSettings(pin_feet=False),
    "feet": MotionSettings(),
}
FOCAL_ERRORS = (1.0, 0.8, 1.25, 2.0)
NEAR_M, UPRIGHT_DEG = 0.1, 8.0
"""What the confidences of joints and of gravity are the chance of."""
CHANCES = (0.0, 0.3, 0.5, 0.7, 0.85, 0.95, 1.01)
"""Edges of the classes in which what was said is compared with what was."""


class Reliability(TypedDict):
    """What was said, and what was so."""

    rank_correlation: float
    rows: list[list[float]]
    """From, to, share, said on average, was so, mean error; one of each class that has any."""


def main() -> None:
    """Plant, lift, solve, and print what came out."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--data", type=Path, required=True, help="folder with *_val.npz")
    options.add_argument("--clips", type=int, default=8, help="of each shard")
    options.add_argument("--lifter", default="sasmamba-small", help="weights: a name or a file")
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--json", type=Path, help="where to write everything")
    chosen = options.parse_args()
    torch.set_num_threads(2)
    weights = ensure(chosen.lifter, cache_dir=default_cache_dir(), offline=True)
    lifter = SasMambaLifter.from_file(weights, device="cpu")
    conditions = Conditions(seed=chosen.seed)
    rows: dict[str, list[dict[str, float]]] = {}
    said: list[tuple[Planted, Person]] = []
    for planted in planted_with(chosen.data, "val", count=chosen.clips, conditions=conditions):
        for name, person in _solved(planted, lifter):
            scores = motion_scores(person.world, person.motion, truth=planted)
            rows.setdefault(name, []).append(scores)
            if name == "feet":
                said.append((planted, person))
    table = {
        name: {key: float(np.mean([s[key] for s in scores])) for key in scores[0]}
        for name, scores in rows.items()
    }
    honesty = _honesty(said)
    print(f"{len(said)} clips, {chosen.lifter}\n")
    _print(table, honesty)
    if chosen.json:
        report = {"clips": len(said), "mean": table, "honesty": honesty, "of each clip": rows}
        chosen.json.write_text(json.dumps(report, indent=1))


def planted_with(
    folder: Path, split: str, *, count: int, conditions: Conditions
) -> Iterator[Planted]:
    """Yield that many clips of each shard of a split ("train", "val")."""
    for shard in sorted(folder.glob(f"*_{split}.npz")):
        yield from planted_clips(read_corpus([shard]), count=count, conditions=conditions)


def _solved(planted: Planted, lifter: SasMambaLifter) -> Iterator[tuple[str, Person]]:
    true = planted.camera
    assumed = Camera.assumed(true.width_px, true.height_px)
    lifted = lifter.lift(planted.seen, camera=assumed)
    sighting = [Sighting(1, planted.seen, lifted, lifter.name)]
    yield "frame by frame", _frame_by_frame(planted, lifted, assumed)
    for name, settings in STEPS.items():
        yield name, solve(sighting, camera=assumed, settings=settings)[0]
    for wrong in FOCAL_ERRORS:
        camera = replace(true, focal_px=true.focal_px * wrong)
        yield (
            f"true focal × {wrong:g}",
            solve(sighting, camera=camera, settings=MotionSettings())[0],
        )


def _frame_by_frame(planted: Planted, lifted: Pose3DSequence, camera: Camera) -> Person:
    """Return what the lifter's poses alone make of a clip."""
    seen, poses = planted.seen, lifted.positions_m
    spread = [np.std(v[..., :2], axis=1).mean(-1) for v in (poses, camera.rays(seen.keypoints_px))]
    depth = (spread[0] / spread[1])[:, None]
    hips = camera.rays(seen.keypoints_px[:, 0]) * depth
    world = (poses + hips[:, None]) @ LEVEL
    low = np.percentile(world[:, [3, 6], 1].min(1), 5)
    world[..., 1] -= low
    motion = solve_rotations(world, times_s=seen.times_s, fps=seen.fps)
    back = np.eye(4)
    back[:3, :3], back[:3, 3] = LEVEL, LEVEL @ [0.0, low, 0.0]
    return Person(1, seen, lifted, WorldPoses(seen.skeleton, world, back), motion)


def _honesty(said: list[tuple[Planted, Person]]) -> dict[str, Reliability]:
    chance, error, tilt_chance, tilt_deg = [], [], [], []
    for planted, person in said:
        assert person.trust is not None
        back = person.world.camera_from_world
        found = person.world.positions_m @ back[:3, :3].T + back[:3, 3]
        true = planted.camera_m
        off = (found - found[:, :1]) - (true - true[:, :1])
        error.append(np.linalg.norm(off, axis=-1)[:, 1:].ravel())
        chance.append(person.trust.confidence[:, 1:].ravel())
        tilt_chance.append(person.trust.gravity.confidence)
        cosine = back[:3, 1] @ planted.camera_from_world[:3, 1]
        tilt_deg.append(np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))))
    return {
        "confidence3d": reliability(np.concatenate(chance), np.concatenate(error), NEAR_M),
        "gravity": reliability(np.array(tilt_chance), np.array(tilt_deg), UPRIGHT_DEG),
    }


def reliability(chance: np.ndarray, error: np.ndarray, within: float) -> Reliability:
    """Return the rank correlation of chance and error, and chances said beside those that were."""
    rows = []
    for low, high in pairwise(CHANCES):
        inside = (chance >= low) & (chance < high)
        if inside.any():
            said, was = chance[inside].mean(), (error[inside] < within).mean()
            rows.append((low, high, inside.mean(), said, was, error[inside].mean()))
    return {
        "rank_correlation": float(spearmanr(chance, -error).statistic),
        "rows": [[float(value) for value in row] for row in rows],
    }


def reliability_table(found: Reliability, *, unit: str) -> str:
    """Return it in Markdown; errors in metres are told in millimetres."""
    scale = 1e3 if unit == "mm" else 1.0
    lines = ["| said | share | said, mean | was so | mean error |", "|---|---|---|---|---|"]
    lines += [
        f"| {low:g}–{min(high, 1):g} | {share:.0%} | {said:.2f} | {was:.2f} | {scale * error:.3g} {unit} |"
        for low, high, share, said, was, error in found["rows"]
    ]
    return "\n".join(
        [*lines, "", f"Rank correlation of chance and error: {found['rank_correlation']:.2f}."]
    )


def _print(table: dict[str, dict[str, float]], honesty: dict[str, Reliability]) -> None:
    names = list(next(iter(table.values())))
    print("| | " + " | ".join(name.replace("_", "\\_") for name in names) + " |")
    print("|---" * (len(names) + 1) + "|")
    for row, scores in table.items():
        print(f"| {row} | " + " | ".join(_short(scores[name]) for name in names) + " |")
    for name, unit in (("confidence3d", "mm"), ("gravity", "°")):
        print(f"\n{name}:\n\n{reliability_table(honesty[name], unit=unit)}")


def _short(value: float) -> str:
    """Return three digits, and nothing of what is no more than rounding."""
    return f"{value:.3g}" if value < 1000 and value > 5e-4 else f"{value:.0f}"


if __name__ == "__main__":
    main()
