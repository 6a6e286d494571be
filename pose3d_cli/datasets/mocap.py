"""A corpus of recorded motion in memory: many clips, one array."""

import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from pose3d_cli.datasets.knees import both_straight, straightened
from pose3d_cli.datasets.licences import strictest, tier_of
from pose3d_cli.errors import InputError

POINTS = 24
"""H36M-17, then nose, left and right eye, left and right ear, left and right toe."""

_DAMAGED = (OSError, EOFError, KeyError, TypeError, ValueError, zipfile.BadZipFile, zlib.error)
"""What NumPy raises for files that are missing, cut off, or no archives at all."""

_KEYS = ("delta", "start", "length", "source", "fps")


@dataclass(frozen=True, slots=True, eq=False)
class Corpus:
    """Clips laid end to end."""

    positions_m: Float[Tensor, "n 24 3"]
    """Right-handed, z up."""
    start: Int[Tensor, " c"]
    length: Int[Tensor, " c"]
    source: tuple[str, ...]
    """Where each clip comes from, for licences and for the mix."""
    fps: float
    tiers: Mapping[str, str] = field(default_factory=dict)
    """What each source may be used for; see ``licences.py``."""

    def to(self, device: torch.device | str) -> "Corpus":
        """Return the same clips in the memory of a device."""
        return replace(
            self,
            positions_m=self.positions_m.to(device),
            start=self.start.to(device),
            length=self.length.to(device),
        )

    def chances(
        self, weights: Mapping[str, float], *, standing: float = 0.0
    ) -> Float[Tensor, " c"]:
        """Return how likely each clip is drawn: by source, then by its length within a source.

        Args:
            weights: of every source.
            standing: by how much frames of straight legs count for more than others.

        Raises:
            ValueError: a source has no weight.
        """
        if missing := set(self.source) - set(weights):
            raise ValueError(f"no weight for {sorted(missing)}")
        sizes = [
            length + (standing * self._straight_frames(start, length) if standing else 0.0)
            for start, length in zip(self.start.tolist(), self.length.tolist(), strict=True)
        ]
        totals = dict.fromkeys(self.source, 0.0)
        for source, size in zip(self.source, sizes, strict=True):
            totals[source] += size
        shares: list[float] = [
            weights[source] * size / totals[source]
            for source, size in zip(self.source, sizes, strict=True)
        ]
        return torch.tensor(shares, device=self.start.device) / sum(shares)

    def _straight_frames(self, start: int, length: int) -> int:
        points = self.positions_m[start : start + length].cpu().numpy()
        return int(both_straight(points).sum())


def read_corpus(
    paths: Sequence[Path], *, only: Sequence[str] = (), straight_knees: bool = False
) -> Corpus:
    """Read shards of delta-coded millimetres, from some sources only if ``only`` names any.

    With ``straight_knees``, legs that a rig bends are unbent; see ``knees.py``.

    A shard is an ``.npz`` with ``delta`` int16 (n, ≥24, 3): differences between frames, the first
    frame of a clip absolute; ``start``, ``length``, ``source`` of each clip; ``fps``; and ``tier``,
    what the clips may be used for, unless their source is a known one. It may have ``subject``.

    Raises:
        InputError: a file is missing, or is no such shard.
    """
    clips, sources, subjects, rates_hz = [], [], [], set()
    tiers: dict[str, str] = {}
    for path in paths:
        shard = _load(path)
        rates_hz.add(float(shard["fps"]))
        tier = str(shard["tier"])
        for start, length, source, subject in zip(
            *(shard[key].tolist() for key in ("start", "length", "source", "subject")), strict=True
        ):
            if not only or source in only:
                delta = shard["delta"][start : start + length, :POINTS]
                clips.append(np.cumsum(delta, axis=0, dtype=np.int16).astype(np.float32) * 1e-3)
                sources.append(source)
                subjects.append(subject)
                tiers[source] = strictest(tiers.get(source, ""), tier or tier_of(source))
    if not clips:
        raise InputError(f"no clips of {', '.join(only) or 'anybody'} in {_listed(paths)}")
    if len(rates_hz) > 1:
        raise InputError(f"clips of different rates in {_listed(paths)}: {sorted(rates_hz)} Hz")
    if straight_knees:
        clips = straightened(clips, sources=sources, subjects=subjects)
    length = torch.tensor([len(clip) for clip in clips])
    return Corpus(
        positions_m=torch.from_numpy(np.concatenate(clips)),
        start=length.cumsum(0) - length,
        length=length,
        source=tuple(sources),
        fps=rates_hz.pop(),
        tiers=tiers,
    )


def _listed(paths: Sequence[Path]) -> str:
    return ", ".join(map(str, paths))


def _load(path: Path) -> dict[str, np.ndarray]:
    try:
        with np.load(path, allow_pickle=False) as archive:
            shard = {key: archive[key] for key in _KEYS}
            shard["tier"] = archive["tier"] if "tier" in archive else np.array("")
            shard["subject"] = archive["subject"] if "subject" in archive else np.array("")
        for key in ("source", "subject"):  # text that all clips share may be stored once
            shard[key] = np.broadcast_to(shard[key], shard["start"].shape)
        _check(shard)
    except FileNotFoundError as error:
        raise InputError(
            f"there is no shard {path}",
            hint="`pose3d data import` makes one; --shards, or shards in a recipe, names it.",
        ) from error
    except _DAMAGED as error:
        raise InputError(f"{path} is not a motion shard: {error}") from error
    return shard


def _check(shard: Mapping[str, np.ndarray]) -> None:
    """Raise a ValueError unless all clips lie within the frames and have all points."""
    delta, start, length = shard["delta"], shard["start"], shard["length"]
    if delta.dtype != np.int16 or delta.ndim != 3 or delta.shape[1] < POINTS or delta.shape[2] != 3:
        raise ValueError(
            f"expected deltas int16 (n, ≥{POINTS}, 3), got {delta.dtype} {delta.shape}"
        )
    if start.shape != length.shape or shard["fps"].shape != ():
        raise ValueError("expected a start and a length for every clip, and one rate")
    if (start < 0).any() or (length < 1).any() or (start + length > len(delta)).any():
        raise ValueError(f"a clip reaches beyond the {len(delta)} frames")
