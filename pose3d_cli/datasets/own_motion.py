"""A user's own folder of motion capture: BVH, or ASF with AMC, into clips of a corpus."""

import logging
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from jaxtyping import Float64
from scipy.interpolate import CubicSpline
from scipy.ndimage import gaussian_filter1d

from pose3d_cli.datasets.articulated import Articulated, from_bvh
from pose3d_cli.datasets.asf_amc import read_amc, read_asf
from pose3d_cli.datasets.body_points import body_points
from pose3d_cli.datasets.shard_file import FPS, Clip
from pose3d_cli.errors import InputError
from pose3d_cli.geometry.bvh_file import read_bvh

logger = logging.getLogger(__name__)

SHORTEST = 9
"""Clips of fewer frames are left out: no lifter learns from them."""


def motion_files(folder: Path) -> list[Path]:
    """Return all motions in a folder and the folders inside it, in order.

    Raises:
        InputError: there are none.
    """
    found = sorted(p for p in folder.rglob("*") if p.suffix.lower() in {".bvh", ".amc"})
    if not found:
        raise InputError(
            f"no .bvh or .amc file in {folder}", hint="AMC files need their ASF beside them."
        )
    return found


def read_motions(files: Iterable[Path], *, amc_fps: float) -> Iterator[tuple[Path, Articulated]]:
    """Yield what each file holds.

    Raises:
        InputError: a file is damaged, or an AMC has no ASF.
    """
    for path in files:
        if path.suffix.lower() == ".bvh":
            yield path, from_bvh(read_bvh(path))
        else:
            yield path, read_amc(path, read_asf(skeleton_of(path)), fps=amc_fps)


def clips_of(motions: Iterable[tuple[Path, Articulated]]) -> list[Clip]:
    """Return clips at 30 frames a second, whatever the files' rates and units.

    Recordings with the same bones are one performer's.

    Raises:
        InputError: a joint that a body needs is missing, or nothing is long enough.
    """
    performers: dict[tuple[object, ...], list[tuple[Path, Articulated]]] = {}
    for path, motion in motions:
        key = (motion.names, motion.bones.round(4).tobytes())
        performers.setdefault(key, []).append((path, motion))
    clips = []
    for recorded in performers.values():
        points = body_points([motion for _, motion in recorded])
        for (path, motion), positions in zip(recorded, points, strict=True):
            clip = resampled(positions, fps=motion.fps)
            if len(clip) < SHORTEST or not np.isfinite(clip).all():
                logger.warning("%s is left out: too short, or not finite", path)
                continue
            clips.append(Clip(path.stem, clip))
    if not clips:
        raise InputError(f"no motion lasts {SHORTEST / FPS:.1f} s or longer")
    return clips


def resampled(
    positions: Float64[np.ndarray, "f 24 3"], *, fps: float
) -> Float64[np.ndarray, "g 24 3"]:
    """Return the motion at 30 frames a second, without what is too quick for it."""
    if len(positions) < 2:
        return positions
    if fps > 1.05 * FPS:
        positions = gaussian_filter1d(positions, sigma=0.35 * fps / FPS, axis=0, mode="nearest")
    times_s = np.arange(len(positions)) / fps
    # Files round the time of a frame, so the last one may seem to come a little too early.
    count = int(times_s[-1] * FPS + 0.02) + 1
    wanted_s = np.minimum(np.arange(count) / FPS, times_s[-1])
    return np.asarray(CubicSpline(times_s, positions)(wanted_s))


def skeleton_of(amc: Path) -> Path:
    """Return the ASF of an AMC: the one beside it, that it is called after if there are several.

    Raises:
        InputError: there is none, or no telling which.
    """
    beside = [p for p in amc.parent.iterdir() if p.suffix.lower() == ".asf"]
    called_after = [p for p in beside if amc.stem.startswith(p.stem)]
    chosen = called_after or beside
    if not chosen or (len(beside) > 1 and not called_after):
        raise InputError(
            f"{amc}: which ASF beside it is its skeleton?" if beside else f"{amc}: no ASF beside it"
        )
    return max(chosen, key=lambda p: len(p.stem))
