"""Soft shadows: what makes feet stand on the floor, and a jump leave it."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32, UInt8

from pose3d_cli.render.kernels import shadow as kernel
from pose3d_cli.render.shot import Shot

MAP_PX = 144
MAP_M = 3.2
"""Side of the square of floor below a person that their shadow is drawn into."""
FAINTEST = 0.01
"""Darkness that is not drawn."""
NEAREST_M = 0.1
"""Shadows that reach closer to the camera than this are not drawn."""


@dataclass(frozen=True, slots=True)
class _Kind:
    right: float
    away: float
    """Where the shadow of a point 1 m up falls: to the right, and away from the viewer."""
    darkness: float
    fade_m: float
    """Height at which it has faded to a third."""
    softness_m: float
    softening: float
    """How much wider the soft edge gets per metre of height."""


CAST = _Kind(0.34, 0.26, darkness=0.62, fade_m=1.2, softness_m=0.07, softening=0.1)
CONTACT = _Kind(0.0, 0.0, darkness=1.0, fade_m=0.1, softness_m=0.1, softening=0.2)
"""Straight below whatever nearly touches the floor."""


def cast_shadow(
    rgb: UInt8[np.ndarray, "h w 3"],
    limbs_m: Float[np.ndarray, "n 2 3"],
    radii_m: Float[np.ndarray, " n"],
    *,
    shot: Shot,
    strength: float = 1.0,
) -> None:
    """Darken the floor in ``rgb`` below and behind round limbs on the stage."""
    centre = limbs_m.mean(axis=(0, 1)) * [1, 0, 1]
    light = np.ones((MAP_PX, MAP_PX), np.float32)
    for kind in (CAST, CONTACT):
        shadow = np.zeros((MAP_PX, MAP_PX), np.float32)
        kernel.cast(shadow, _fallen(limbs_m - centre, radii_m, kind, shot))
        light *= 1 - shadow
    _darken(rgb, np.float32(strength) * (1 - light), shot.see(centre), shot)


def _fallen(
    limbs_m: Float[np.ndarray, "n 2 3"], radii_m: Float[np.ndarray, " n"], kind: _Kind, shot: Shot
) -> np.ndarray:
    """Return what the kernel wants to know of limbs that cast a shadow of one kind."""
    px_per_m = MAP_PX / MAP_M
    right, _, ahead = shot.camera_from_stage
    ahead = ahead * [1, 0, 1] / np.hypot(ahead[0], ahead[2])
    fallen = limbs_m + limbs_m[..., 1:2] * (kind.right * right + kind.away * ahead)
    ends = fallen[..., ::2] * px_per_m + MAP_PX / 2
    height = np.maximum(limbs_m[..., 1] - radii_m[:, None], 0)
    darkness = kind.darkness * np.exp(-height / kind.fade_m)
    softness = (kind.softness_m + kind.softening * height) * px_per_m
    table = np.empty(len(limbs_m), kernel.FALLEN)
    table["x_px"], table["y_px"] = ends[:, 0].T
    table["along_x_px"], table["along_y_px"] = (ends[:, 1] - ends[:, 0]).T
    table["radius_px"] = radii_m * px_per_m
    table["darkness"], table["darkening"] = darkness[:, 0], darkness[:, 1] - darkness[:, 0]
    table["softness_px"], table["softening_px"] = softness[:, 0], softness[:, 1] - softness[:, 0]
    return table


def _darken(
    rgb: UInt8[np.ndarray, "h w 3"],
    shadow: Float32[np.ndarray, "v u"],
    centre_m: Float[np.ndarray, "3"],
    shot: Shot,
) -> None:
    """Lay a map of the floor around ``centre_m``, given in camera axes, into the picture."""
    rows, columns = (np.flatnonzero(shadow.max(axis=axis) > FAINTEST) for axis in (1, 0))
    if not len(rows):
        return
    x, z = shot.camera_from_stage[:, 0] * MAP_M, shot.camera_from_stage[:, 2] * MAP_M
    corner = centre_m - (x + z) / 2
    camera_from_map = np.stack([x / MAP_PX, z / MAP_PX, corner], axis=1)
    corners = np.array(
        [(u, v, 1) for u in (columns[0], columns[-1] + 1) for v in (rows[0], rows[-1] + 1)]
    )
    seen = corners @ camera_from_map.T
    if seen[:, 2].min() < NEAREST_M:
        return
    outline, size = shot.camera.project(seen), rgb.shape[1::-1]
    low = np.clip(np.floor(outline.min(axis=0)), 0, size).astype(int)
    high = np.clip(np.ceil(outline.max(axis=0)), 0, size).astype(int)
    focal = shot.camera.focal_px
    x_px, y_px = shot.camera.centre_px - low
    picture_from_camera = np.array([[focal, 0, x_px], [0, focal, y_px], [0, 0, 1]])
    map_from_picture = np.linalg.inv(picture_from_camera @ camera_from_map)
    window = rgb[low[1] : high[1], low[0] : high[0]]
    kernel.darken(window, shadow, (map_from_picture / map_from_picture[2, 2]).astype(np.float32))
