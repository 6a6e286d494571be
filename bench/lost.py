"""How far a pose can be believed of somebody whom nobody sees for a while.

    python -m bench.lost --data CORPUS [--split train] [--clips 16] [--lifter sasmamba-large]

In each planted clip (``pose3d_cli/evaluation/planted.py``) the detector misses the person for some
seconds in the middle, and what ``pose3d lift`` makes of it is compared with the truth: by the time to the
nearest frame in which the person was seen, how probable it was said to be that joints are within 10 cm
about the root (``confidence3d``), and how often they were. Prints a table in Markdown, and by how much
``pose3d_cli.motion.trust.LOST`` should be changed to say what was so.
"""

import argparse
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
from jaxtyping import Float
from scipy.optimize import minimize

from bench.motion import NEAR_M, planted_with
from pose3d_cli.evaluation.planted import Conditions, Planted
from pose3d_cli.geometry.camera import Camera
from pose3d_cli.lifting.lifter import SasMambaLifter
from pose3d_cli.motion.settings import MotionSettings
from pose3d_cli.motion.solve import Sighting, solve
from pose3d_cli.motion.trust import LOST_S
from pose3d_cli.sequences import Pose2DSequence
from pose3d_cli.weights import default_cache_dir, ensure

HOLES_S = (1.0, 2.0, 4.0)
AROUND_S = 1.5
"""How long the person is seen before a hole and after it, at least."""
EDGES_S = (0.01, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0)


def main() -> None:
    """Hide, lift, solve and compare."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--data", type=Path, required=True)
    options.add_argument("--split", default="val")
    options.add_argument("--clips", type=int, default=16, help="of each shard")
    options.add_argument("--lifter", default="sasmamba-small", help="weights: a name or a file")
    chosen = options.parse_args()
    weights = ensure(chosen.lifter, cache_dir=default_cache_dir(), offline=True)
    lifter = SasMambaLifter.from_file(weights, device="cpu")
    clips = planted_with(chosen.data, chosen.split, count=chosen.clips, conditions=Conditions())
    rows = np.concatenate([row for planted in clips for row in _compared(planted, lifter)])
    print("| seconds to a sighting | said | was so | mean error | joints |")
    print("|---|---|---|---|---|")
    for low, high in pairwise(EDGES_S):
        _, said, off = rows[(rows[:, 0] >= low) & (rows[:, 0] < high)].T
        so = (off < NEAR_M).mean()
        print(
            f"| {low:g}–{high:g} | {said.mean():.2f} | {so:.2f} | {1e3 * off.mean():.0f} mm | {len(off)} |"
        )
    print(f"\nLeft to take off for being lost: {_left(rows):.2f}")


def _left(rows: Float[np.ndarray, "n 3"]) -> float:
    """Return what a logistic regression would add to ``LOST``; it may shift all odds as well."""
    lost_s, said, off_m = rows.T
    odds, time = np.log(said / (1 - said)), np.log(np.maximum(lost_s, LOST_S) / LOST_S)
    sign = np.where(off_m < NEAR_M, -1.0, 1.0)

    def loss(change: Float[np.ndarray, "2"]) -> float:
        return float(np.logaddexp(0, sign * (odds - change[0] * time + change[1])).mean())

    return float(minimize(loss, np.zeros(2)).x[0])


def _compared(planted: Planted, lifter: SasMambaLifter) -> Iterator[Float[np.ndarray, "n 3"]]:
    """Yield of each hidden joint the time to a sighting, the chance that is said, and the error."""
    seen, fps = planted.seen, float(planted.seen.fps)
    for hole_s in HOLES_S:
        spare = len(seen.times_s) - round(hole_s * fps)
        if spare < 2 * AROUND_S * fps:
            continue
        hidden = slice(spare // 2, spare // 2 + round(hole_s * fps))
        camera = Camera.assumed(planted.camera.width_px, planted.camera.height_px)
        missed = _without(seen, hidden)
        sighting = Sighting(1, missed, lifter.lift(missed, camera=camera), lifter.name)
        (person,) = solve([sighting], camera=camera, settings=MotionSettings())
        assert person.trust is not None
        back = person.world.camera_from_world[:3, :3]
        true, found = planted.camera_m, person.world.positions_m @ back.T
        off_m = np.linalg.norm((found - found[:, :1]) - (true - true[:, :1]), axis=-1)
        # Without the root, which is never off.
        said, off_m = person.trust.confidence[hidden, 1:], off_m[hidden, 1:]
        # Rounded, since a difference of times is not always below the edge that it should be below.
        lost_s = np.broadcast_to(missed.lost_s[hidden, None].round(6), said.shape)
        yield np.stack([lost_s, said, off_m], axis=-1).reshape(-1, 3)


def _without(seen: Pose2DSequence, hidden: slice) -> Pose2DSequence:
    """Return the sequence with nothing seen in a stretch, and keypoints that glide across it."""
    observed, confidence = seen.observed.copy(), seen.confidence.copy()
    observed[hidden], confidence[hidden] = False, 0.0
    keypoints_px = seen.keypoints_px.copy()
    ends = [hidden.start - 1, hidden.stop]
    share = np.linspace(0, 1, hidden.stop - hidden.start + 2)[1:-1, None, None]
    first, last = keypoints_px[ends]
    keypoints_px[hidden] = (1 - share) * first + share * last
    return replace(
        seen, observed=observed, confidence=confidence, keypoints_px=keypoints_px, face=None
    )


if __name__ == "__main__":
    main()
