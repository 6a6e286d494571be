"""The counted costs against the published figures, and against PyTorch's own count of products."""

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from pose3d_cli.lifting.config import LARGE, SMALL, SasMambaConfig
from pose3d_cli.lifting.cost import cost_of
from pose3d_cli.lifting.model import SasMamba

TINY = SasMambaConfig(width=16, depth=2, in_channels=2, states=4, max_frames=10)


@pytest.mark.parametrize(
    ("config", "parameters", "macs_g", "a_frame_m"),
    [(SMALL, 951_351, 5.01, 20.6), (LARGE, 5_572_459, 27.5, 113)],
    ids=["small", "large"],
)
def test_the_published_sizes_cost_this(
    config: SasMambaConfig, parameters: int, macs_g: float, a_frame_m: float
) -> None:
    cost = cost_of(config)

    assert cost.parameters == parameters
    assert cost.macs(243) / 1e9 == pytest.approx(macs_g, rel=2e-3)
    assert cost.macs(243) / 243 / 1e6 == pytest.approx(a_frame_m, rel=2e-3)


@pytest.mark.parametrize(
    ("config", "parameters", "published_g"),
    [(SMALL, 624_951, 1.3), (LARGE, 4_136_299, 8.56)],
    ids=["small", "large"],
)
def test_half_of_what_a_layer_profiler_sees_is_what_the_paper_says(
    config: SasMambaConfig, parameters: int, published_g: float
) -> None:
    cost = cost_of(config)

    assert cost.seen_parameters == parameters
    assert cost.seen_macs(243) / 2e9 == pytest.approx(published_g, rel=5e-3)


def test_the_matrix_products_are_those_that_pytorch_counts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    frames = 6
    tokens = frames * TINY.joints
    # What is no product of matrices is counted elsewhere: leave it out of the run.
    monkeypatch.setattr("pose3d_cli.lifting.blocks.selective_scan", lambda x, *_: x.sum(1))
    monkeypatch.setattr("pose3d_cli.lifting.blocks.structure_conv", lambda x, *_: x)
    monkeypatch.setattr("pose3d_cli.lifting.blocks.stride_mix", lambda u, **_: u)

    with torch.inference_mode(), FlopCounterMode(display=False) as counter:
        SasMamba(TINY).eval()(torch.zeros(1, frames, TINY.joints, TINY.in_channels))

    counted = cost_of(TINY).macs_per_token
    products = sum(n for part, n in counted.items() if part not in {"scan", SAMPLED})
    assert counter.get_total_flops() == 2 * tokens * products


SAMPLED = "deformable taps, sampling"


def test_the_scan_takes_four_products_a_state_and_one_for_the_direct_path() -> None:
    directions, blocks = 4, 2 * TINY.depth

    scan = cost_of(TINY).macs_per_token["scan"]

    assert scan == blocks * directions * TINY.inner * (4 * TINY.states + 1)


def test_deformable_taps_are_nine_and_read_four_neighbours_each() -> None:
    assert cost_of(TINY).macs_per_token[SAMPLED] == 2 * TINY.depth * TINY.inner * 9 * (1 + 4)
