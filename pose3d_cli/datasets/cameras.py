"""Cameras as people hold them, that look at recorded motion.

Phones and long lenses, level and leaning, from the floor and from above, still or in somebody's
hand; they stand, travel along, or turn after the person.
"""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from pose3d_cli.datasets.bodies import turned
from pose3d_cli.datasets.curves import drift, steadied
from pose3d_cli.datasets.draws import Ranges, among, happens, uniform

NEAREST_M = 0.6
"""No part of a body comes nearer to the camera, before its hand shakes."""
_PERSON_M = 1.7
_RIGHT, _DOWN = 0, 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Cameras:
    """How cameras vary. ``Ranges`` are (share, from, to)."""

    pitch_deg: Ranges = (
        (0.40, -5.0, 15.0),
        (0.30, -12.0, 30.0),
        (0.22, -30.0, 60.0),
        (0.08, 40.0, 88.0),
    )
    """Positive looks down."""
    roll_deg: Ranges = ((0.45, -5.0, 5.0), (0.30, -15.0, 15.0), (0.25, -35.0, 35.0))
    """Of a standard deviation of 11°."""
    focal: Ranges = ((0.15, 0.42, 0.65), (0.50, 0.65, 1.1), (0.35, 1.1, 3.5))
    """Over the picture's longer side: ultra-wide, phones, long lenses."""
    aspect: Ranges = (
        (0.55, 16.0 / 9.0, 16.0 / 9.0),
        (0.30, 9.0 / 16.0, 9.0 / 16.0),
        (0.15, 3.0 / 4.0, 4.0 / 3.0),
    )
    """Width over height."""
    fill: Ranges = ((0.70, 0.30, 0.95), (0.18, 0.12, 0.30), (0.12, 0.95, 1.4))
    """Somebody of 1.7 m over the picture's height, if they are to be seen as a whole."""
    close_ups: float = 0.10
    """Share of clips of head and shoulders, or down to the hips."""
    off_centre: float = 0.55
    """How far from the middle of the picture people stand, at most; 1 is at its edge."""
    handheld: float = 0.5
    """Share of cameras in somebody's hand; the others stand on something."""
    shake_deg: Ranges = ((0.7, 0.1, 0.6), (0.3, 0.6, 2.0))
    """Standard deviation of a hand's unsteadiness."""
    following: float = 0.35
    """Share of cameras that turn after the person, more or less."""
    travelling: float = 0.25
    """Share of cameras that go along with the person, more or less."""


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """Points as a camera has them before it."""

    points_m: Float[Tensor, "b t v 3"]
    """In the axes of the camera of each frame: x right, y down, z forward."""
    camera_from_world: Float[Tensor, "b t 3 3"]
    focal: Float[Tensor, " b"]
    """Over the picture's longer side."""
    edge: Float[Tensor, "b 1 1 2"]
    """The rays x and y at which the picture ends, to the right and at the bottom."""


def film(
    points_m: Float[Tensor, "b t v 3"],
    *,
    cameras: Cameras,
    frame_s: Float[Tensor, " b"],
    generator: torch.Generator,
) -> Shot:
    """Film clips, each with a camera of its own.

    Args:
        points_m: of the world, z up; first the joints of Human3.6M.
        cameras: how they vary.
        frame_s: time between frames.
        generator: where chance comes from.
    """
    batch = len(points_m)
    focal = among(cameras.focal, batch, generator=generator)
    aspect = among(cameras.aspect, batch, generator=generator)
    longer = aspect.clamp(min=1.0)  # of a picture of height 1
    edge = torch.stack([aspect, torch.ones_like(aspect)], dim=1) / (2 * focal * longer)[:, None]
    axes = _axes(cameras, batch, generator)
    close = happens(batch, chance=cameras.close_ups, generator=generator)
    aim = _aim(points_m, close=close, generator=generator)
    points = turned(points_m - aim.mean(1)[:, None, None], axes[:, None])
    aim = turned((aim - aim.mean(1, keepdim=True))[:, :, None], axes[:, None])
    away = _travel(aim, cameras=cameras, frame_s=frame_s, generator=generator)
    points, aim = points - away, aim - away
    fill = among(cameras.fill, batch, generator=generator)
    fill = torch.where(close, among(((1.0, 1.2, 3.2),), batch, generator=generator), fill)
    depth = torch.maximum(
        _PERSON_M * focal * longer / fill, NEAREST_M - points[..., 2].amin((1, 2))
    )
    aside = cameras.off_centre * uniform(batch, 2, low=-1.0, high=1.0, generator=generator)
    aside = aside * edge * depth[:, None]
    shift = torch.cat([aside, depth[:, None]], dim=1)[:, None, None]
    points, aim = points + shift, aim + shift
    turn = _turn(aim, edge=edge, cameras=cameras, frame_s=frame_s, generator=generator)
    return Shot(
        points_m=turned(points, turn),
        camera_from_world=_after(turn, axes[:, None].expand_as(turn)),
        focal=focal,
        edge=edge[:, None, None],
    )


