"""Cut long sequences into overlapping windows, and fade the results into each other."""

from collections.abc import Iterable
from math import ceil, floor

import numpy as np
from jaxtyping import Float

SHARED = 0.25
"""Of a window, at least, with the next one: as true as half, and as smooth, for two thirds of the work."""


def cut(frames: int, *, window: int) -> list[slice]:
    """Return windows that cover all frames, each sharing at least a quarter with the next.

    A sequence that fits into one window is one window of its own length.

    Raises:
        ValueError: there are no frames.
    """
    if frames < 1:
        raise ValueError(f"expected at least 1 frame, got {frames}")
    if frames <= window:
        return [slice(0, frames)]
    count = 1 + ceil((frames - window) / floor((1 - SHARED) * window))
    starts = np.linspace(0, frames - window, count).round().astype(int)
    return [slice(int(start), int(start) + window) for start in starts]


def cross_fade(
    parts: Iterable[Float[np.ndarray, "t j d"]], windows: list[slice], *, frames: int
) -> Float[np.ndarray, "f j d"]:
    """Return the weighted mean of all windows at each frame; weights fall off towards the ends.

    So nothing jumps where a window begins or stops. Parts are taken one by one, none is held.

    Raises:
        ValueError: there are no windows, or not as many as parts.
    """
    total: Float[np.ndarray, "f j d"] | None = None
    weight = np.zeros((frames, 1, 1))
    for part, window in zip(parts, windows, strict=True):
        length = len(part)
        ramp = np.minimum(np.arange(1, length + 1), np.arange(length, 0, -1))[:, None, None]
        if total is None:
            total = np.zeros((frames, *part.shape[1:]), part.dtype)
        total[window] += ramp.astype(part.dtype) * part
        weight[window] += ramp
    if total is None:
        raise ValueError("there are no windows to put together")
    return np.asarray(total / weight.astype(total.dtype))
