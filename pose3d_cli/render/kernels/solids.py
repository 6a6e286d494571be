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

MIDDLE, OUTSIDE, FACING_X, FACING_Y, DEPTH, HALO, COVER, LIGHT = range(8)
"""Rows of what is known of a cone's surface under the pixels of a row."""
COVERED, OPACITY = 3, 4
"""Rows of a layer, after its three colours."""

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
        shades: uint32 [colours, s, s], a surface's colour by the way it faces; red is lowest.
    """
    height, width = rgb.shape[:2]
    top, bottom = _rows(cones, height)
    depth = np.full(width, EMPTY_M, F)
    layer = np.zeros((5, width), F)  # red, green, blue, cover and opacity, all times cover
    surface = np.empty((8, width), F)
    colours = np.empty(width, np.uint32)
    for x in range(width):
        surface[MIDDLE, x] = F(x) + F(0.5)
    for y in range(top, bottom):
        least, most = width, 0
        for m in range(len(layers) - 1):
            left, right = width, 0
            for i in range(layers[m], layers[m + 1]):
                start, stop = _span(cones[i], F(y) + F(0.5), width)
                if start < stop:
                    _trace(cones[i], y, surface, start, stop)
                    _colour(cones[i], surface, colours, shades, start, stop)
                    if _weigh(cones[i], depth, surface, start, stop):
                        if m > 0:
                            _darken_before(rgb[y], layer, surface, start, stop)
                        _darken(layer, surface, start, stop)
                    _blend(cones[i], layer, surface, colours, start, stop)
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
    """Work out the surface under every pixel; loops without branches are vectorised."""
    x0, r0, z0, m_per_px = cone.x_px, cone.radius_px, cone.depth_m, F(1) / cone.px_per_m
    length, ux, uy = cone.length_px, cone.along_x, cone.along_y
    widening, slope, deepening, lean = cone.widening, cone.slope, cone.deepening, cone.lean
    dy = F(y) + F(0.5) - cone.y_px
    middles = surface[MIDDLE, start:stop]
    outside, depth = surface[OUTSIDE, start:stop], surface[DEPTH, start:stop]
    facing_x, facing_y = surface[FACING_X, start:stop], surface[FACING_Y, start:stop]
    for k in range(len(middles)):
        dx = middles[k] - x0
        along, across = ux * dx + uy * dy, ux * dy - uy * dx
        # The outline is square to its spokes, and these start further up the axis where it widens.
        foot = along + slope * abs(across)
        axis = min(max(foot, F(0)), length)
        radius = r0 + widening * axis
        beyond = along - axis
        outside[k] = np.sqrt(beyond * beyond + across * across) - radius
        # What stands out from a leaning limb belongs to a section further back or forth.
        standing_out = np.sqrt(max(radius * radius - across * across, F(0)))
        axis = min(max(foot - lean * standing_out, F(0)), length)
        radius = r0 + widening * axis
        facing_along, facing_across = (along - axis) / radius, across / radius
        edge = facing_along * facing_along + facing_across * facing_across
        facing_x[k] = facing_along * ux - facing_across * uy
        facing_y[k] = facing_along * uy + facing_across * ux
        depth[k] = z0 + deepening * axis - radius * m_per_px * np.sqrt(max(F(1) - edge, F(0)))


@jit
@no_type_check
def _colour(cone, surface, colours, shades, start, stop):  # pragma: no cover - compiled
    """Look up the colour under every pixel."""
    last, half = F(shades.shape[1] - 1), F(0.5) * F(shades.shape[1] - 1)
    size, shade = np.uint32(shades.shape[1]), shades[cone.shade].reshape(-1)
    colours = colours[start:stop]
    facing_x, facing_y = surface[FACING_X, start:stop], surface[FACING_Y, start:stop]
    for k in range(len(colours)):
        u = np.int32(min(max(facing_x[k] * half + half, F(0)), last) + F(0.5))
        v = np.int32(min(max(facing_y[k] * half + half, F(0)), last) + F(0.5))
        colours[k] = np.uint32(v) * size + np.uint32(u)
    for k in range(len(colours)):
        colours[k] = shade[colours[k]]


@jit
@no_type_check
def _weigh(cone, depth, surface, start, stop):  # pragma: no cover - compiled
    """Work out how much of every pixel is the cone, and what of it is in front; is any halo seen?"""
    lit_to, darkness, per_halo_px = cone.lit_to_m, HALO_DARKNESS * cone.opacity, F(1) / cone.halo_px
    near, far = HALO_BEHIND_M
    depths, surfaces = depth[start:stop], surface[DEPTH, start:stop]
    outsides, halos = surface[OUTSIDE, start:stop], surface[HALO, start:stop]
    covers, lights = surface[COVER, start:stop], surface[LIGHT, start:stop]
    darkest = F(0)
    for k in range(len(depths)):
        ring = min(max(F(1) - outsides[k] * per_halo_px, F(0)), F(1))
        ring *= ring * min(max((depths[k] - surfaces[k] - near) / (far - near), F(0)), F(1))
        halo = darkness * ring if depths[k] < EMPTY_M else F(0)
        darkest = max(darkest, halo)
        halos[k] = halo
    for k in range(len(depths)):
        cover = min(max(F(0.5) - outsides[k], F(0)), F(1))
        covers[k] = cover * min(max((depths[k] - surfaces[k]) / MELT_M + F(0.5), F(0)), F(1))
    for k in range(len(depths)):
        dimming = min(max(DIMMING_PER_M * (surfaces[k] - lit_to), F(0)), F(0.5))
        lights[k] = covers[k] * (F(1) - dimming)
    for k in range(len(depths)):
        depths[k] = min(depths[k], surfaces[k]) if outsides[k] < F(0) else depths[k]
    return darkest > F(0)


@jit
@no_type_check
def _darken(layer, surface, start, stop):  # pragma: no cover - compiled
    """Darken what is behind in the same layer."""
    halos = surface[HALO, start:stop]
    for c in range(3):
        channel = layer[c, start:stop]
        for k in range(len(channel)):
            channel[k] *= F(1) - halos[k]


@jit
@no_type_check
def _darken_before(row, layer, surface, start, stop):  # pragma: no cover - compiled
    """Darken bodies behind that belong to layers before this one."""
    for x in range(start, stop):
        halo = surface[HALO, x] * (F(1) - layer[OPACITY, x])
        if halo > F(0):
            for c in range(3):
                row[x, c] = np.uint8(F(row[x, c]) * (F(1) - halo) + F(0.5))


@jit
@no_type_check
def _blend(cone, layer, surface, colours, start, stop):  # pragma: no cover - compiled
    """Lay the cone over what the layer holds."""
    opacity, colours = cone.opacity, colours[start:stop]
    covers, lights = surface[COVER, start:stop], surface[LIGHT, start:stop]
    for c in range(3):
        shift, channel = np.uint32(8 * c), layer[c, start:stop]
        for k in range(len(channel)):
            colour = F(np.int32((colours[k] >> shift) & np.uint32(255)))
            channel[k] = channel[k] * (F(1) - covers[k]) + lights[k] * colour
    covered, opaque = layer[COVERED, start:stop], layer[OPACITY, start:stop]
    for k in range(len(covered)):
        covered[k] = covered[k] * (F(1) - covers[k]) + covers[k]
    for k in range(len(opaque)):
        opaque[k] = opaque[k] * (F(1) - covers[k]) + covers[k] * opacity


@jit
@no_type_check
def _lay(row, layer, left, right):  # pragma: no cover - compiled
    """Lay a layer over the picture, and leave it empty for the next one."""
    for x in range(left, right):
        cover, opacity = layer[COVERED, x], layer[OPACITY, x]
        if cover > F(0):
            share = opacity / cover
            for c in range(3):
                mixed = F(row[x, c]) * (F(1) - opacity) + layer[c, x] * share
                row[x, c] = np.uint8(min(mixed, F(255)) + F(0.5))
            for c in range(5):
                layer[c, x] = F(0)
