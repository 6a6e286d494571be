"""Light: the colour of a surface, by the way it faces."""

import functools
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, UInt8, UInt32

from pose3d_cli.render.palette import Rgb
from pose3d_cli.render.theme import Theme

SHADES = 256
"""Steps from facing left to facing right, and from facing up to facing down."""

KEY_LIGHT = np.array([-0.46, -0.62, -0.63])
"""Towards the main light, in camera axes: above the viewer's left shoulder."""
RIM_LIGHT = np.array([0.9, -0.35, 0.25])
"""Towards a cool light behind the scene, which lifts outlines off the dark background."""


@functools.lru_cache(maxsize=32)
def lit_sphere(colour: Rgb, theme: Theme) -> UInt8[np.ndarray, "n n 3"]:
    """Return the picture of a lit sphere that fills a square.

    Where a surface faces (x, y) across the line of sight, it has the colour of the sphere there:
    looking colours up (a "matcap") costs the same however rich the light is.
    """
    y, x = np.mgrid[-1 : 1 : SHADES * 1j, -1 : 1 : SHADES * 1j]
    across = np.maximum(np.hypot(x, y), 1)
    normals = np.stack([x / across, y / across, -np.sqrt(1 - np.minimum(x**2 + y**2, 1))], axis=-1)
    lit = _light(normals, np.array(colour) / 255, theme)
    picture: UInt8[np.ndarray, "n n 3"] = (255 * np.clip(lit, 0, 1)).round().astype(np.uint8)
    return picture


def shades_of(palette: Sequence[Rgb], theme: Theme) -> UInt32[np.ndarray, "c n n"]:
    """Return ``lit_sphere`` of several colours, a pixel in one number: red is lowest."""
    spheres = np.stack([lit_sphere(colour, theme) for colour in palette]).astype(np.uint32)
    packed: UInt32[np.ndarray, "c n n"] = spheres @ np.array([1, 1 << 8, 1 << 16], np.uint32)
    return packed


def flat_shade(colour: Rgb) -> UInt32[np.ndarray, "n n"]:
    """Return a shade that is one colour all over, as ``shades_of`` packs it."""
    red, green, blue = colour
    return np.full((SHADES, SHADES), red | green << 8 | blue << 16, np.uint32)


def _light(
    normals: Float[np.ndarray, "h w 3"], colour: Float[np.ndarray, "3"], theme: Theme
) -> Float[np.ndarray, "h w 3"]:
    key, rim = _unit(KEY_LIGHT), _unit(RIM_LIGHT)
    half_way = _unit(key + np.array([0, 0, -1]))
    wrapped = np.clip((normals @ key)[..., None] * 0.6 + 0.4, 0, 1) ** 1.4
    sky = theme.sky + (1 - normals[..., 1:2]) * [0.09, 0.097, 0.11]
    gloss = np.clip((normals @ half_way)[..., None], 0, 1) ** 36
    edge = (1 + normals[..., 2:]) ** 3
    behind = np.clip((normals @ rim)[..., None], 0, 1) * [0.7, 0.85, 1.0]
    matt: Float[np.ndarray, "h w 3"] = colour * (sky + 0.86 * wrapped) * (1 - 0.55 * edge)
    lit: Float[np.ndarray, "h w 3"] = matt + 0.3 * gloss + theme.rim * edge * behind
    return lit


def _unit(vector: Float[np.ndarray, "3"]) -> Float[np.ndarray, "3"]:
    return np.asarray(vector / np.linalg.norm(vector))
