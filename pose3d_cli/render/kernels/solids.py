"""Round cones, row by row: a row's colours and depths stay in the first-level cache."""

from typing import no_type_check

import numpy as np

from pose3d_cli.render.kernels import jit

F = np.float32
EMPTY_M = F(1e6)
"""Depth where nothing was painted."""
HALO_DARKNESS = F(0.45)
"""How much a cone darkens what lies well behind it: crossings stay readable."""
HALO_BEHIND_M = (F(0.05), F(0.18))
"""Darkening begins at the first of these distances and is whole at the second."""
MELT_M = F(0.03)
"""Depth over which two surfaces that run into each other change from one to the other."""
DIMMING_PER_M = F(0.32)
"""How much darker a surface gets as it turns away from the viewer."""

CONE = np.dtype(
    [
        *((name, F) for name in ("x_px", "y_px", "depth_m", "radius_px")),
        *((name, F) for name in ("length_px", "along_x", "along_y")),
        *((name, F) for name in ("widening", "slope", "deepening", "lean")),
        *((name, F) for name in ("px_per_m", "lit_to_m", "opacity", "halo_px")),
        ("shade", np.int32),
    ]
)
"""A cone's start, its way, how it changes along it, and how it looks."""


@jit
@no_type_check  # numba reads the source: no type checker may wrap these
def paint(rgb, cones, layers, shades):  # pragma: no cover - compiled
    """Paint layers of cones into ``rgb``, each over the one before.

    Args:
        rgb: uint8 [h, w, 3], changed in place.
        cones: CONE [n], within a layer those in front last.
        layers: int64 [m + 1], where each layer starts in ``cones``, and the end.
        shades: uint8 [colours, s, s, 3], the colour of a surface by the way it faces.
    """
    height, width = rgb.shape[:2]
    top, bottom = _rows(cones, height)
    depth = np.full(width, EMPTY_M, F)
    surface = np.empty((5, width), F)  # distance from the outline, facing x and y, depth, middle
    for x in range(width):
        surface[4, x] = F(x) + F(0.5)
    layer = np.zeros((width, 5), F)  # red, green, blue, cover, opacity, all times cover
    for y in range(top, bottom):
        least, most = width, 0
        for m in range(len(layers) - 1):
            left, right = width, 0
            for i in range(layers[m], layers[m + 1]):
                start, stop = _span(cones[i], F(y) + F(0.5), width)
                if start < stop:
                    _trace(cones[i], y, surface, start, stop)
                    shade = shades[cones[i].shade]
                    _blend(rgb[y], depth, layer, cones[i], shade, surface, start, stop)
                    left, right = min(left, start), max(right, stop)
            _lay(rgb[y], layer, left, right)
            least, most = min(least, left), max(most, right)
        for x in range(least, most):
            depth[x] = EMPTY_M


@jit
@no_type_check
def _reach_px(cone):  # pragma: no cover - compiled
    """Return how far from its axis a cone and its halo may be seen."""
    return cone.radius_px + max(cone.widening * cone.length_px, F(0)) + cone.halo_px


@jit
@no_type_check
def _rows(cones, height):  # pragma: no cover - compiled
    """Return the first row that any cone reaches, and the one after the last."""
    low, high = F(height), F(0)
    for i in range(len(cones)):
        start, reach = cones[i].y_px, _reach_px(cones[i])
        end = start + cones[i].length_px * cones[i].along_y
        low = min(low, min(start, end) - reach)
        high = max(high, max(start, end) + reach)
    return max(int(np.floor(low)), 0), min(int(np.ceil(high)), height)


@jit
@no_type_check
def _span(cone, y, width):  # pragma: no cover - compiled
    """Return the columns of a row that a cone and its halo may reach."""
    length, ux, uy, reach = cone.length_px, cone.along_x, cone.along_y, _reach_px(cone)
    start, end = y - cone.y_px, y - cone.y_px - length * uy
    if min(start, end) > reach or max(start, end) < -reach:
        return 0, 0
    low, high = F(width), F(-1)
    for off, x in ((start, cone.x_px), (end, cone.x_px + length * ux)):
        if abs(off) <= reach:
            half = np.sqrt(reach * reach - off * off)
            low, high = min(low, x - half), max(high, x + half)
    if abs(uy) > F(1e-6):
        for side in (-reach, reach):
            along = (start - side * ux) / uy
            if F(0) <= along <= length:
                x = cone.x_px + along * ux - side * uy
                low, high = min(low, x), max(high, x)
    return max(int(np.floor(low)), 0), min(int(np.ceil(high)), width)


