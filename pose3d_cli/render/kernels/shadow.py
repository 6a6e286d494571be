"""Soft shadows of round limbs: into a map of the floor, and from there into the picture."""

from typing import no_type_check

import numpy as np

from pose3d_cli.render.kernels import jit

F = np.float32
FALLEN = np.dtype(
    [
        *((name, F) for name in ("x_px", "y_px", "along_x_px", "along_y_px", "radius_px")),
        *((name, F) for name in ("darkness", "darkening", "softness_px", "softening_px")),
    ]
)
"""A limb's shadow on the map: its start, its way, its radius, and how it changes along its way."""


@jit
@no_type_check  # numba reads the source: no type checker may wrap these
def cast(shadow, limbs):  # pragma: no cover - compiled
    """Draw limbs into a map, float32 [v, u]: where shadows meet, the darker one stays."""
    height, width = shadow.shape
    middles = np.arange(width).astype(F) + F(0.5)
    for i in range(len(limbs)):
        limb = limbs[i]
        x0, y0, way_x, way_y = limb.x_px, limb.y_px, limb.along_x_px, limb.along_y_px
        reach = limb.radius_px + max(limb.softness_px, limb.softness_px + limb.softening_px)
        per_length = F(1) / max(way_x * way_x + way_y * way_y, F(1e-6))
        left = max(int(np.floor(min(x0, x0 + way_x) - reach)), 0)
        right = min(int(np.ceil(max(x0, x0 + way_x) + reach)), width)
        top = max(int(np.floor(min(y0, y0 + way_y) - reach)), 0)
        bottom = min(int(np.ceil(max(y0, y0 + way_y) + reach)), height)
        for y in range(top, bottom):
            dy = F(y) + F(0.5) - y0
            row, middle = shadow[y, left:right], middles[left:right]
            for k in range(len(row)):
                dx = middle[k] - x0
                share = min(max((dx * way_x + dy * way_y) * per_length, F(0)), F(1))
                off_x, off_y = dx - share * way_x, dy - share * way_y
                softness = limb.softness_px + share * limb.softening_px
                inside = limb.radius_px + softness - np.sqrt(off_x * off_x + off_y * off_y)
                ramp = min(max(inside / (F(2) * softness), F(0)), F(1))
                smooth = ramp * ramp * (F(3) - F(2) * ramp)
                row[k] = max(row[k], (limb.darkness + share * limb.darkening) * smooth)


@jit
@no_type_check
def darken(rgb, shadow, map_from_picture):  # pragma: no cover - compiled
    """Darken ``rgb``, uint8 [h, w, 3], by a map of the floor that an upright camera sees.

    ``map_from_picture`` is float32 [3, 3]; upright means that its last row does not look at x.
    """
    m, last_u, last_v = map_from_picture, F(shadow.shape[1] - 2), F(shadow.shape[0] - 2)
    for y in range(rgb.shape[0]):
        middle = F(y) + F(0.5)
        scale = F(1) / (m[2, 1] * middle + m[2, 2])
        u0, v0 = (m[0, 1] * middle + m[0, 2]) * scale, (m[1, 1] * middle + m[1, 2]) * scale
        du, dv = m[0, 0] * scale, m[1, 0] * scale
        for x in range(rgb.shape[1]):
            u = u0 + du * (F(x) + F(0.5)) - F(0.5)
            v = v0 + dv * (F(x) + F(0.5)) - F(0.5)
            if u < F(0) or v < F(0) or u > last_u or v > last_v:
                continue
            i, j = int(v), int(u)
            right, down = u - F(j), v - F(i)
            upper = shadow[i, j] * (F(1) - right) + shadow[i, j + 1] * right
            lower = shadow[i + 1, j] * (F(1) - right) + shadow[i + 1, j + 1] * right
            light = F(1) - (upper * (F(1) - down) + lower * down)
            if light < F(1):
                for c in range(3):
                    rgb[y, x, c] = np.uint8(F(rgb[y, x, c]) * light + F(0.5))
