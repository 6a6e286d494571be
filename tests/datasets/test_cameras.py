import math
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from pose3d_cli.datasets.cameras import NEAREST_M, Cameras, Shot, camera_axes, film

STILL = Cameras(handheld=0.0, following=0.0, travelling=0.0, close_ups=0.0, off_centre=0.0)
LEVEL = replace(STILL, pitch_deg=((1.0, 0.0, 0.0),), roll_deg=((1.0, 0.0, 0.0),))
UNSTEADY = replace(LEVEL, handheld=1.0, shake_deg=((1.0, 2.0, 2.0),))


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def shots(clip: Tensor, cameras: Cameras, *, count: int = 60) -> Shot:
    """Films a clip of 17 joints with many cameras."""
    points = clip[..., :17, :].expand(count, -1, -1, -1)
    frame_s = torch.full((count,), 1 / 30)
    return film(points, cameras=cameras, frame_s=frame_s, generator=generator())


def walk(t_pose: Tensor, *, metres: float = 8.0, frames: int = 60) -> Tensor:
    way = torch.linspace(0, metres, frames).view(1, frames, 1, 1) * torch.tensor([1.0, 0, 0])
    return t_pose[:1, :1] + way


def test_cameras_are_turned_but_never_mirror() -> None:
    yaw, pitch, roll = (1.5 * torch.randn(50, generator=generator(seed)) for seed in range(3))

    axes = camera_axes(yaw, pitch, roll)

    torch.testing.assert_close(axes @ axes.mT, torch.eye(3).expand(50, 3, 3), atol=1e-5, rtol=0)
    torch.testing.assert_close(torch.linalg.det(axes), torch.ones(50))


def test_a_positive_pitch_looks_down_and_a_positive_roll_turns_clockwise() -> None:
    still, tilted = torch.zeros(1), torch.tensor([0.3])

    level = camera_axes(still, still, still)[0]
    torch.testing.assert_close(level @ torch.tensor([0.0, 0, 1]), torch.tensor([0.0, -1, 0]))
    _, down, forward = camera_axes(still, tilted, still)[0]
    assert forward[2] < 0
    assert down[2] < 0
    right = camera_axes(still, still, tilted)[0, 0]
    assert right[2] < 0  # the camera's right side is lower


@pytest.mark.parametrize("cameras", [LEVEL, UNSTEADY, Cameras()])
def test_every_camera_sees_the_world_as_it_is_turned(t_pose: Tensor, cameras: Cameras) -> None:
    clip = walk(t_pose)
    shot = shots(clip, cameras)

    from_root = clip[:, :, :17] - clip[:, :, :1]
    expected = from_root @ shot.camera_from_world.mT
    seen = shot.points_m - shot.points_m[:, :, :1]
    torch.testing.assert_close(seen, expected.expand_as(seen), atol=2e-4, rtol=0)
    product = shot.camera_from_world @ shot.camera_from_world.mT
    torch.testing.assert_close(product, torch.eye(3).expand_as(product), atol=1e-5, rtol=0)


def test_nobody_is_too_near_or_behind_the_camera(t_pose: Tensor) -> None:
    near = replace(Cameras(), fill=((1.0, 2.0, 4.0),))

    assert shots(walk(t_pose), near, count=200).points_m[..., 2].min() > 0.6 * NEAREST_M


def test_level_cameras_see_people_upright(t_pose: Tensor) -> None:
    shot = shots(t_pose[:1], LEVEL)

    assert (shot.points_m[:, :, 10, 1] < shot.points_m[:, :, 3, 1]).all()  # y is down
    torch.testing.assert_close(
        shot.camera_from_world[..., 2], torch.tensor([0.0, -1, 0]).expand(60, 4, 3)
    )


def test_pitch_and_roll_are_as_drawn(t_pose: Tensor) -> None:
    cameras = replace(STILL, pitch_deg=((1.0, 30.0, 30.0),), roll_deg=((1.0, 25.0, 25.0),))

    up = shots(t_pose[:1], cameras).camera_from_world[..., 2]

    torch.testing.assert_close(up[..., 2], torch.full((60, 4), -0.5))  # sin 30°
    roll = torch.atan2(up[..., 0], -up[..., 1]).rad2deg()
    torch.testing.assert_close(roll, torch.full((60, 4), -25.0), atol=1e-3, rtol=0)


def test_people_fill_the_share_of_the_picture_that_they_should(t_pose: Tensor) -> None:
    cameras = replace(LEVEL, fill=((1.0, 0.5, 0.5),), focal=((1.0, 3.0, 3.0),))

    shot = shots(t_pose[:1], cameras)

    rays = shot.points_m[..., :2] / shot.points_m[..., 2:]
    height = rays[:, 0, 3, 1] - rays[:, 0, 10, 1]  # 1.6 m of 1.7
    share = height / (2 * shot.edge[:, 0, 0, 1])
    torch.testing.assert_close(share, torch.full((60,), 0.5 * 1.6 / 1.7), atol=0.02, rtol=0)


def test_close_ups_show_heads(t_pose: Tensor) -> None:
    shot = shots(t_pose[:1], replace(LEVEL, close_ups=1.0))

    rays = shot.points_m[..., :2] / shot.points_m[..., 2:]
    inside = (rays.abs() < shot.edge).all(-1)
    assert inside[:, :, 8].float().mean() > 0.9
    assert inside[:, :, 3].float().mean() < 0.2


def test_a_camera_that_follows_keeps_the_person_where_they_are(t_pose: Tensor) -> None:
    clip = walk(t_pose, metres=4.0)

    def spread(cameras: Cameras) -> Tensor:
        points = shots(clip, cameras).points_m[:, :, 0]
        return (points[..., 0] / points[..., 2]).std(1).median()

    still = replace(LEVEL, fill=((1.0, 0.2, 0.2),))
    assert spread(replace(still, travelling=1.0)) < 0.7 * spread(still)


def test_people_stay_in_most_pictures(t_pose: Tensor) -> None:
    shot = shots(walk(t_pose, metres=20.0), Cameras(), count=200)

    pelvis = shot.points_m[:, :, 0, :2] / shot.points_m[:, :, 0, 2:]
    inside = (pelvis.abs() < shot.edge[:, 0]).all(-1).float().mean(1)
    assert inside.quantile(0.1) > 0.5


def test_hands_shake_and_tripods_do_not(t_pose: Tensor) -> None:
    def wobble_deg(cameras: Cameras) -> float:
        axes = shots(t_pose[:1].repeat(1, 30, 1, 1), cameras).camera_from_world
        turn = axes[:, 1:] @ axes[:, :1].mT
        cosine = (turn.diagonal(dim1=-2, dim2=-1).sum(-1) - 1) / 2
        return math.degrees(math.acos(min(1.0, float(cosine.mean()))))

    assert wobble_deg(LEVEL) < 0.05
    assert 1 < wobble_deg(UNSTEADY) < 6
