"""Stretches of time, and how to say them."""

import numpy as np
from jaxtyping import Bool, Float
from scipy.ndimage import label

Span = tuple[float, float]
"""From, to; seconds of the clip."""


def spans_of(
    mask: Bool[np.ndarray, " f"], times_s: Float[np.ndarray, " f"], *, shortest_s: float = 0.0
) -> tuple[Span, ...]:
    """Return the stretches in which the mask holds, each to the frame after its last."""
    runs, count = label(mask)
    frame_s = float(np.median(np.diff(times_s))) if len(times_s) > 1 else 0.0
    spans = []
    for run in range(1, count + 1):
        inside = times_s[runs == run]
        span = float(inside[0]), float(inside[-1]) + frame_s
        if span[1] - span[0] >= shortest_s:
            spans.append(span)
    return tuple(spans)


def clock(time_s: float) -> str:
    """Return minutes and seconds, as `--person at=` takes them: ``"1:02.5"``."""
    minutes, seconds = divmod(round(time_s, 1), 60)
    return f"{int(minutes)}:{seconds:04.1f}"


def said(spans: tuple[Span, ...], *, most: int = 3) -> str:
    """Return the first few in words: ``"0:03.2–0:04.0, 0:07.1–0:07.5 and 4 more"``."""
    # A single frame begins and ends in the same tenth of a second.
    shown = ", ".join("–".join(dict.fromkeys(map(clock, span))) for span in spans[:most])
    more = len(spans) - most
    return f"{shown} and {more} more" if more > 0 else shown
