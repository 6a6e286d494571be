"""The lines of a grid on the floor, row by row: only the pixels that lie on one are looked at."""

from typing import no_type_check

import numpy as np

from pose3d_cli.render.kernels import jit

F = np.float32
ROW = np.dtype([(name, F) for name in ("start_m", "across_m", "down_m", "turning_m")])
"""A row of the floor along one axis of the grid: where its left end is, how far one pixel to the
right leads, how far one down leads at the left end, and how that changes from pixel to pixel."""
FAINTEST = F(0.004)


@jit
@no_type_check  # numba reads the source: no type checker may wrap these
def draw(rgb, first_row, rows, glow, spacing_m, widths_m, strengths, line):  # pragma: no cover
    """Draw the lines of a grid into ``rgb``.

    Args:
        rgb: uint8 [h, w, 3], changed in place.
        first_row: the first row in which there is floor.
        rows: ROW [2, h - first_row], one for each axis.
        glow: float32 [h - first_row, w], how clearly lines are seen.
        spacing_m: between lines.
        widths_m: half the width of every second line, and of those between.
        strengths: opacity of every second line, and of those between.
        line: float32 [3], the colour.
    """
    height, width = glow.shape
    cover = np.zeros(width, F)
    for y in range(height):
        cover[:] = F(0)
        for axis in range(2):
            _cover(cover, rows[axis, y], spacing_m, widths_m, strengths)
        for x in range(width):
            share = cover[x] * glow[y, x]
            if share > FAINTEST:
                for c in range(3):
                    old = F(rgb[first_row + y, x, c])
                    rgb[first_row + y, x, c] = np.uint8(old + share * (line[c] - old) + F(0.5))


@jit
@no_type_check
def _cover(cover, row, spacing_m, widths_m, strengths):  # pragma: no cover - compiled
    """Work out how much of every pixel of a row is line."""
    width = len(cover)
    per_m = F(1) / spacing_m
    start, slope = row.start_m * per_m, row.across_m * per_m
    first = int(np.ceil(min(start, start + slope * F(width)) - F(0.5)))
    last = int(np.floor(max(start, start + slope * F(width)) + F(0.5)))
    left, right = row.down_m, row.down_m + row.turning_m * F(width)
    least = min(abs(left), abs(right)) * per_m if left * right > F(0) else F(0)
    least = np.sqrt(least * least + slope * slope)
    for n in range(first, last + 1):
        spacings = F(1 + (n + 1) % 2)
        if least >= F(0.5) * spacings:
            continue  # so far away that these lines cannot be told apart
        wanted = widths_m[n % 2] * per_m
        middle = (F(n) - start) / slope if abs(slope) > F(1e-9) else F(0)
        for way in range(-1, 2, 2):
            x = int(np.floor(min(max(middle, F(0)), F(width - 1)))) + (1 if way > 0 else 0)
            while 0 <= x < width:
                place = start + slope * (F(x) + F(0.5))
                step = abs(row.down_m + row.turning_m * (F(x) + F(0.5))) * per_m
                step = np.sqrt(step * step + slope * slope)
                # Never thinner than a pixel, but fainter instead: no flicker far away.
                half = max(wanted, step * F(0.5))
                share = min((half - abs(place - F(n))) / step + F(0.5), F(1))
                if share <= F(0):
                    break
                fade = min(max(F(2) - F(4) * step / spacings, F(0)), F(1))
                share *= strengths[n % 2] * fade * np.sqrt(wanted / half)
                cover[x] = max(cover[x], share)
                x += way
