"""Draw what lifters make of held-out motion: the windows that go worst, and some usual ones.

    python examples/worst_windows.py sheet.jpg --data FOLDER NEW.safetensors [OLD.safetensors]

A row a window, at its frame of mean error: what the simulated detector saw, then for each of the weights
the pose (left blue, right orange) over the truth (grey), as the camera sees it and from the side. The
windows are the worst of the first weights by N-MPJPE, one of each source and pitch before a second of
any, and some at the middle.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from pose3d_cli.datasets.mocap import Corpus, read_corpus
from pose3d_cli.evaluation.conditions import Conditions
from pose3d_cli.evaluation.metrics import n_mpjpe_mm
from pose3d_cli.evaluation.pinned import PINNED
from pose3d_cli.evaluation.windows import filmed, groups_of, windows_of
from pose3d_cli.lifting.lifter import SasMambaLifter
from pose3d_cli.render.still import write_still
from pose3d_cli.skeleton import H36M17

TILE_PX, GAP_PX, HEAD_PX = 220, 4, 24
HALF_M = 1.15
"""Of what a tile shows."""
TRUTH, LEFT, RIGHT, MIDDLE = (175, 175, 175), (30, 110, 220), (230, 110, 20), (70, 70, 70)
PITCH_DEG = (-90.0, -10.0, 10.0, 30.0, 90.0)
FROM_THE_SIDE = np.array([[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [-1.0, 0.0, 0.0]])
Colour = tuple[int, int, int]


@dataclass(frozen=True, eq=False)
class Case:
    """One window through one camera."""

    source: str
    pitch_deg: float
    seen: np.ndarray
    """Where the detector found joints, as rays, root-relative (f, 17, 2)."""
    confidence: np.ndarray
    truth_m: np.ndarray
    poses_m: list[np.ndarray]
    """By weights."""

    @property
    def kind(self) -> tuple[str, int]:
        """Its source, and the bin of its camera's pitch."""
        return self.source, int(np.searchsorted(PITCH_DEG, self.pitch_deg))

    def error_mm(self, which: int) -> float:
        """N-MPJPE of one of the weights."""
        return n_mpjpe_mm(self.poses_m[which], self.truth_m)


def cases(
    corpus: Corpus, lifters: list[SasMambaLifter], *, windows: int, conditions: Conditions
) -> list[Case]:
    """Film and lift."""
    found = []
    for group in groups_of(windows_of(corpus, at_most=windows)):
        shot = filmed(group, corpus, conditions=conditions)
        rays, confidence = shot.batch.rays.numpy(), shot.batch.confidence.numpy()
        poses = [lifter.lift_windows(rays, confidence) for lifter in lifters]
        found += [
            Case(
                shot.sources[clip],
                float(shot.pitch_deg[clip]),
                rays[clip] - rays[clip, :, :1],
                confidence[clip],
                shot.batch.truth_m[clip].numpy(),
                [p[clip] for p in poses],
            )
            for clip in range(len(rays))
        ]
    return found


def chosen(every: list[Case], *, worst: int, usual: int) -> list[Case]:
    """Return the worst, of as many kinds as there are, and those at the middle."""
    ranked = sorted(every, key=lambda case: -case.error_mm(0))
    first_of_kind = {
        id(next(c for c in ranked if c.kind == kind)) for kind in {c.kind for c in every}
    }
    ordered = sorted(ranked, key=lambda case: id(case) not in first_of_kind)
    shown = sorted(ordered[:worst], key=lambda case: -case.error_mm(0))
    others = [case for case in ranked[len(ranked) // 2 :] if case not in shown]
    return shown + others[:usual]


def drawn(tile: np.ndarray, points: np.ndarray, *, colours: list[Colour], half: float) -> None:
    """Draw bones; x to the right, y down, the root in the middle."""
    places = np.round((points[:, :2] / half + 1) * TILE_PX / 2 * 8).astype(int)
    for joint, parent in enumerate(H36M17.parents):
        if parent >= 0:
            ends = (places[parent].tolist(), places[joint].tolist())
            cv2.line(tile, *ends, colours[joint], 3, cv2.LINE_AA, shift=3)


def sides() -> list[Colour]:
    """Return the colour of each joint."""
    of = {"left": LEFT, "right": RIGHT}
    return [of.get(name.partition("_")[0], MIDDLE) for name in H36M17.joints]


def tiles_of(case: Case) -> list[np.ndarray]:
    """Draw one case at the frame whose error is nearest to its mean."""
    errors = np.linalg.norm(case.poses_m[0] - case.truth_m, axis=-1).mean(axis=1)
    frame = int(np.abs(errors - errors.mean()).argmin())
    first = np.full((TILE_PX, TILE_PX, 3), 255, np.uint8)
    seen = case.seen[frame]
    faint = [
        (205, 205, 205) if lost else colour
        for lost, colour in zip(case.confidence[frame] == 0, sides(), strict=True)
    ]
    drawn(first, seen, colours=faint, half=1.1 * float(np.abs(seen).max()))
    tiles = [first]
    for poses in case.poses_m:
        for axes in (np.eye(3), FROM_THE_SIDE):
            tile = np.full((TILE_PX, TILE_PX, 3), 255, np.uint8)
            grey = [TRUTH] * len(H36M17.joints)
            drawn(tile, case.truth_m[frame] @ axes.T, colours=grey, half=HALF_M)
            drawn(tile, poses[frame] @ axes.T, colours=sides(), half=HALF_M)
            tiles.append(tile)
    return tiles


def row(case: Case, names: list[str]) -> np.ndarray:
    """Put a case's tiles side by side under what they show."""
    gap = np.full((TILE_PX, GAP_PX, 3), 230, np.uint8)
    line = np.concatenate([part for tile in tiles_of(case) for part in (tile, gap)], axis=1)
    head = np.full((HEAD_PX, line.shape[1], 3), 235, np.uint8)
    words = [f"{case.source}, pitch {case.pitch_deg:.0f} deg"]
    for which, name in enumerate(names):
        words += [f"{name}: {case.error_mm(which):.0f} mm", "from the side"]
    for column, text in enumerate(words):
        place = (4 + column * (TILE_PX + GAP_PX), HEAD_PX - 8)
        cv2.putText(head, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.43, (40, 40, 40), 1, cv2.LINE_AA)
    return np.concatenate([head, line])


def main() -> None:
    """Choose and draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sheet", type=Path)
    parser.add_argument("weights", type=Path, nargs="+")
    parser.add_argument("--data", type=Path, required=True, help="folder with *_val.npz")
    parser.add_argument("--shards", default="A_free_val.npz,B_ccbysa_val.npz,S_procedural_val.npz")
    parser.add_argument("--protocol", choices=PINNED, default="realistic/1")
    parser.add_argument("--windows", type=int, default=16, help="of each source")
    parser.add_argument("--worst", type=int, default=6)
    parser.add_argument("--usual", type=int, default=2)
    options = parser.parse_args()
    corpus = read_corpus([options.data / shard for shard in options.shards.split(",")])
    lifters = [SasMambaLifter.from_file(path, device="cpu") for path in options.weights]
    conditions = Conditions(protocol=options.protocol)
    every = cases(corpus, lifters, windows=options.windows, conditions=conditions)
    picked = chosen(every, worst=options.worst, usual=options.usual)
    names = ["new", "old"] if len(lifters) == 2 else [path.stem for path in options.weights]
    write_still(options.sheet, np.concatenate([row(case, names) for case in picked]))


if __name__ == "__main__":
    main()
