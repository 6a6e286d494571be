"""Whole blocks by the GPU kernels for lifting alone, and the whole network; in Triton's interpreter, and for real."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from pose3d_cli.lifting.blocks import scan_order
from pose3d_cli.lifting.config import SMALL, SasMambaConfig
from pose3d_cli.lifting.model import SasMamba

PRODUCTS = {"tf32x3": 2**2, "tf32": 2**13}
"""How many times as far off as plain float32 a block without gradients may be, by how its matrices are multiplied.

Times, since weights that are all at work make so much of any error that float32 itself is 2e-7 to 8e-6 off.
"""
THREE_PRODUCTS = 1.5
"""How many times as far off as the same three products in PyTorch ``bf16x3`` may be."""
INTERPRETED = 2**8
"""How many times as far off as plain float32 it is in Triton's interpreter, which cuts off what should be rounded."""

HALF_ROWS = 2**13
"""The same for float16 between kernels, which keeps 13 bits fewer than float32."""
WHOLE_NETWORK = 2e-3
"""Coordinates that this moves at most, with weights that nobody trained; joints are about 0.5 away."""


class ThreeProducts(TorchFunctionMode):
    """Multiplies as ``bf16x3`` does: each number the sum of two in bfloat16, without small times small."""

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        kwargs = kwargs or {}
        if func not in {torch.nn.functional.linear, torch.conv2d, torch.matmul, Tensor.matmul}:
            return func(*args, **kwargs)
        a, b, *rest = args
        large_a, large_b = a.bfloat16().float(), b.bfloat16().float()
        small_a, small_b = ((x - y).bfloat16().float() for x, y in ((a, large_a), (b, large_b)))
        without_bias = [None, *rest[1:]] if rest else []
        return (
            func(small_a, large_b, *without_bias, **kwargs)
            + func(large_a, small_b, *without_bias, **kwargs)
            + func(large_a, large_b, *rest, **kwargs)
        )


@torch.no_grad()
def block_off(
    width: int,
    *,
    clips: int,
    frames: int,
    products: str,
    device: str,
    rows: torch.dtype = torch.float32,
    against: AbstractContextManager[Any] | None = None,
) -> float:
    """Return how many times as far off as plain PyTorch the fused kernels of a block are.

    The weights are all at work. PyTorch multiplies in float32, or as ``against`` says.
    """
    from pose3d_cli.lifting.fused import triton_block

    torch.manual_seed(frames)
    model = SasMamba(SasMambaConfig(width=width, depth=1)).eval()
    for parameter in model.parameters():
        parameter.add_(0.1 * torch.randn_like(parameter))
    model.to(device)
    block: Any = model.spatial[0]
    norm = model.spatial_norm
    h = torch.randn(clips, frames, 17, width).to(device)
    order = scan_order(frames, 17, device=h.device)
    with patch.object(triton_block, "PRODUCTS", products), patch.object(triton_block, "ROWS", rows):
        actual = triton_block.block_and_norm(block, norm, h, order)
    with torch.backends.cudnn.flags(allow_tf32=False), against or nullcontext():
        plain = norm(block(h, order))
    model.double()
    expected = norm(block(h.double(), order))
    return float((actual - expected).norm() / (plain - expected).norm())


@pytest.mark.slow
def test_a_block_is_as_exact_as_its_rows_in_tritons_interpreter(
    in_tritons_interpreter: Callable[[Path, str], None],
) -> None:
    in_tritons_interpreter(
        Path(__file__),
        """
        for rows, tolerance in (
            (torch.float32, contract.INTERPRETED), (torch.float16, contract.HALF_ROWS)
        ):
            off = contract.block_off(
                16, clips=2, frames=2, products="bf16x3", rows=rows, device="cpu"
            )
            assert tolerance / 32 < off < tolerance, (rows, off)
        """,
    )


@pytest.mark.gpu
@pytest.mark.usefixtures("poisoned_memory")
@pytest.mark.parametrize(
    ("width", "clips", "products"),
    [
        (64, 3, "tf32x3"),
        (64, 3, "tf32"),
    ],
)
@pytest.mark.parametrize("frames", [1, 9, 27, 243])
def test_fused_blocks_agree_with_double_precision(
    frames: int, width: int, clips: int, products: str
) -> None:
    off = block_off(width, clips=clips, frames=frames, products=products, device="cuda")
    assert off < PRODUCTS[products], off


@pytest.mark.gpu
@pytest.mark.usefixtures("poisoned_memory")
@pytest.mark.parametrize(("width", "clips"), [(16, 2), (64, 1), (128, 2)])
@pytest.mark.parametrize("frames", [1, 9, 27, 243])
def test_fused_blocks_are_as_exact_as_the_same_products_in_pytorch(
    frames: int, width: int, clips: int
) -> None:
    how: dict[str, Any] = {"clips": clips, "frames": frames, "products": "bf16x3"}
    off = block_off(width, device="cuda", against=ThreeProducts(), **how)
    assert 1 / THREE_PRODUCTS < off < THREE_PRODUCTS, off


@pytest.mark.gpu
@pytest.mark.usefixtures("poisoned_memory")
@pytest.mark.parametrize("width", [64, 128])
def test_fused_blocks_with_half_rows_agree_to_as_many_digits(width: int) -> None:
    how: dict[str, Any] = {"clips": 2, "frames": 27, "products": "bf16x3", "device": "cuda"}
    off = block_off(width, rows=torch.float16, **how)
    assert HALF_ROWS / 128 < off < HALF_ROWS, off


@pytest.mark.gpu
@pytest.mark.parametrize("frames", [1, 27, 243])
def test_cpu_and_gpu_agree_through_the_whole_network(frames: int) -> None:
    torch.manual_seed(0)
    model = SasMamba(SMALL).eval()
    x = torch.randn(2, frames, 17, 2)
    on_cpu = model(x)
    on_cpu.square().sum().backward()
    gradients = [p.grad for p in model.parameters()]
    on_gpu_model = SasMamba(SMALL).eval()
    on_gpu_model.load_state_dict(model.state_dict())
    on_gpu_model.cuda()
    with torch.backends.cudnn.flags(allow_tf32=False):
        on_gpu = on_gpu_model(x.cuda())
        on_gpu.square().sum().backward()
        with torch.inference_mode():
            fused = on_gpu_model(x.cuda())
    torch.testing.assert_close(on_gpu.cpu(), on_cpu, rtol=0, atol=1e-4)
    assert (fused != on_gpu).any(), "kernels for lifting alone were not taken"
    torch.testing.assert_close(fused.cpu(), on_cpu, rtol=0, atol=WHOLE_NETWORK)
    for (name, p), expected in zip(on_gpu_model.named_parameters(), gradients, strict=True):
        assert p.grad is not None
        assert expected is not None
        off = (p.grad.cpu() - expected).norm() / expected.norm().clamp(min=1e-20)
        assert off < 1e-2, name
