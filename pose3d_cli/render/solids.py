"""Round cones (spheres that grow or shrink on their way): lit, with depth and soft edges.

Every pixel looks up its own surface point, so limbs are smooth at any size, cross each other where
they really do, and melt into one another at the joints.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int, Shaped, UInt8, UInt32

from pose3d_cli.render.kernels import solids as kernel

HALO = 0.4
"""How far, in radii, a cone darkens what lies well behind it: crossings stay readable."""
SHORTEST_PX = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Cones:
    """Round cones of one body as a camera sees them."""

    ends_px: Float[np.ndarray, "n 2 2"]
    depths_m: Float[np.ndarray, "n 2"]
    radii_px: Float[np.ndarray, "n 2"]
    px_per_m: Float[np.ndarray, " n"]
    """Scale at a cone's middle; perspective inside one limb does not show."""
    colours: Int[np.ndarray, " n"]
    """Which of the shades."""
    opacity: Float[np.ndarray, " n"]
    lit_to_m: float
    """Depth from which they grow darker: limbs behind the trunk look behind it."""


def paint(
    rgb: UInt8[np.ndarray, "h w 3"],
    bodies: Sequence[Cones],
    shades: UInt32[np.ndarray, "c s s"],
) -> None:
    """Paint bodies into ``rgb``, each in front of those before except where it is behind them.

    What lies behind a faint limb is the picture, not the rest of its body: a faint body is an even
    ghost.
    """
    tables = [_table(cones)[np.argsort(-cones.depths_m.sum(axis=1))] for cones in bodies]
    if tables:
        starts = np.cumsum([0, *(len(table) for table in tables)])
        kernel.paint(rgb, np.concatenate(tables), starts, shades)


def _table(cones: Cones) -> Shaped[np.ndarray, " n"]:
    """Return what the kernel wants to know."""
    start, start_m, radius, length, way, widening, deepening = _courses(cones)
    table = np.empty(len(radius), kernel.CONE)
    table["x_px"], table["y_px"] = start.T
    table["depth_m"], table["radius_px"], table["length_px"] = start_m, radius, length
    table["along_x"], table["along_y"] = way.T
    table["widening"], table["slope"] = widening, widening / np.sqrt(1 - widening**2)
    table["deepening"] = deepening
    table["lean"] = deepening * cones.px_per_m / np.hypot(1, deepening * cones.px_per_m)
    table["px_per_m"], table["lit_to_m"] = cones.px_per_m, cones.lit_to_m
    table["opacity"], table["shade"] = cones.opacity, cones.colours
    table["halo_px"] = 1 + HALO * np.maximum(radius, radius + widening * length)
    return table


def _courses(cones: Cones) -> tuple[np.ndarray, ...]:
    """Return where cones start and how they go on, none of them with an end that hides the other.

    Only then has an outline two tangents; a cone that points at the viewer looks like its wider end.
    """
    way = cones.ends_px[:, 1] - cones.ends_px[:, 0]
    length = np.hypot(*way.T)
    growth = np.diff(cones.radii_px)[:, 0]
    hidden = length < 1.01 * np.abs(growth) + 0.01
    wider = hidden & (growth > 0)
    start = np.where(wider[:, None], cones.ends_px[:, 1], cones.ends_px[:, 0])
    start_m, radius = (
        np.where(wider, values[:, 1], values[:, 0]) for values in (cones.depths_m, cones.radii_px)
    )
    start = np.where(hidden[:, None], start - [SHORTEST_PX / 2, 0], start)
    way = np.where(hidden[:, None], [SHORTEST_PX, 0], way)
    length = np.where(hidden, SHORTEST_PX, length)
    return (
        start,
        start_m,
        radius,
        length,
        way / length[:, None],
        _where_seen(growth / length, hidden),
        _where_seen(np.diff(cones.depths_m)[:, 0] / length, hidden),
    )


def _where_seen(
    values: Float[np.ndarray, " n"], hidden: Bool[np.ndarray, " n"]
) -> Float[np.ndarray, " n"]:
    return np.where(hidden, 0.0, values)
