import math

import pytest
import torch
from torch import Tensor

from pose3d_cli.lifting.lifter import mirrored
from pose3d_cli.lifting.normalise import normalise

TOLERANCE = 1e-5


def people(clips: int = 3, frames: int = 11) -> Tensor:
    """Return rays of joints around the optical axis: (b, t, 17, 2)."""
    generator = torch.Generator().manual_seed(5)
    still = 0.2 * torch.randn(clips, 1, 17, 2, generator=generator)
    return still + 0.02 * torch.randn(clips, frames, 17, 2, generator=generator)


def seen(rays: Tensor) -> Tensor:
    return torch.ones(rays.shape[:-1])


def test_the_view_is_a_rotation_that_keeps_the_vertical_upright() -> None:
    rays = people() + torch.tensor([0.5, -0.3])

    turn = normalise(rays, seen(rays)).view_from_camera

    torch.testing.assert_close(turn @ turn.mT, torch.eye(3).expand(3, 3, 3), atol=1e-6, rtol=0)
    torch.testing.assert_close(torch.linalg.det(turn), torch.ones(3))
    assert torch.equal(turn[:, 0, 1], torch.zeros(3))  # the view's right has no part that is down
    assert (turn[:, 1, 1] > 0).all()


def test_the_person_is_in_the_middle_and_of_size_one() -> None:
    rays = 0.3 * people() + torch.tensor([0.4, 0.2])

    points = normalise(rays, seen(rays)).inputs[..., :2]

    assert points.flatten(1, 2).mean(1).abs().max() < 0.05
    extent = (points.amax(2) - points.amin(2)).amax(-1)
    torch.testing.assert_close(extent.median(1).values, torch.full((3,), 2.0))


@pytest.mark.parametrize("size", [0.1, 3.0])
def test_how_large_somebody_appears_does_not_matter(size: float) -> None:
    rays = 0.1 * people()
    rays = rays - rays.mean((1, 2), keepdim=True)  # on the axis, where scaling is no perspective

    small = normalise(size * rays, seen(rays)).inputs

    torch.testing.assert_close(small, normalise(rays, seen(rays)).inputs, atol=1e-4, rtol=1e-4)


def test_turning_the_camera_sideways_changes_nothing_for_a_small_person() -> None:
    rays = 0.05 * people()
    rays = rays - rays.mean((1, 2), keepdim=True)
    angle = math.radians(25)
    turn = torch.tensor(
        [
            [math.cos(angle), 0, math.sin(angle)],
            [0, 1, 0],
            [-math.sin(angle), 0, math.cos(angle)],
        ]
    )
    turned = torch.nn.functional.pad(rays, (0, 1), value=1.0) @ turn.T
    turned = turned[..., :2] / turned[..., 2:]

    # The centre is a mean of points in the picture, so perspective shifts it a little.
    before, after = (normalise(r, seen(r)).inputs[..., :2] for r in (rays, turned))
    before, after = (p - p[:, :, :1] for p in (before, after))
    torch.testing.assert_close(before, after, atol=2e-3, rtol=0)


@pytest.mark.parametrize(("yaw_deg", "pitch_deg"), [(25, 0), (0, -30), (-35, 20), (50, 40)])
def test_turning_the_camera_changes_nothing_while_the_centre_stays(
    yaw_deg: float, pitch_deg: float
) -> None:
    camera_from_view = _turn_without_roll(math.radians(yaw_deg), math.radians(pitch_deg))
    rays, confidence = _seen_across_the_turn(camera_from_view)
    turned = torch.nn.functional.pad(rays, (0, 1), value=1.0) @ camera_from_view.T
    turned = turned[..., :2] / turned[..., 2:]

    before, after = normalise(rays, confidence), normalise(turned, confidence)

    torch.testing.assert_close(after.view_from_camera[0], camera_from_view.T, rtol=0, atol=1e-12)
    torch.testing.assert_close(after.inputs, before.inputs, rtol=0, atol=1e-11)
    assert (turned - rays).norm(dim=-1).min() > 0.2


def _turn_without_roll(yaw: float, pitch: float) -> Tensor:
    c, s = math.cos(yaw), math.sin(yaw)
    about_y = torch.tensor([[c, 0, s], [0, 1, 0], [-s, 0, c]], dtype=torch.float64)
    c, s = math.cos(pitch), math.sin(pitch)
    about_x = torch.tensor([[1, 0, 0], [0, c, -s], [0, s, c]], dtype=torch.float64)
    return about_y @ about_x


def _seen_across_the_turn(camera_from_view: Tensor) -> tuple[Tensor, Tensor]:
    """Return joints that are seen on the line that no turn foreshortens, and hidden elsewhere.

    A mean of points in the picture survives a change of perspective on that line alone.
    """
    generator = torch.Generator().manual_seed(4)
    slope = camera_from_view[2, :2]
    line = torch.stack([-slope[1], slope[0]]) / slope.norm()
    rays = 0.2 * torch.randn(1, 10, 17, 2, generator=generator, dtype=torch.float64)
    seen = torch.rand(1, 10, 17, generator=generator) < 0.5
    seen[:, 0] |= ~seen.any(1)
    places = torch.randn(int(seen.sum()), generator=generator, dtype=torch.float64) * 0.2
    rays[seen] = (places - places.mean())[:, None] * line
    return rays, seen.double()


def test_a_mirrored_picture_gives_a_mirrored_view() -> None:
    rays = people() + torch.tensor([0.3, 0.1])
    confidence = torch.rand(rays.shape[:-1], generator=torch.Generator().manual_seed(1))

    flipped = normalise(mirrored(rays), mirrored(confidence[..., None]).abs()[..., 0]).inputs

    torch.testing.assert_close(
        flipped, mirrored(normalise(rays, confidence).inputs), atol=TOLERANCE, rtol=0
    )


def test_joints_that_are_never_seen_are_zero_and_do_not_move_the_rest() -> None:
    rays = people()
    confidence = seen(rays)
    confidence[:, :, 3] = 0
    elsewhere = rays.clone()
    elsewhere[:, :, 3] += 5

    inputs = normalise(rays, confidence).inputs

    assert torch.equal(inputs[:, :, 3], torch.zeros(3, 11, 3))
    assert torch.equal(inputs, normalise(elsewhere, confidence).inputs)


@pytest.mark.parametrize("trust", [0.0, 1.0])
def test_nothing_to_go_by_is_still_finite(trust: float) -> None:
    view = normalise(torch.full((1, 4, 17, 2), 0.7), torch.full((1, 4, 17), trust))

    assert torch.isfinite(view.inputs).all()
    assert torch.isfinite(view.view_from_camera).all()


def test_frames_in_which_nobody_is_seen_do_not_count_for_the_size() -> None:
    rays = people()
    confidence = seen(rays)
    confidence[:, 4] = 0
    wild = rays.clone()
    wild[:, 4] *= 40

    torch.testing.assert_close(
        normalise(wild, confidence).view_from_camera, normalise(rays, confidence).view_from_camera
    )
    kept = [t for t in range(11) if t != 4]
    torch.testing.assert_close(
        normalise(wild, confidence).inputs[:, kept], normalise(rays, confidence).inputs[:, kept]
    )