@jit
@no_type_check
def _trace(cone, y, surface, start, stop):  # pragma: no cover - compiled
    """Work out the surface under every pixel; without branches, so that it is vectorised."""
    x0, r0, z0, m_per_px = cone.x_px, cone.radius_px, cone.depth_m, F(1) / cone.px_per_m
    length, ux, uy = cone.length_px, cone.along_x, cone.along_y
    widening, slope, deepening, lean = cone.widening, cone.slope, cone.deepening, cone.lean
    dy = F(y) + F(0.5) - cone.y_px
    middles = surface[4, start:stop]
    outside, depth = surface[0, start:stop], surface[3, start:stop]
    facing_x, facing_y = surface[1, start:stop], surface[2, start:stop]
    for x in range(len(middles)):
        dx = middles[x] - x0
        along, across = ux * dx + uy * dy, ux * dy - uy * dx
        # The outline is square to its spokes, and these start further up the axis where it widens.
        foot = along + slope * abs(across)
        axis = min(max(foot, F(0)), length)
        radius = r0 + widening * axis
        beyond = along - axis
        outside[x] = np.sqrt(beyond * beyond + across * across) - radius
        # What stands out from a leaning limb belongs to a section further back or forth.
        standing_out = np.sqrt(max(radius * radius - across * across, F(0)))
        axis = min(max(foot - lean * standing_out, F(0)), length)
        radius = r0 + widening * axis
        facing_along, facing_across = (along - axis) / radius, across / radius
        edge = facing_along * facing_along + facing_across * facing_across
        facing_x[x] = facing_along * ux - facing_across * uy
        facing_y[x] = facing_along * uy + facing_across * ux
        depth[x] = z0 + deepening * axis - radius * m_per_px * np.sqrt(max(F(1) - edge, F(0)))


@jit
@no_type_check
def _blend(row, depth, layer, cone, shade, surface, start, stop):  # pragma: no cover - compiled
    row, depths, layer = row[start:stop], depth[start:stop], layer[start:stop]
    outsides, surfaces = surface[0, start:stop], surface[3, start:stop]
    facing_x, facing_y = surface[1, start:stop], surface[2, start:stop]
    lit_to, opacity, halo_px = cone.lit_to_m, cone.opacity, cone.halo_px
    behind, grown = HALO_BEHIND_M
    half = F(0.5) * F(len(shade) - 1)
    for k in range(len(depths)):
        outside = outsides[k]
        empty = depths[k] == EMPTY_M
        if outside >= F(0.5) and (empty or outside >= halo_px):
            continue
        z = surfaces[k]
        before = depths[k] - z
        if before > behind and not empty:
            halo = F(1) - max(outside, F(0)) / halo_px
            halo *= halo * HALO_DARKNESS * min((before - behind) / (grown - behind), F(1)) * opacity
            _darken(row[k], layer[k], F(1) - halo)
        cover = min(F(0.5) - outside, F(1)) * min(before / MELT_M + F(0.5), F(1))
        if outside >= F(0.5) or cover <= F(0):
            continue
        u = min(max(int(facing_x[k] * half + half + F(0.5)), 0), len(shade) - 1)
        v = min(max(int(facing_y[k] * half + half + F(0.5)), 0), len(shade) - 1)
        light = cover * (F(1) - min(max(DIMMING_PER_M * (z - lit_to), F(0)), F(0.5)))
        rest = F(1) - cover
        for c in range(3):
            layer[k, c] = layer[k, c] * rest + light * F(shade[v, u, c])
        layer[k, 3] = layer[k, 3] * rest + cover
        layer[k, 4] = layer[k, 4] * rest + cover * opacity
        if outside < F(0) and before > F(0):
            depths[k] = z


@jit
@no_type_check
def _darken(pixel, layered, light):  # pragma: no cover - compiled
    """Darken the body at a pixel, whether it is in this layer or in one before."""
    behind = light + (F(1) - light) * layered[4]
    for c in range(3):
        pixel[c] = np.uint8(F(pixel[c]) * behind + F(0.5))
        layered[c] *= light


@jit
@no_type_check
def _lay(row, layer, left, right):  # pragma: no cover - compiled
    """Lay a layer over the picture, and leave it empty for the next one."""
    for x in range(left, right):
        cover, opacity = layer[x, 3], layer[x, 4]
        if cover > F(0):
            share = opacity / cover
            for c in range(3):
                mixed = F(row[x, c]) * (F(1) - opacity) + layer[x, c] * share
                row[x, c] = np.uint8(min(mixed, F(255)) + F(0.5))
            for c in range(5):
                layer[x, c] = F(0)
