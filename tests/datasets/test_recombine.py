import torch
from torch import Tensor

from pose3d_cli.datasets.bodies import Bodies, bones_of
from pose3d_cli.datasets.recombine import plausible, recombined

NEVER = Bodies(recombined=0.0, lying=0.0)
UPPER, LOWER = slice(7, 22), slice(1, 7)


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def turned_by(angle: float, positions: Tensor) -> Tensor:
    c, s = float(torch.tensor(angle).cos()), float(torch.tensor(angle).sin())
    return positions @ torch.tensor([[c, s, 0], [-s, c, 0], [0, 0, 1]])


def two_clips(t_pose: Tensor) -> Tensor:
    """One with hanging arms, one that raises an arm and a leg and faces elsewhere."""
    clips = t_pose.repeat(32, 1, 1, 1)
    clips[::2, :, [12, 13, 15, 16]] -= torch.tensor([0.0, 0.1, 0.1])
    raised = clips[1::2]
    raised[:, :, 13] += torch.tensor([-0.2, -0.1, 0.2])
    raised[:, :, 3] += torch.tensor([0.0, -0.3, 0.2])
    clips[1::2] = turned_by(1.0, raised)
    return clips


def test_without_recombination_nothing_changes(t_pose: Tensor) -> None:
    clips = two_clips(t_pose)

    torch.testing.assert_close(recombined(clips, bodies=NEVER, generator=generator()), clips)


def test_an_upper_body_moves_as_in_another_clip_about_its_own_pelvis(t_pose: Tensor) -> None:
    clips = two_clips(t_pose)
    # Arms are never exchanged beside a whole upper body of the same donor's kind here.
    mixed = recombined(clips, bodies=Bodies(recombined=1.0, lying=0.0), generator=generator())

    torch.testing.assert_close(bones_of(mixed)[:, :, LOWER], bones_of(clips)[:, :, LOWER])
    upright, turned = bones_of(clips)[0, 0], bones_of(clips)[1, 0]
    own, other = upright[UPPER], turned_by(-1.0, turned)[UPPER]
    first = bones_of(mixed)[::2, 0, UPPER]
    as_own = torch.isclose(first, own, atol=1e-5).all(-1).all(-1)
    as_other = torch.isclose(first, other, atol=1e-5).all(-1).all(-1)
    assert as_own.any()
    assert as_other.any()


def test_bones_keep_their_lengths_in_mixtures(t_pose: Tensor) -> None:
    clips = two_clips(t_pose)
    mixed = recombined(clips, bodies=Bodies(recombined=1.0, lying=1.0), generator=generator())

    length = bones_of(mixed).norm(dim=-1)
    own = bones_of(clips).norm(dim=-1)
    donor = own.roll(1, 0)
    assert torch.isclose(length[..., None], torch.stack([own, donor], -1), atol=1e-4).any(-1).all()


def test_hands_inside_the_trunk_or_below_the_floor_are_not_plausible(t_pose: Tensor) -> None:
    inside, below = t_pose[:1].clone(), t_pose[:1].clone()
    inside[:, :, 13] = (inside[:, :, 0] + inside[:, :, 8]) / 2
    below[:, :, 13, 2] = -0.5
    clips = torch.cat([t_pose[:1], inside, below])

    assert plausible(clips, instead_of=t_pose[:1].expand(3, -1, -1, -1)).tolist() == [
        True,
        False,
        False,
    ]


def test_people_who_lie_are_turned_as_a_whole(t_pose: Tensor) -> None:
    down = recombined(t_pose, bodies=Bodies(recombined=0.0, lying=1.0), generator=generator())

    torch.testing.assert_close(
        torch.cdist(down[:, 0], down[:, 0]),
        torch.cdist(t_pose[:, 0], t_pose[:, 0]),
        atol=1e-4,
        rtol=0,
    )
    up = torch.nn.functional.normalize(down[:, :, 8] - down[:, :, 0], dim=-1)[..., 2]
    assert (up.abs() <= 0.5 + 1e-5).all()
