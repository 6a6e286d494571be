"""Soft shadows: what makes feet stand on the floor, and a jump leave it."""

from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Float, Float32, UInt8

from pose3d_cli.render.shot import Shot

MAP_PX = 144
MAP_M = 3.2
"""Side of the square of floor below a person that their shadow is drawn into."""
FAINTEST = 0.01
"""Darkness that is not drawn."""
NEAREST_M = 0.1
"""Shadows that reach closer to the camera than this are not drawn."""
PIECES = 4
"""Pieces of a limb that are drawn one by one, each as dark as its own height makes it."""


@dataclass(frozen=True, slots=True)
class _Kind:
    right: float
    away: float
    """Where the shadow of a point 1 m up falls: to the right, and away from the viewer."""
    darkness: float
    fade_m: float
    """Height at which it has faded to a third."""
    softness_m: float


CAST = _Kind(right=0.34, away=0.26, darkness=0.5, fade_m=1.1, softness_m=0.055)
CONTACT = _Kind(right=0.0, away=0.0, darkness=0.8, fade_m=0.1, softness_m=0.035)
"""Straight below whatever nearly touches the floor."""


def cast_shadow(
    rgb: UInt8[np.ndarray, "h w 3"],
    limbs_m: Float[np.ndarray, "n 2 3"],
    radii_m: Float[np.ndarray, " n"],
    *,
    shot: Shot,
    frame: int,
) -> None:
    """Darken the floor in ``rgb`` below and behind round limbs, given by their two ends."""
    share = np.linspace(0, 1, PIECES + 1)[:, None, None]
    joints = limbs_m[:, 0] * (1 - share) + limbs_m[:, 1] * share
    pieces = np.stack([joints[:-1], joints[1:]], axis=2).reshape(-1, 2, 3)
    centre = limbs_m.mean(axis=(0, 1)) * [1, 0, 1]
    light = np.ones((MAP_PX, MAP_PX), np.float32)
    for kind in (CAST, CONTACT):
        light *= 1 - _shadow_map(pieces - centre, np.tile(radii_m, PIECES), kind, shot)
    _darken(rgb, 1 - light, shot.see(centre, frame=frame), shot)


def _shadow_map(
    pieces_m: Float[np.ndarray, "n 2 3"], radii_m: Float[np.ndarray, " n"], kind: _Kind, shot: Shot
) -> Float32[np.ndarray, "v u"]:
    right, _, ahead = shot.camera_from_world
    ahead = ahead * [1, 0, 1] / np.hypot(ahead[0], ahead[2])
    fallen = pieces_m + pieces_m[..., 1:2] * (kind.right * right + kind.away * ahead)
    ends = np.rint((fallen[..., ::2] / MAP_M + 0.5) * MAP_PX).astype(int)
    height = np.maximum(pieces_m[..., 1].min(axis=1) - radii_m, 0)
    darkness = kind.darkness * np.exp(-height / kind.fade_m)
    thickness = np.maximum(np.rint(2 * radii_m * MAP_PX / MAP_M), 1).astype(int)
    layer = np.zeros((MAP_PX, MAP_PX), np.float32)
    for i in np.argsort(darkness):  # the darkest last: shadows do not add up
        start, end = ends[i].tolist()
        cv2.line(layer, start, end, float(darkness[i]), int(thickness[i]))
    return cv2.GaussianBlur(layer, (0, 0), kind.softness_m * MAP_PX / MAP_M)


def _darken(
    rgb: UInt8[np.ndarray, "h w 3"],
    shadow: Float32[np.ndarray, "v u"],
    centre_m: Float[np.ndarray, "3"],
    shot: Shot,
) -> None:
    """Lay a map of the floor around ``centre_m``, given in camera axes, into the picture."""
    left, top, width, height = cv2.boundingRect((shadow > FAINTEST).astype(np.uint8))
    x, z = shot.camera_from_world[:, 0] * MAP_M, shot.camera_from_world[:, 2] * MAP_M
    corner = centre_m + (left / MAP_PX - 0.5) * x + (top / MAP_PX - 0.5) * z
    map_corners = [(0, 0), (width, 0), (0, height), (width, height)]
    camera_from_map = np.stack([x / MAP_PX, z / MAP_PX, corner], axis=1)
    corners = np.array([(u, v, 1) for u, v in map_corners]) @ camera_from_map.T
    if not width or corners[:, 2].min() < NEAREST_M:
        return
    outline = shot.camera.project(corners)
    size = rgb.shape[1::-1]
    low = np.clip(np.floor(outline.min(axis=0)), 0, size).astype(int)
    high = np.clip(np.ceil(outline.max(axis=0)), 0, size).astype(int)
    if not (low < high).all():
        return
    focal = shot.camera.focal_px
    x_px, y_px = shot.camera.centre_px - low
    picture_from_camera = np.array([[focal, 0, x_px], [0, focal, y_px], [0, 0, 1]])
    weight = cv2.warpPerspective(
        shadow[top : top + height, left : left + width],
        picture_from_camera @ camera_from_map,
        (high - low).tolist(),
    )
    window = rgb[low[1] : high[1], low[0] : high[0]]
    window[:] = cv2.blendLinear(np.zeros_like(window), window, weight, 1 - weight)
