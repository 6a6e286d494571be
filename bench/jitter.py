"""How much keypoints flicker in real clips, and those of the simulated detector that lifters learn from.

    pose3d lift clip.mp4 -o result.json
    python -m bench.jitter --data CORPUS result.json ...

Hardly anybody moves at more than 6 Hz, so what keypoints do there is the detector's. Amplitudes
between 6 and 11 Hz, in percent of the person's larger side in the picture, of the first person of each
result: the median over the frames in which a joint was seen, and the root of the mean square, which
swaps and snaps make much larger. The simulated ones are of held-out motion under ``unified/1``.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float
from scipy.ndimage import binary_erosion
from scipy.signal import butter, sosfiltfilt

from pose3d_cli.datasets.mocap import read_corpus
from pose3d_cli.evaluation.conditions import Conditions
from pose3d_cli.evaluation.windows import filmed, groups_of, windows_of
from pose3d_cli.export.json_file import read_json
from pose3d_cli.lifting.config import WINDOW_FRAMES
from pose3d_cli.sequences import SEEN, Person

BAND_HZ = (6.0, 11.0)
AROUND = 3
"""A joint counts where it was seen for so many frames on either side, too."""
LEAST_FRAMES = 20
JOINTS = {
    "shoulders": (11, 14),
    "elbows": (12, 15),
    "wrists": (13, 16),
    "hips": (1, 4),
    "knees": (2, 5),
    "ankles": (3, 6),
}


@dataclass(frozen=True, slots=True, eq=False)
class Marks:
    """Where joints were marked in a clip, on straight lines where they were not seen."""

    points: Float[np.ndarray, "t 17 2"]
    seen: Bool[np.ndarray, "t 17"]
    fps: float


def main() -> None:
    """Print a row for each result, and for the simulated detector."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("results", type=Path, nargs="*", help="result.json of real clips")
    options.add_argument("--data", type=Path, required=True, help="folder with A_free_val.npz")
    options.add_argument("--windows", type=int, default=12)
    chosen = options.parse_args()
    print("| median (root mean square), % of the person | " + " | ".join(JOINTS) + " |")
    print("|---" * (1 + len(JOINTS)) + "|")
    for path in chosen.results:
        print(_row(path.stem, [_of_person(read_json(path).people[0])]))
    for noise in (0.0, 0.5, 1.0):
        marks = list(_simulated(chosen.data, windows=chosen.windows, noise=noise))
        print(_row(f"simulated, errors × {noise:g}", marks))


def _of_person(person: Person) -> Marks:
    seen = person.poses_2d
    fps = (len(seen.times_s) - 1) / (seen.times_s[-1] - seen.times_s[0])
    return Marks(seen.keypoints_px, seen.observed & (seen.confidence >= SEEN), float(fps))


def _simulated(data: Path, *, windows: int, noise: float) -> Iterator[Marks]:
    corpus = read_corpus([data / "A_free_val.npz"])
    conditions = Conditions(protocol="unified/1", noise=noise)
    long = [w for w in windows_of(corpus, at_most=windows) if w.frames == WINDOW_FRAMES]
    for group in groups_of(long):
        batch = filmed(group, corpus, conditions=conditions).batch
        for rays, confidence in zip(batch.rays.numpy(), batch.confidence.numpy(), strict=True):
            yield Marks(rays, confidence >= SEEN, float(corpus.fps))


def _row(name: str, clips: list[Marks]) -> str:
    """Return the median over the clips of both measures, for each group of joints."""
    cells = []
    flicker = [_flicker(marks) for marks in clips]
    for joints in JOINTS.values():
        amplitudes = [f[:, list(joints)] for f in flicker]
        amplitudes = [a[np.isfinite(a)] for a in amplitudes]
        kept = [a for a in amplitudes if len(a) >= LEAST_FRAMES]
        if not kept:
            cells.append("–")
            continue
        middle = np.median([np.median(a) for a in kept])
        mean = np.median([np.sqrt(np.square(a).mean()) for a in kept])
        cells.append(f"{100 * middle:.2f} ({100 * mean:.2f})")
    return f"| {name} | " + " | ".join(cells) + " |"


def _flicker(marks: Marks) -> Float[np.ndarray, "t 17"]:
    """Return amplitudes in the band, in shares of the person; NaN where a joint was not seen."""
    low, high = BAND_HZ
    band = butter(3, (low, min(high, 0.47 * marks.fps)), "bandpass", fs=marks.fps, output="sos")
    size = np.median(np.ptp(marks.points, axis=1).max(-1))
    moved = sosfiltfilt(band, marks.points / size, axis=0)
    sure = binary_erosion(marks.seen, np.ones((2 * AROUND + 1, 1), bool))
    return np.where(sure, np.linalg.norm(moved, axis=-1), np.nan)


if __name__ == "__main__":
    main()
