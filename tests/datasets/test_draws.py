import torch

from pose3d_cli.datasets.draws import among, happens, uniform


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def test_every_range_is_drawn_from_as_often_as_its_share() -> None:
    drawn = among(((3.0, -2.0, -1.0), (1.0, 5.0, 5.0)), 4000, generator=generator())

    fives = drawn == 5
    assert 0.22 < fives.float().mean() < 0.28
    assert ((drawn[~fives] >= -2) & (drawn[~fives] <= -1)).all()
    assert abs(float(drawn[~fives].mean()) + 1.5) < 0.03


def test_what_has_no_chance_never_happens() -> None:
    assert not happens(100, chance=0.0, generator=generator()).any()
    assert happens(100, chance=1.0, generator=generator()).all()


def test_draws_are_within_their_bounds() -> None:
    drawn = uniform(1000, low=-3.0, high=7.0, generator=generator())

    assert -3 <= drawn.min() < -2.8
    assert 6.8 < drawn.max() <= 7
