from pathlib import Path

import numpy as np
import pytest
import torch

from pose3d_cli.training.losses import (
    bone_direction_loss,
    position_loss,
    scale_free_loss,
    total_loss,
    velocity_loss,
)

GOLDEN = Path(__file__).parents[1] / "golden" / "losses.npz"


@pytest.fixture(scope="module")
def golden() -> dict[str, torch.Tensor]:
    with np.load(GOLDEN) as archive:
        return {name: torch.tensor(archive[name]) for name in archive.files}


@pytest.mark.parametrize(
    ("name", "loss"),
    [("mpjpe", position_loss), ("n_mpjpe", scale_free_loss), ("velocity", velocity_loss)],
)
def test_losses_agree_with_the_golden_values(
    golden: dict[str, torch.Tensor], name: str, loss: object
) -> None:
    assert callable(loss)
    actual = loss(golden["pred"], golden["target"])

    torch.testing.assert_close(actual, golden[name], atol=1e-6, rtol=0)


def test_the_total_is_the_papers_weighted_sum(golden: dict[str, torch.Tensor]) -> None:
    total = total_loss(golden["pred"], golden["target"], scale_weight=0.5, velocity_weight=20.0)

    torch.testing.assert_close(total, golden["total"], atol=1e-5, rtol=0)


def test_size_alone_costs_nothing_where_it_is_free() -> None:
    truth = torch.randn(2, 5, 17, 3, generator=torch.Generator().manual_seed(0))

    assert scale_free_loss(0.3 * truth, truth) < 1e-6
    assert position_loss(0.3 * truth, truth) > 0.5


def test_one_frame_has_no_velocity() -> None:
    pose = torch.ones(1, 1, 17, 3)

    assert velocity_loss(pose, 2 * pose) == 0


def test_bone_directions_do_not_care_how_large_somebody_is() -> None:
    truth = torch.randn(2, 5, 17, 3, generator=torch.Generator().manual_seed(0))

    assert bone_direction_loss(0.3 * truth + 1, truth) < 1e-5
    assert bone_direction_loss(-truth, truth) == pytest.approx(2)


def test_bone_directions_count_as_much_as_declared() -> None:
    truth = torch.randn(2, 5, 17, 3, generator=torch.Generator().manual_seed(0))

    without, with_them = (
        total_loss(
            -truth, truth, scale_weight=0.5, velocity_weight=20.0, bone_direction_weight=weight
        )
        for weight in (0.0, 0.25)
    )

    assert with_them - without == pytest.approx(0.5, abs=1e-4)
