"""The stage: a room whose floor fades into the distance, with a metric grid."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32, UInt8

from pose3d_cli.render.kernels import grid
from pose3d_cli.render.shot import Shot
from pose3d_cli.render.theme import Theme

SPACING_M = 0.5
HALF_WIDTHS_M = (0.011, 0.007)
"""Of the lines at whole metres, and of those between."""
STRENGTHS = (0.5, 0.2)
REACH = 0.85
"""How far the lit floor reaches, over the distance of the camera."""
FAINTEST_GLOW = 0.02
LOWEST_RAY = 1e-3
"""How far a ray must go down per metre ahead to meet the floor in sight."""


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """Where every row of the picture meets the floor: on a straight line, as the camera is upright."""

    start_m: Float[np.ndarray, "h 2"]
    """x and z at the left end, from the camera's foot, in the axes of the stage."""
    across_m: Float[np.ndarray, "h 2"]
    """How far one pixel to the right leads."""
    down_m: Float[np.ndarray, "h 2"]
    """How far one pixel down leads, at the left end."""
    turning_m: Float[np.ndarray, "h 2"]
    """How that changes from pixel to pixel."""


@dataclass(frozen=True, slots=True, eq=False)
class Floor:
    """A backdrop whose grid stays with the world when the camera moves."""

    shot: Shot
    room: UInt8[np.ndarray, "h w 3"]
    theme: Theme
    lit_from_px: int
    """First row in which lines can be seen."""
    rows: _Rows
    glow: Float32[np.ndarray, "floor w"]
    """How clearly lines are seen."""

    @classmethod
    def seen_in(cls, shot: Shot, theme: Theme) -> "Floor":
        """Work out once what does not change from frame to frame."""
        width, height = shot.camera.width_px, shot.camera.height_px
        down = shot.camera.rays(np.stack([np.zeros(height), np.arange(height) + 0.5], axis=-1))
        horizon = int(np.searchsorted(-(down @ shot.camera_from_stage)[:, 1], LOWEST_RAY))
        glow = np.zeros((height, width), np.float32)
        glow[horizon:] = _glow(_rows(shot, horizon), shot, width)
        room = _room(glow[..., None], horizon, theme)
        lit = int(np.argmax(glow.max(axis=1) > FAINTEST_GLOW))
        floor = cls(shot, room, theme, lit, _rows(shot, lit), glow[lit:])
        if not shot.moves:
            floor.draw_lines(room, frame=0)
        return floor

    def draw(self, rgb: UInt8[np.ndarray, "h w 3"], *, frame: int) -> None:
        """Fill ``rgb`` with the empty stage in one frame of the clip."""
        rgb[:] = self.room
        if self.shot.moves:
            self.draw_lines(rgb, frame=frame)

    def draw_lines(self, rgb: UInt8[np.ndarray, "h w 3"], *, frame: int) -> None:
        """Draw the grid into ``rgb``, as it lies in one frame of the clip."""
        world_from_stage, pivot_m = self.shot.turn(frame), self.shot.pivot(frame)
        x, z = world_from_stage[[0, 2]][:, [0, 2]]
        foot_m = self.shot.eye_m @ world_from_stage.T + pivot_m % (2 * SPACING_M)
        table = np.empty((2, len(self.rows.start_m)), grid.ROW)
        for axis, (row, foot) in enumerate(zip((x, z), foot_m[[0, 2]], strict=True)):
            table[axis]["start_m"] = self.rows.start_m @ row + foot
            table[axis]["across_m"] = self.rows.across_m @ row
            table[axis]["down_m"] = self.rows.down_m @ row
            table[axis]["turning_m"] = self.rows.turning_m @ row
        grid.draw(
            rgb,
            self.lit_from_px,
            table,
            self.glow,
            np.float32(SPACING_M),
            np.array(HALF_WIDTHS_M, np.float32),
            np.array(STRENGTHS, np.float32) * np.float32(self.theme.line_strength),
            np.array(self.theme.line, np.float32),
        )


def _rows(shot: Shot, first_px: int) -> _Rows:
    """Return where rows meet the floor: at eye + t·ray, with one t for a whole row.

    That t = height / fall, so dt/drow = t² · (fall per row) / height.
    """
    camera, (right, down, ahead) = shot.camera, shot.camera_from_stage
    height_m = shot.eye_m[1]
    y = (np.arange(first_px, camera.height_px) + 0.5 - camera.height_px / 2) / camera.focal_px
    far = height_m / -(down[1] * y + ahead[1])
    start = far[:, None] * (ahead - right * camera.width_px / 2 / camera.focal_px)
    start += (far * y)[:, None] * down
    across = far[:, None] * right / camera.focal_px
    growth = (far / height_m * -down[1] * -1 / camera.focal_px)[:, None]
    downwards = far[:, None] * down / camera.focal_px + growth * start
    flat = [0, 2]
    return _Rows(start[:, flat], across[:, flat], downwards[:, flat], (growth * across)[:, flat])


def _glow(rows: _Rows, shot: Shot, width: int) -> Float[np.ndarray, "floor w"]:
    """Return how brightly each pixel of the floor is lit: most where people are."""
    middles = np.arange(width)[:, None] + 0.5
    ground = rows.start_m[:, None] + rows.across_m[:, None] * middles
    away = ground + (shot.eye_m - shot.centre_m)[[0, 2]]
    distance = REACH * float(np.linalg.norm(shot.eye_m - shot.centre_m))
    lit: Float[np.ndarray, "floor w"] = np.exp(-(away**2).sum(axis=-1) / distance**2)
    return lit


def _room(
    glow: Float[np.ndarray, "h w 1"], horizon: int, theme: Theme
) -> UInt8[np.ndarray, "h w 3"]:
    height, width = glow.shape[:2]
    down = np.clip(np.arange(height) / max(horizon + 0.15 * height, 1), 0, 1)[:, None, None] ** 1.5
    room = theme.top + (np.array(theme.horizon) - theme.top) * down
    room = room + (np.array(theme.floor) - room) * glow
    x, y = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
    room = room * (1 - theme.vignette * np.clip(x**2 + y**2 - 0.3, 0, None))[..., None]
    # Without noise, 8 bits show steps in so even a gradient.
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, (height, width, 3))
    picture: UInt8[np.ndarray, "h w 3"] = np.clip(room + noise + 0.5, 0, 255).astype(np.uint8)
    return picture
