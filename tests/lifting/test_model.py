"""The network as a whole: the published sizes, the golden case, and what it promises to callers."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from pose3d_cli.lifting import scan, structure_conv
from pose3d_cli.lifting.blocks import DIRECTIONS, Block, SelectiveScan, scan_order, stride_mix
from pose3d_cli.lifting.checkpoint import from_published, load_state
from pose3d_cli.lifting.config import LARGE, SMALL, SasMambaConfig
from pose3d_cli.lifting.model import SasMamba

GOLDEN = Path(__file__).parents[1] / "golden" / "sasmamba_small_T27.npz"
TINY = SasMambaConfig(width=16, depth=1)

# The first joint of each joint's group of two and of its group of three, written out.
FIRST_OF_TWO = [0, 0, 2, 2, 4, 4, 6, 6, 8, 8, 10, 10, 12, 12, 14, 14, 16]
FIRST_OF_THREE = [0, 0, 0, 3, 3, 3, 6, 6, 6, 9, 9, 9, 12, 12, 12, 15, 15]


def make_model(config: SasMambaConfig = TINY) -> SasMamba:
    torch.manual_seed(0)
    return SasMamba(config).eval()


def make_clips(batch: int, frames: int, channels: int = 2) -> Tensor:
    return torch.randn(batch, frames, 17, channels, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize(("config", "parameters"), [(SMALL, 951_351), (LARGE, 5_572_459)])
def test_the_published_networks_have_their_published_sizes(
    config: SasMambaConfig, parameters: int
) -> None:
    assert sum(p.numel() for p in SasMamba(config).parameters()) == parameters


@pytest.mark.parametrize("numba", [True, False], ids=["compiled", "plain-torch"])
@torch.no_grad()
def test_the_golden_case_gives_its_golden_output(
    monkeypatch: pytest.MonkeyPatch, *, numba: bool
) -> None:
    for package in (scan, structure_conv):
        monkeypatch.setattr(package, "has_numba", lambda _: numba)
    with np.load(GOLDEN) as golden:
        arrays = {name: torch.from_numpy(golden[name]) for name in golden.files if name != "config"}
    state = {n.removeprefix("sd/"): t for n, t in arrays.items() if n.startswith("sd/")}
    model = load_state(SMALL, from_published(state, SMALL), source=GOLDEN.name)
    torch.testing.assert_close(model(arrays["input"]), arrays["output"], rtol=0, atol=1e-5)


@torch.no_grad()
def test_the_large_network_runs() -> None:
    y = make_model(LARGE)(make_clips(1, 3))
    assert y.shape == (1, 3, 17, 3)
    assert y.isfinite().all()


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((1, 5, 16, 2), "expected 17 joints × 2 channels, got 16 × 2"),
        ((1, 5, 17, 3), "expected 17 joints × 2 channels, got 17 × 3"),
        ((1, 244, 17, 2), "expected 1 to 243 frames, got 244"),
        ((1, 0, 17, 2), "expected 1 to 243 frames, got 0"),
    ],
)
def test_clips_of_another_shape_are_refused(shape: tuple[int, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make_model()(torch.zeros(shape))


@pytest.mark.parametrize(
    "sizes",
    [
        {"width": 0},
        {"depth": -1},
        {"states": 0},
        {"max_frames": 0},
        {"joints": 16},
        {"in_channels": 4},
        {"drop_path": 1.0},
        {"drop_path": -0.1},
    ],
)
def test_impossible_sizes_are_refused(sizes: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="got"):
        SasMambaConfig(**{"width": 16, "depth": 1, **sizes})


@torch.no_grad()
def test_a_clip_does_not_depend_on_its_neighbours() -> None:
    model, clips = make_model(), make_clips(3, 9)
    alone = torch.cat([model(clip[None]) for clip in clips])
    torch.testing.assert_close(model(clips), alone, rtol=0, atol=1e-5)


@torch.no_grad()
def test_every_frame_sees_the_whole_clip() -> None:
    model, clip = make_model(), make_clips(1, 9)
    changed = clip.clone()
    changed[:, 4, 13] += 1
    difference = (model(changed) - model(clip)).abs().amax((0, 2, 3))
    assert (difference > 0).all()


def test_every_parameter_learns() -> None:
    model = make_model(SasMambaConfig(width=16, depth=2, drop_path=0.0))
    model.train()(make_clips(2, 9)).square().sum().backward()
    still = [n for n, p in model.named_parameters() if p.grad is None or not p.grad.any()]
    assert still == []


def test_deeper_blocks_are_skipped_more_often() -> None:
    model = SasMamba(SMALL)
    for blocks in (model.spatial, model.temporal):
        assert [block.drop_path for block in blocks] == pytest.approx([0, 0.05, 0.1, 0.15, 0.2])


def test_a_branch_is_skipped_for_whole_clips_and_weighs_the_same_on_average() -> None:
    torch.manual_seed(0)
    block = Block(TINY, drop_path=0.25).train()
    kept = block._drop(torch.ones(4000, 2, 2, 2)).flatten(1)
    assert (kept == kept[:, :1]).all()
    assert sorted(set(kept.flatten().tolist())) == pytest.approx([0, 4 / 3])
    assert kept.mean().item() == pytest.approx(1, abs=0.03)
    assert block.eval()._drop(torch.ones(1, 1, 1, 1)).item() == 1


def test_stride_mixing_adds_the_first_of_two_and_the_first_of_three() -> None:
    u = torch.randn(1, 2, 17, 3, generator=torch.Generator().manual_seed(0))
    expected = u + u[:, :, FIRST_OF_TWO] + u[:, :, FIRST_OF_THREE]
    torch.testing.assert_close(stride_mix(u), expected)


@pytest.mark.parametrize("direction", range(DIRECTIONS))
@torch.no_grad()
def test_only_the_frame_major_scans_see_mixed_joints(direction: int) -> None:
    ssm = SelectiveScan(TINY)
    # Without inputs to the states nothing is left but the direct path, here of one direction.
    ssm.in_weight.zero_()
    ssm.skip.zero_()[direction] = 1
    u = torch.randn(1, 4, 17, TINY.inner, generator=torch.Generator().manual_seed(0))
    order = scan_order(4, 17, device=u.device)
    torch.testing.assert_close(ssm(u, order), stride_mix(u) if direction in (0, 2) else u)
