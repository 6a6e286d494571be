import math

import pytest
import torch

from pose3d_cli.datasets.curves import Bursts, bursts, drift, steadied


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)


@pytest.mark.parametrize("knots", [0.05, 0.3, 1.0])
def test_drift_has_variance_one_at_every_frame(knots: float) -> None:
    values = drift(20, frames=50, knots=torch.full((200,), knots), generator=generator())

    assert values.shape == (200, 50, 20)
    assert (values.var((0, 2)) - 1).abs().max() < 0.1


def test_drift_takes_as_long_to_change_whatever_the_frame_rate() -> None:
    def correlation(fps: float) -> float:
        knots = torch.full((400,), 1 / fps / 0.4)
        values = drift(10, frames=int(fps), knots=knots, generator=generator())
        apart = int(0.2 * fps)
        return float((values[:, apart:] * values[:, :-apart]).mean())

    at_30, at_120 = correlation(30), correlation(120)
    assert abs(at_30 - at_120) < 0.05
    assert 0.4 < at_30 < 0.9


def test_drift_with_a_knot_for_each_frame_forgets_at_once() -> None:
    values = drift(20, frames=40, knots=torch.ones(200), generator=generator())

    assert abs(float((values[:, 2:] * values[:, :-2]).mean())) < 0.02


@pytest.mark.parametrize("fps", [30.0, 120.0])
def test_bursts_begin_at_their_rate_and_last_as_long(fps: float) -> None:
    drawn = bursts(
        torch.full((300, 1, 4), 0.5),
        mean_s=torch.full((4,), 0.6),
        frames=int(2 * fps),
        frame_s=torch.full((300,), 1 / fps),
        generator=generator(),
    )

    covered = float(drawn.active.float().mean())
    assert abs(covered - (1 - math.exp(-0.5 * 0.6))) < 0.03
    # At the first frame as at all others.
    assert abs(float(drawn.active[:, 0].float().mean()) - covered) < 0.04


def test_nothing_begins_at_rate_zero() -> None:
    drawn = bursts(
        torch.zeros(5, 1, 3),
        mean_s=torch.ones(3),
        frames=40,
        frame_s=torch.full((5,), 1 / 30),
        generator=generator(),
    )

    assert not drawn.active.any()


def test_a_burst_holds_the_value_that_it_began_with() -> None:
    since = torch.tensor([0, 0, 2, 2, 4]).view(1, 5, 1)
    values = torch.arange(10.0).view(1, 5, 1, 2)

    held = Bursts(since > 0, since).held(values)

    assert held[0, :, 0, 0].tolist() == [0, 0, 4, 4, 8]


def test_steadied_values_are_means_of_their_neighbours() -> None:
    values = torch.tensor([1.0, 2, 6, 3]).view(1, 4, 1)

    steady = steadied(values, half_frames=1).flatten()

    torch.testing.assert_close(steady, torch.tensor([1.5, 3.0, 11 / 3, 4.5]))
