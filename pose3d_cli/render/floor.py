"""The stage: a dark room whose floor fades into the distance, a metric grid, and shadows."""

from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Float, Float32, UInt8

from pose3d_cli.render.shot import Shot

ROOM_TOP = (15, 18, 24)
ROOM_HORIZON = (29, 34, 45)
FLOOR_LIT = (62, 70, 85)
"""The floor where people are; it fades into the colour of the horizon."""
LINE = (176, 196, 228)
GRID_M = ((1.0, 0.011, 0.5), (0.5, 0.007, 0.2))
"""Spacing, half the width, and strength of the lines."""
FAINTEST_GLOW = 0.02
BAND_PX = 32
"""Rows that are worked on together: few enough to stay in the processor's cache."""
REACH = 0.85
"""How far the lit floor reaches, over the distance of the camera."""


@dataclass(frozen=True, slots=True, eq=False)
class _Lines:
    """What one family of parallel lines needs to be drawn anywhere: all but its phase."""

    axis: int
    spacing_m: float
    place: Float32[np.ndarray, "h w"]
    """Where each pixel is, in spacings."""
    half_width: Float32[np.ndarray, "h w"]
    sharpness: Float32[np.ndarray, "h w"]
    """Pixels per spacing."""
    strength: Float32[np.ndarray, "h w"]


@dataclass(frozen=True, slots=True, eq=False)
class Floor:
    """A backdrop whose grid stays with the world when the camera glides."""

    room: UInt8[np.ndarray, "h w 3"]
    lit_from_px: int
    """First row in which lines can be seen."""
    lines: tuple[_Lines, ...]
    """What must be drawn anew in every frame: nothing when the camera stands."""

    @classmethod
    def seen_in(cls, shot: Shot) -> "Floor":
        """Work out once what does not change from frame to frame."""
        width, height = shot.camera.width_px, shot.camera.height_px
        x, y = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
        rays = shot.camera.rays(np.stack([x, y], axis=-1)) @ shot.camera_from_world
        horizon = int(np.searchsorted(-rays[:, 0, 1], 1e-3))
        ground = shot.eye_m - rays * (shot.eye_m[1] / np.minimum(rays[..., 1:2], -1e-3))
        distance = float(np.linalg.norm(shot.eye_m - shot.centre_m))
        away = np.linalg.norm(ground - shot.centre_m, axis=-1) / (REACH * distance)
        glow = np.exp(-(away**2))
        glow[:horizon] = 0
        lit = int(np.argmax(glow.max(axis=1) > FAINTEST_GLOW))
        lines = tuple(
            _lines(ground[lit:], glow[lit:], axis, *grid) for grid in GRID_M for axis in (0, 2)
        )
        floor = cls(_room(glow[..., None], horizon), lit, lines)
        if shot.path_m.any():
            return floor
        room = np.empty_like(floor.room)
        floor.draw(room, shift_m=np.zeros(3))
        return cls(room, lit, ())

    def draw(self, rgb: UInt8[np.ndarray, "h w 3"], *, shift_m: Float[np.ndarray, "3"]) -> None:
        """Fill ``rgb`` with the empty stage, seen by a camera that has gone ``shift_m``."""
        rgb[:] = self.room
        if not self.lines:
            return
        colour = np.empty((BAND_PX, rgb.shape[1], 3), np.uint8)
        colour[:] = LINE
        for top in range(self.lit_from_px, len(rgb), BAND_PX):
            band = rgb[top : top + BAND_PX]
            rows = slice(top - self.lit_from_px, top - self.lit_from_px + BAND_PX)
            cover = self._cover(rows, shift_m)
            band[:] = cv2.blendLinear(colour[: len(band)], band, cover, 1 - cover)

    def _cover(self, rows: slice, shift_m: Float[np.ndarray, "3"]) -> Float32[np.ndarray, "h w"]:
        """Return how much of each pixel of the lit floor is line."""
        covers: list[Float32[np.ndarray, "h w"]] = []
        for lines in self.lines:
            place = lines.place[rows] + np.float32(shift_m[lines.axis] / lines.spacing_m % 1)
            off = np.abs(place - np.rint(place))
            cover = np.clip((lines.half_width[rows] - off) * lines.sharpness[rows] + 0.5, 0, 1)
            covers.append(cover * lines.strength[rows])
        strongest: Float32[np.ndarray, "h w"] = np.max(covers, axis=0)
        return strongest


def _room(glow: Float[np.ndarray, "h w 1"], horizon: int) -> UInt8[np.ndarray, "h w 3"]:
    height, width = glow.shape[:2]
    down = np.clip(np.arange(height) / max(horizon + 0.15 * height, 1), 0, 1)[:, None, None] ** 1.5
    room = ROOM_TOP + (np.array(ROOM_HORIZON) - ROOM_TOP) * down
    room = room + (np.array(FLOOR_LIT) - room) * glow
    x, y = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
    room = room * (1 - 0.16 * np.clip(x**2 + y**2 - 0.3, 0, None))[..., None]
    # Without noise, 8 bits show steps in so dark a gradient.
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, (height, width, 3))
    picture: UInt8[np.ndarray, "h w 3"] = np.clip(room + noise + 0.5, 0, 255).astype(np.uint8)
    return picture


def _lines(
    ground_m: Float[np.ndarray, "h w 3"],
    glow: Float[np.ndarray, "h w"],
    axis: int,
    spacing_m: float,
    half_width_m: float,
    strength: float,
) -> _Lines:
    """Return lines that are never thinner than a pixel, but fade instead: no flicker far away."""
    place = ground_m[..., axis] / spacing_m
    step = np.hypot(*np.gradient(place))
    wanted = half_width_m / spacing_m
    half_width = np.maximum(wanted, step / 2)
    fade = np.clip(2 - 4 * step, 0, 1)
    return _Lines(
        axis,
        spacing_m,
        place.astype(np.float32),
        half_width.astype(np.float32),
        (1 / step).astype(np.float32),
        (strength * glow * fade * np.sqrt(wanted / half_width)).astype(np.float32),
    )
