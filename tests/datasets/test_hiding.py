import torch

from pose3d_cli.datasets.hiding import (
    behind_oneself,
    behind_things,
    beyond_the_picture,
    turned_away,
)


def person(frames: int = 1) -> tuple[torch.Tensor, torch.Tensor]:
    """Keypoints that are all far apart, 4 m away, and their rays."""
    index = torch.arange(17.0)
    points = torch.stack([0.4 * (index % 5) - 0.8, 0.4 * (index // 5) - 0.6, 0 * index + 4], -1)
    points = points.expand(1, frames, 17, 3).clone()
    return points, points[..., :2] / points[..., 2:]


ONE = torch.ones(1, 1, 1, 1)


def test_people_who_hide_nothing_are_seen() -> None:
    points, rays = person()

    assert behind_oneself(points, rays, size=0.3 * ONE).max() < 0.1


def test_a_limb_behind_its_twin_is_hidden_and_its_twin_is_not() -> None:
    points, rays = person()
    points[:, :, 14] = points[:, :, 13] * (4.4 / 4)
    rays = points[..., :2] / points[..., 2:]

    hidden = behind_oneself(points, rays, size=ONE)

    assert hidden[0, 0, 14] > 0.9
    assert hidden[0, 0, 13] < 0.1


def test_a_wrist_behind_the_trunk_is_hidden() -> None:
    points, _ = person()
    middle = points[:, :, [5, 6, 11, 12]].mean(2)
    for depth, wrist in ((1.15, 9), (0.85, 10)):
        points[:, :, wrist] = middle * depth
    rays = points[..., :2] / points[..., 2:]

    hidden = behind_oneself(points, rays, size=ONE)

    assert hidden[0, 0, 9] > 0.9
    assert hidden[0, 0, 10] < 0.2


def test_faces_are_seen_from_the_front_and_not_from_behind() -> None:
    ears_apart = torch.tensor([[0, 0, -0.1], [0.03, -0.03, -0.08], [-0.03, -0.03, -0.08]])
    head = torch.cat([ears_apart, torch.tensor([[0.07, 0, 0], [-0.07, 0, 0]])])
    towards = torch.cat([head, torch.zeros(12, 3)]) + torch.tensor([0.0, 0, 4])
    back = torch.cat([head * torch.tensor([-1, 1, -1]), torch.zeros(12, 3)]) + torch.tensor(
        [0.0, 0, 4]
    )
    side = torch.cat([head[:, [2, 1, 0]], torch.zeros(12, 3)]) + torch.tensor([0.0, 0, 4])

    front, behind, profile = turned_away(torch.stack([towards, back, side])[:, None])[:, 0]

    assert front[:3].max() < 0.1
    assert behind[:3].min() > 0.9
    assert (profile[3] - profile[4]).abs() > 0.8  # one ear alone


def test_things_are_there_in_some_clips_and_hide_some_of_the_body() -> None:
    _, rays = person(frames=40)
    many = rays.expand(500, -1, -1, -1)
    size, frame_s = 0.4 * torch.ones(500, 40, 1, 1), torch.full((500,), 1 / 30)

    def hidden(chance: float) -> torch.Tensor:
        return behind_things(
            many,
            size=size,
            chance=chance,
            frame_s=frame_s,
            generator=torch.Generator().manual_seed(0),
        )

    assert not hidden(0.0).any()
    share = hidden(1.0).float().mean((1, 2))
    assert 0.1 < share.mean() < 0.6
    assert (hidden(0.3).flatten(1).any(1)).float().mean() < 0.35


def test_distance_beyond_the_picture_is_in_sizes_of_the_person() -> None:
    _, rays = person()
    rays[0, 0, 0] = torch.tensor([1.3, -1.4])

    beyond = beyond_the_picture(rays, edge=ONE.expand(1, 1, 1, 2), size=0.5 * ONE)

    torch.testing.assert_close(beyond[0, 0, 0], torch.tensor(1.0))
    assert not beyond[0, 0, 1:].any()
