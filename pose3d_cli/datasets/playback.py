"""Stretches of recorded motion, played at the rates of many cameras, faster or slower."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from pose3d_cli.datasets.draws import Ranges, among, uniform
from pose3d_cli.datasets.mocap import Corpus


@dataclass(frozen=True, slots=True, kw_only=True)
class Playback:
    """How time passes. ``Ranges`` are (share, from, to)."""

    rate_hz: Ranges = (
        *(
            (0.12, 24.0, 25.0),
            (0.48, 30.0, 30.0),
            (0.08, 50.0, 50.0),
            (0.18, 60.0, 60.0),
            (0.06, 120.0, 120.0),
        ),
        (0.08, 12.0, 30.0),
    )
    """Frame rates of cameras."""
    speed: float = 1.4
    """Motion is played up to this much faster or slower."""


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """Motion as a camera samples it."""

    positions_m: Float[Tensor, "b t 24 3"]
    frame_s: Float[Tensor, " b"]
    """Time between frames."""


def draw_windows(
    corpus: Corpus,
    *,
    chances: Float[Tensor, " c"],
    clips: int,
    frames: int,
    playback: Playback,
    generator: torch.Generator,
) -> Windows:
    """Cut random windows; clips that are too short are played to and fro."""
    draw = uniform(clips, low=0.0, high=1.0, generator=generator)
    # No multinomial: it looks at the chances on the host.
    clip = torch.searchsorted(chances.cumsum(0), draw).clamp(max=len(chances) - 1)
    frame_s = 1 / among(playback.rate_hz, clips, generator=generator)
    pace = corpus.fps * frame_s
    pace = pace * playback.speed ** uniform(clips, low=-1.0, high=1.0, generator=generator)
    last = (corpus.length[clip] - 1)[:, None].float()
    span = pace[:, None] * torch.arange(frames, device=pace.device)  # b t
    room = last - span[:, -1:]
    start = uniform(clips, 1, low=0.0, high=1.0, generator=generator)
    at = start * torch.where(room >= 0, room, 2 * last) + span
    at = last - (last - at.remainder(2 * last.clamp(min=1))).abs()
    return Windows(_between(corpus, first=corpus.start[clip, None], last=last, at=at), frame_s)


def _between(
    corpus: Corpus, *, first: Tensor, last: Float[Tensor, "b 1"], at: Float[Tensor, "b t"]
) -> Float[Tensor, "b t 24 3"]:
    """Return poses between recorded frames, by cubics whose slopes are those of the neighbours.

    (Catmull and Rom, 1974.) Straight lines would halt at every recorded frame of slow motion.
    """
    at = torch.minimum(at.clamp(min=0), last)
    middle = at.floor()
    u = (at - middle)[..., None, None]

    def frame(offset: int) -> Tensor:
        index = torch.minimum((middle + offset).clamp(min=0), last).long()
        return corpus.positions_m[first + index]

    before, here, there, beyond = (frame(offset) for offset in (-1, 0, 1, 2))
    # Straight on past the ends of a clip.
    before = torch.where((middle < 1)[..., None, None], 2 * here - there, before)
    beyond = torch.where((middle + 2 > last)[..., None, None], 2 * there - here, beyond)
    slope = (there - before) / 2
    bend = before - 2.5 * here + 2 * there - 0.5 * beyond
    twist = (beyond - before) / 2 + 1.5 * (here - there)
    return here + u * (slope + u * (bend + u * twist))
