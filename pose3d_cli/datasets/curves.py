"""What changes over time by chance: values that drift, and bursts that come and go.

Times are in seconds, so that clips of all frame rates see the same world.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from pose3d_cli.datasets.draws import normal, uniform


def drift(
    *shape: int, frames: int, knots: Float[Tensor, " b"], generator: torch.Generator
) -> Float[Tensor, "b t *shape"]:
    """Return values of variance 1 that wander smoothly from one random knot to the next.

    Args:
        shape: how many values for each clip and frame.
        frames: how many frames.
        knots: knots a frame; at 1 and above, frames have little to do with each other.
        generator: where chance comes from, and on which device.
    """
    clips, device = len(knots), generator.device
    start = uniform(clips, 1, low=0.0, high=1.0, generator=generator)
    at = start + torch.arange(frames, device=device) * knots.clamp(max=1)[:, None]  # b t
    before = at.floor().long()
    share = at - before
    share = (share.square() * (3 - 2 * share)).view(clips, frames, *[1] * len(shape))
    knot_values = normal(clips, frames + 2, *shape, generator=generator)
    rows = torch.arange(clips, device=device)[:, None]
    mean = torch.lerp(knot_values[rows, before], knot_values[rows, before + 1], share)
    return mean / (share.square() + (1 - share).square()).sqrt()


@dataclass(frozen=True, slots=True, eq=False)
class Bursts:
    """Stretches of time in which something happens."""

    active: Bool[Tensor, "b t n"]
    since: Int[Tensor, "b t n"]
    """Frame at which the latest burst began; 0 before the first."""

    def held(self, values: Float[Tensor, "b t n *d"]) -> Float[Tensor, "b t n *d"]:
        """Return, throughout each burst, the values of the frame at which it began."""
        extra = values.ndim - self.since.ndim
        since = self.since.view(*self.since.shape, *[1] * extra).expand(values.shape)
        return values.gather(1, since)


def bursts(
    rate_hz: Float[Tensor, "b _ n"],
    *,
    mean_s: Float[Tensor, " n"],
    frames: int,
    frame_s: Float[Tensor, " b"],
    generator: torch.Generator,
) -> Bursts:
    """Draw bursts that begin at a rate and last for exponentially distributed times.

    A clip may begin in the middle of one. Over a long time the share 1 − exp(−rate · mean) is
    covered (a queue with infinitely many servers), plus what frames round up.
    """
    device = generator.device
    clips, things = rate_hz.shape[0], rate_hz.shape[2]
    shape = (clips, frames, things)
    time = torch.arange(frames, device=device).view(1, frames, 1)
    expected = torch.where(time == 0, rate_hz * mean_s, rate_hz * frame_s[:, None, None])
    begins = uniform(*shape, low=0.0, high=1.0, generator=generator) < -torch.expm1(-expected)
    lasts = -uniform(*shape, low=1e-6, high=1.0, generator=generator).log() * mean_s
    until = torch.where(begins, time + lasts / frame_s[:, None, None], -1.0).cummax(1).values
    since = torch.where(begins, time, 0).cummax(1).values
    return Bursts(time < until, since)


def steadied(values: Float[Tensor, "b t n"], *, half_frames: int) -> Float[Tensor, "b t n"]:
    """Return the mean over some frames before and after each, fewer at the ends."""
    summed = torch.nn.functional.pad(values.cumsum(1), (0, 0, 1, 0))
    time = torch.arange(values.shape[1], device=values.device)
    first = (time - half_frames).clamp(min=0)
    stop = (time + half_frames + 1).clamp(max=values.shape[1])
    return (summed[:, stop] - summed[:, first]) / (stop - first)[:, None]
