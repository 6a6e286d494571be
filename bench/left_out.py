"""Whether keypoints tell something of movements across the picture that the poses leave out.

    python -m bench.left_out --data CORPUS [--lifter sasmamba-large] [--noise 0]

Poses move too little at high frequencies. That may be neglect, or the best that can be made of
keypoints that are wrong at those frequencies as well (Wiener 1949, "Extrapolation, interpolation, and
smoothing of stationary time series"). So for each band of frequencies what the keypoints say beyond
the poses (their places at the scale that fits the poses best, minus the poses) is held against what the
poses lack. ``gain``: how much of the one to add, by least squares; ``explained``: how much of the power
of the other would be gone then. Motion of people whom the lifter was trained with, so that what
is found could be used.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Complex, Float

from pose3d_cli.datasets.mocap import read_corpus
from pose3d_cli.evaluation.conditions import Conditions
from pose3d_cli.evaluation.windows import Filmed, filmed, groups_of, windows_of
from pose3d_cli.lifting.config import WINDOW_FRAMES
from pose3d_cli.lifting.lifter import SasMambaLifter
from pose3d_cli.lifting.normalise import normalise, turned
from pose3d_cli.weights import default_cache_dir, ensure

BANDS_HZ = (0.0, 0.3, 1.0, 2.0, 3.0, 4.0, 6.0, 10.0, 15.0)
JOINTS = {
    "wrists": (13, 16),
    "ankles": (3, 6),
    "elbows, knees": (2, 5, 12, 15),
    "trunk": (1, 4, 7, 8, 11, 14),
}


@dataclass(frozen=True, slots=True, eq=False)
class Across:
    """Movements across the picture about the pelvis, as spectra: windows w, frequencies f."""

    true: Complex[np.ndarray, "w f 17 2"]
    lacking: Complex[np.ndarray, "w f 17 2"]
    """True minus the poses'."""
    beyond: Complex[np.ndarray, "w f 17 2"]
    """The keypoints' minus the poses'."""


def main() -> None:
    """Film, lift, compare and print a table in Markdown."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--data", type=Path, required=True, help="folder with the shard")
    options.add_argument("--shard", default="A_free_train.npz")
    options.add_argument("--windows", type=int, default=40, help="at most, of each source")
    options.add_argument(
        "--noise", type=float, default=1.0, help="multiplies the detector's errors"
    )
    options.add_argument("--lifter", default="sasmamba-small", help="weights: a name or a file")
    chosen = options.parse_args()
    weights = ensure(chosen.lifter, cache_dir=default_cache_dir(), offline=True)
    lifter = SasMambaLifter.from_file(weights, device="cpu")
    corpus = read_corpus([chosen.data / chosen.shard], straight_knees=True)
    conditions = Conditions(
        protocol="unified/1", cameras=2, noise=chosen.noise, straight_knees=True
    )
    long = [w for w in windows_of(corpus, at_most=chosen.windows) if w.frames == WINDOW_FRAMES]
    spectra = [
        _spectra(filmed(group, corpus, conditions=conditions), lifter) for group in groups_of(long)
    ]
    true, lacking, beyond = (
        np.concatenate([getattr(s, name) for s in spectra])
        for name in ("true", "lacking", "beyond")
    )
    print(f"{len(true)} windows, {lifter.name}\n")
    print("| Hz | joints | lacking, of what is true | gain | explained |\n|---|---|---|---|---|")
    for row in _rows(Across(true, lacking, beyond), fps=float(corpus.fps)):
        print(row)


def _spectra(shot: Filmed, lifter: SasMambaLifter) -> Across:
    """Lift some windows; everything in the view that is turned towards the person."""
    batch = shot.batch
    poses = torch.as_tensor(lifter.lift_windows(batch.rays.numpy(), batch.confidence.numpy()))
    view = normalise(batch.rays, batch.confidence)
    true = turned(batch.truth_m, view.view_from_camera)[..., :2]
    lifted = turned(poses, view.view_from_camera)[..., :2]
    marked = view.inputs[..., :2] - view.inputs[:, :, :1, :2]
    scale_m = (marked * lifted).sum((1, 2, 3)) / marked.square().sum((1, 2, 3))
    marked = marked * scale_m[:, None, None, None]
    return Across(*(_spectrum(x.numpy()) for x in (true, true - lifted, marked - lifted)))


def _spectrum(movement_m: Float[np.ndarray, "w t 17 2"]) -> Complex[np.ndarray, "w f 17 2"]:
    """Return complex amplitudes, of a window that fades in and out."""
    fade = np.hanning(movement_m.shape[1])[:, None, None]
    return np.asarray(np.fft.rfft(movement_m * fade, axis=1))


def _rows(across: Across, *, fps: float) -> Iterator[str]:
    frequencies_hz = np.fft.rfftfreq(WINDOW_FRAMES, 1 / fps)
    for low, high in pairwise(BANDS_HZ):
        band = (frequencies_hz >= low) & (frequencies_hz < high)
        for name, joints in JOINTS.items():
            true, lacking, beyond = (
                x[:, band][:, :, list(joints)] for x in (across.true, across.lacking, across.beyond)
            )
            common = (lacking * beyond.conj()).real.sum()
            gain = common / _power(beyond)
            explained = gain * common / _power(lacking)
            share = np.sqrt(_power(lacking) / _power(true))
            yield f"| {low:g}–{high:g} | {name} | {share:.2f} | {gain:.2f} | {explained:.3f} |"


def _power(amplitudes: Complex[np.ndarray, "*n"]) -> float:
    return float(np.square(np.abs(amplitudes)).sum())


if __name__ == "__main__":
    main()
