"""Round cones (spheres that grow or shrink on their way): lit, with depth and soft edges.

Every pixel looks up its own surface point, so limbs are smooth at any size, cross each other where
they really do, and melt into one another at the joints.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from jaxtyping import Float32, UInt8

from pose3d_cli.render.palette import Rgb
from pose3d_cli.render.shading import SHADES, lit_sphere

HALO = 0.4
"""How far, in radii, a cone darkens what lies well behind it: crossings stay readable."""
HALO_DARKNESS = 0.45
HALO_DEPTH_M = (0.05, 0.18)
"""Darkening begins at the first of these distances and is whole at the second."""
MELT_M = 0.03
"""Depth over which two surfaces that run into each other change from one to the other."""
DIMMING_PER_M = 0.32
"""How much darker a surface gets as it turns away from the viewer."""
EMPTY_M = 1e6
"""Depth where nothing was painted."""


@dataclass(frozen=True, slots=True)
class Cone:
    """A round cone as a camera sees it."""

    ends_px: tuple[tuple[float, float], tuple[float, float]]
    depths_m: tuple[float, float]
    radii_px: tuple[float, float]
    px_per_m: float
    """Scale at the cone's middle; perspective inside one limb does not show."""
    colour: Rgb
    lit_to_m: float
    """Depth from which it grows darker: limbs behind the trunk look behind it."""


@dataclass(frozen=True, slots=True, eq=False)
class _Surface:
    outside_px: Float32[np.ndarray, "h w"]
    """Distance from the outline, negative inside."""
    facing_x: Float32[np.ndarray, "h w"]
    facing_y: Float32[np.ndarray, "h w"]
    depth_m: Float32[np.ndarray, "h w"]


def paint(rgb: UInt8[np.ndarray, "h w 3"], cones: Sequence[Cone]) -> None:
    """Paint cones into ``rgb``, far ones first, so that soft edges mix with what is behind."""
    cones = [_with_length(cone) for cone in cones]
    windows = [_window(cone, rgb.shape) for cone in cones]
    top = min((rows.start for rows, _ in windows), default=0)
    bottom = max((rows.stop for rows, _ in windows), default=0)
    depth_m = np.full((max(bottom - top, 0), rgb.shape[1]), EMPTY_M, np.float32)
    for i in np.argsort([-sum(cone.depths_m) for cone in cones]):
        rows, columns = windows[i]
        if rows and columns:
            across = slice(columns.start, columns.stop)
            _blend(
                rgb[rows.start : rows.stop, across],
                depth_m[rows.start - top : rows.stop - top, across],
                cones[i],
                _surface(cones[i], rows, columns),
            )


def _window(cone: Cone, shape: tuple[int, ...]) -> tuple[range, range]:
    """Return the rows and columns of a picture that the cone and its halo reach."""
    ends = np.array(cone.ends_px)
    reach = np.array(cone.radii_px)[:, None] + _halo_px(cone)
    left, top = np.floor((ends - reach).min(axis=0)).astype(int).tolist()
    right, bottom = np.ceil((ends + reach).max(axis=0)).astype(int).tolist()
    rows = range(min(max(top, 0), shape[0]), max(min(bottom, shape[0]), 0))
    columns = range(min(max(left, 0), shape[1]), max(min(right, shape[1]), 0))
    return rows, columns


def _with_length(cone: Cone) -> Cone:
    """Return a cone neither of whose ends hides the other: then its outline has two tangents."""
    if math.dist(*cone.ends_px) > 1.01 * abs(cone.radii_px[1] - cone.radii_px[0]) + 0.01:
        return cone
    wider = int(cone.radii_px[1] > cone.radii_px[0])
    (x, y), depth_m, radius_px = (
        cone.ends_px[wider],
        cone.depths_m[wider],
        cone.radii_px[wider],
    )
    return replace(
        cone,
        ends_px=((x - 0.05, y), (x + 0.05, y)),
        depths_m=(depth_m, depth_m),
        radii_px=(radius_px, radius_px),
    )


def _halo_px(cone: Cone) -> float:
    return 1 + HALO * max(cone.radii_px)


def _surface(cone: Cone, rows: range, columns: range) -> _Surface:
    (x0, y0), (x1, y1) = cone.ends_px
    r0, z0 = cone.radii_px[0], cone.depths_m[0]
    length = math.dist(*cone.ends_px)
    ux, uy = (x1 - x0) / length, (y1 - y0) / length
    widening = (cone.radii_px[1] - r0) / length
    deepening = (cone.depths_m[1] - z0) / length
    slope = widening / math.sqrt(1 - widening**2)
    lean = deepening * cone.px_per_m / math.hypot(1, deepening * cone.px_per_m)

    x = np.arange(columns.start, columns.stop, dtype=np.float32) + (0.5 - x0)
    y = np.arange(rows.start, rows.stop, dtype=np.float32)[:, None] + (0.5 - y0)
    along, across = ux * x + uy * y, ux * y - uy * x
    # The outline is square to its spokes, and these start further up the axis where it widens.
    foot = along + slope * np.abs(across)
    axis = np.clip(foot, 0, length)
    radius = r0 + widening * axis
    outside = np.sqrt((along - axis) ** 2 + across**2) - radius
    # What stands out from a leaning limb belongs to a section further back or forth.
    standing_out = np.sqrt(np.maximum(radius**2 - across**2, 0))
    axis = np.clip(foot - lean * standing_out, 0, length)
    radius = r0 + widening * axis
    facing_along, facing_across = (along - axis) / radius, across / radius
    towards = np.sqrt(np.maximum(1 - facing_along**2 - facing_across**2, 0))
    return _Surface(
        outside,
        facing_along * ux - facing_across * uy,
        facing_along * uy + facing_across * ux,
        z0 + deepening * axis - radius / cone.px_per_m * towards,
    )


def _blend(
    rgb: UInt8[np.ndarray, "h w 3"],
    depth_m: Float32[np.ndarray, "h w"],
    cone: Cone,
    surface: _Surface,
) -> None:
    half = np.float32((SHADES - 1) / 2)
    colours = cv2.remap(
        lit_sphere(cone.colour),
        surface.facing_x * half + half,
        surface.facing_y * half + half,
        cv2.INTER_NEAREST,
        borderMode=cv2.BORDER_REPLICATE,
    )
    before_m = depth_m - surface.depth_m
    halo = np.maximum(1 - surface.outside_px / _halo_px(cone), 0) ** 2
    near, far = HALO_DEPTH_M
    halo *= HALO_DARKNESS * np.clip((before_m - near) / (far - near), 0, 1)
    halo *= depth_m < EMPTY_M
    cover = np.clip(0.5 - surface.outside_px, 0, 1) * np.clip(before_m / MELT_M + 0.5, 0, 1)
    dimming = np.clip(DIMMING_PER_M * (surface.depth_m - cone.lit_to_m), 0, 0.5)
    black = np.zeros_like(colours)
    _mix(colours, black, dimming)
    _mix(rgb, black, halo)
    _mix(rgb, colours, cover)
    in_front = (surface.outside_px < 0) & (before_m > 0)
    np.copyto(depth_m, surface.depth_m, where=in_front)


def _mix(
    rgb: UInt8[np.ndarray, "h w 3"],
    layer: UInt8[np.ndarray, "h w 3"],
    weight: Float32[np.ndarray, "h w"],
) -> None:
    if weight.any():
        rgb[:] = cv2.blendLinear(layer, rgb, weight, 1 - weight)