def _axes(cameras: Cameras, batch: int, generator: torch.Generator) -> Float[Tensor, "b 3 3"]:
    return camera_axes(
        uniform(batch, low=0.0, high=2 * math.pi, generator=generator),
        among(cameras.pitch_deg, batch, generator=generator).deg2rad(),
        among(cameras.roll_deg, batch, generator=generator).deg2rad(),
    )


def camera_axes(
    yaw: Float[Tensor, " b"], pitch: Float[Tensor, " b"], roll: Float[Tensor, " b"]
) -> Float[Tensor, "b 3 3"]:
    """Rows: the camera's right, down and forward in a world with z up; pitch > 0 looks down."""
    forward = torch.stack([pitch.cos() * yaw.cos(), pitch.cos() * yaw.sin(), -pitch.sin()], dim=-1)
    right = torch.stack([yaw.sin(), -yaw.cos(), torch.zeros_like(yaw)], dim=-1)
    down = torch.linalg.cross(forward, right)
    c, s = roll.cos()[:, None], roll.sin()[:, None]
    return torch.stack([c * right + s * down, c * down - s * right, forward], dim=1)


def _aim(
    points_m: Float[Tensor, "b t v 3"], *, close: Tensor, generator: torch.Generator
) -> Float[Tensor, "b t 3"]:
    """Return what is to be in the picture: the pelvis, or in close-ups something further up."""
    pelvis, head = points_m[:, :, 0], points_m[:, :, 10]
    up = close * uniform(len(points_m), low=0.35, high=1.0, generator=generator)
    return torch.lerp(pelvis, head, up[:, None, None])


def _travel(
    aim: Float[Tensor, "b t 1 3"],
    *,
    cameras: Cameras,
    frame_s: Float[Tensor, " b"],
    generator: torch.Generator,
) -> Float[Tensor, "b t 1 3"]:
    """Return where the camera goes."""
    batch, frames = aim.shape[:2]
    goes = happens(batch, chance=cameras.travelling, generator=generator)
    share = goes * uniform(batch, low=0.4, high=1.0, generator=generator)
    hand = happens(batch, chance=cameras.handheld, generator=generator)
    bob_m = (
        0.015
        * hand.view(batch, 1, 1, 1)
        * drift(1, 3, frames=frames, knots=frame_s / 0.35, generator=generator)
    )
    return share[:, None, None, None] * steadied(aim.flatten(2), half_frames=12)[:, :, None] + bob_m


def _turn(
    aim: Float[Tensor, "b t 1 3"],
    *,
    edge: Float[Tensor, "b 2"],
    cameras: Cameras,
    frame_s: Float[Tensor, " b"],
    generator: torch.Generator,
) -> Float[Tensor, "b t 3 3"]:
    """Return rotations of the camera about itself: after the person, and as hands shake."""
    batch, frames = aim.shape[:2]
    ray = aim[:, :, 0, :2] / aim[..., 2].clamp(min=NEAREST_M / 2)  # b t 2
    inside = (ray.abs() < edge[:, None]).all(-1).float().mean(1)
    follows = happens(batch, chance=cameras.following, generator=generator)
    share = follows * uniform(batch, low=0.5, high=1.0, generator=generator)
    # Nobody keeps a clip that the person is hardly in.
    share = torch.where(inside < 0.7, torch.ones_like(share), share)
    towards = steadied(ray.atan(), half_frames=8)
    follow = share[:, None, None] * (towards - towards.mean(1, keepdim=True))
    shake = among(cameras.shake_deg, batch, generator=generator).deg2rad()
    shake = shake * happens(batch, chance=cameras.handheld, generator=generator)
    hand = drift(3, frames=frames, knots=frame_s / 0.4, generator=generator)
    hand = hand + 0.15 * drift(3, frames=frames, knots=frame_s / 0.08, generator=generator)
    hand = hand * shake[:, None, None]
    return _small_turns(
        follow[..., _RIGHT] + hand[..., 0], follow[..., _DOWN] + hand[..., 1], 0.5 * hand[..., 2]
    )


def _small_turns(
    right: Float[Tensor, "b t"], down: Float[Tensor, "b t"], roll: Float[Tensor, "b t"]
) -> Float[Tensor, "b t 3 3"]:
    """Return new camera from old camera: turned to the right, then downwards, then clockwise."""
    zero, one = torch.zeros_like(right), torch.ones_like(right)

    def rows(*entries: Tensor) -> Tensor:
        return torch.stack(entries, dim=-1).view(*right.shape, 3, 3)

    c, s = right.cos(), right.sin()
    about_y = rows(c, zero, -s, zero, one, zero, s, zero, c)
    c, s = down.cos(), down.sin()
    about_x = rows(one, zero, zero, zero, c, -s, zero, s, c)
    c, s = roll.cos(), roll.sin()
    about_z = rows(c, s, zero, -s, c, zero, zero, zero, one)
    return _after(about_z, _after(about_x, about_y))


def _after(second: Float[Tensor, "b t 3 3"], first: Float[Tensor, "b t 3 3"]) -> Tensor:
    """Return their product, without tensor cores."""
    return (second[..., None] * first[..., None, :, :]).sum(-2)
