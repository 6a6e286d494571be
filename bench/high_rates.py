"""How well films of 120 and 240 frames a second are lifted, all frames or about 60 a second.

    python -m bench.high_rates --data CORPUS_FOLDER

Recorded motion of 30 frames a second goes along cubics (those of ``*_val.npz``, whom no lifter saw), before the
cameras and the detector of ``bench/motion.py``; the detector's mistakes take as long as they do at 30.
"""

import argparse
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float
from scipy.interpolate import CubicSpline

from pose3d_cli.api import load_lifter
from pose3d_cli.datasets.mocap import Corpus, read_corpus
from pose3d_cli.evaluation.planted import Conditions, Planted, planted_clips
from pose3d_cli.thinning import at_every_frame, thinned

RATES = (4, 8)
"""Times as many frames a second as recorded."""
SECONDS = 5


def faster(corpus: Corpus, clip: int, times: int) -> Corpus:
    """Return the first seconds of a clip, filmed at so many times the rate."""
    frames, start = round(SECONDS * corpus.fps), int(corpus.start[clip])
    recorded_m = corpus.positions_m[start : start + frames].numpy()
    at = np.arange((frames - 1) * times + 1) / times
    between_m = CubicSpline(np.arange(frames), recorded_m)(at)
    return replace(
        corpus,
        positions_m=torch.tensor(between_m, dtype=torch.float32),
        start=torch.tensor([0]),
        length=torch.tensor([len(at)]),
        source=(corpus.source[clip],),
        fps=corpus.fps * times,
    )


def filmed(corpus: Corpus, times: int, *, count: int) -> Iterator[Planted]:
    """Yield some clips that are long enough, spread evenly, filmed at so many times the rate."""
    long_enough = np.flatnonzero(corpus.length.numpy() >= SECONDS * corpus.fps)
    picked = np.linspace(0, len(long_enough) - 1, min(count, len(long_enough))).astype(int)
    for clip in long_enough[picked].tolist():
        fast = faster(corpus, clip, times)
        how = Conditions(seed=clip)
        yield from planted_clips(fast, count=1, conditions=how, longest_frames=int(fast.length[0]))


def errors(planted: Planted, poses_m: Float[np.ndarray, "f 17 3"]) -> tuple[float, float]:
    """Return the mean errors of joints in mm and of speeds in mm/s, at the best size."""
    truth_m = planted.camera_m - planted.camera_m[:, :1]
    off_m = poses_m * float((truth_m * poses_m).sum() / (poses_m**2).sum()) - truth_m
    speeds_off_m_s = np.diff(off_m, axis=0) * float(planted.seen.fps)
    joints, speeds = (float(np.linalg.norm(off, axis=-1).mean()) for off in (off_m, speeds_off_m_s))
    return 1000 * joints, 1000 * speeds


def main() -> None:
    """Print a line for each shard and rate."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--data", type=Path, required=True, help="folder with *_val.npz")
    options.add_argument("--clips", type=int, default=6, help="of each shard")
    chosen = options.parse_args()
    lifter = load_lifter()
    for shard in sorted(chosen.data.glob("[AB]_*_val.npz")):
        corpus = read_corpus([shard])
        for times in RATES:
            every, few = [], []
            for planted in filmed(corpus, times, count=chosen.clips):
                seen, camera = planted.seen, planted.camera
                every.append(errors(planted, lifter.lift(seen, camera=camera).positions_m))
                poses = at_every_frame(lifter.lift(thinned(seen), camera=camera), seen)
                few.append(errors(planted, poses.positions_m))
            (all_mm, all_mm_s), (few_mm, few_mm_s) = np.mean(every, axis=0), np.mean(few, axis=0)
            print(
                f"{shard.stem} at {corpus.fps * times:g}: every frame {all_mm:.1f} mm, {all_mm_s:.0f} mm/s; "
                f"thinned {few_mm:.1f} mm, {few_mm_s:.0f} mm/s"
            )


if __name__ == "__main__":
    main()
