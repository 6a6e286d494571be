"""The GPU kernels against the law; here in Triton's interpreter, on a GPU for real."""

import importlib.util
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any
from unittest.mock import patch

import pytest
import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from pose3d_cli.lifting.blocks import scan_order
from pose3d_cli.lifting.config import SMALL, SasMambaConfig
from pose3d_cli.lifting.model import SasMamba
from pose3d_cli.lifting.scan import reference as scan_reference
from pose3d_cli.lifting.scan import torch_scan
from pose3d_cli.lifting.structure_conv import reference as conv_reference

HAS_TRITON = importlib.util.find_spec("triton") is not None
TOLERANCE = {torch.float32: 1e-5, torch.bfloat16: 1e-2}
"""Root mean square of what is off, of that of the value; bfloat16 keeps 8 bits."""

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

Operation = Callable[..., Tensor]


def compared(
    operation: Operation, law: Operation, operands: list[Tensor], rest: tuple[Tensor, ...] = ()
) -> dict[str, float]:
    """Return how far values and gradients are off, relatively, by root mean square."""
    exact = [t.double().requires_grad_() for t in operands]
    given = [t.clone().requires_grad_() for t in operands]
    expected, actual = law(*exact, *rest), operation(*given, *rest)
    weights = torch.randn(
        expected.shape,
        dtype=torch.float64,
        device=expected.device,
        generator=torch.Generator(expected.device).manual_seed(1),
    )
    expected_all = (expected, *torch.autograd.grad((expected * weights).sum(), exact))
    loss = (actual * weights.to(actual.dtype)).sum()
    actual_all = (actual, *torch.autograd.grad(loss, given))
    names = ("y", *(f"gradient {i}" for i in range(len(operands))))
    return {
        name: float((a.double() - e).detach().norm() / e.detach().norm().clamp(min=1e-30))
        for name, a, e in zip(names, actual_all, expected_all, strict=True)
        if e.norm() > 0
    }


def scan_case(
    length: int, *, batch: int, channels: int, states: int, dtype: torch.dtype, device: str
) -> tuple[list[Tensor], tuple[Tensor, ...]]:
    make = torch.Generator(device).manual_seed(length)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, device=device, generator=make)

    operands = [
        normal(batch, 2, length, channels).to(dtype),
        (0.1 * normal(batch, 4, length, channels).exp()).to(dtype),
        -normal(4, channels, states).exp(),
        normal(batch, 4, length, states).to(dtype),
        normal(batch, 4, length, states).to(dtype),
        normal(4, channels),
    ]
    order = [torch.randperm(length, device=device, generator=make) for _ in range(4)]
    return operands, (torch.stack(order),)


def of_one_projection(operation: Operation) -> Operation:
    """Return the scan of columns of one matrix: b, c and the time steps' input lie between each other."""

    def scan(
        x: Tensor,
        a: Tensor,
        projected: Tensor,
        weight: Tensor,
        bias: Tensor,
        d: Tensor,
        order: Tensor,
    ) -> Tensor:
        states = a.shape[2]
        b, c, r = projected.split_with_sizes((states, states, weight.shape[2]), dim=-1)
        step = scan_reference.time_step
        if operation is not torch_scan.selective_scan:
            from pose3d_cli.lifting.scan.triton_step import time_step as step
        return operation(x, step(r, weight, bias), a, b, c, d, order)

    return scan


def projection_case(
    length: int, *, batch: int, channels: int, rank: int, dtype: torch.dtype, device: str
) -> tuple[list[Tensor], tuple[Tensor, ...]]:
    """Return operands of ``of_one_projection``; 16 states, since fewer are padded, that is copied."""
    operands, order = scan_case(
        length, batch=batch, channels=channels, states=16, dtype=dtype, device=device
    )
    x, _, a, b, c, d = operands
    r, weight, bias = step_case(
        length=length, channels=channels, batch=batch, rank=rank, dtype=dtype, device=device
    )
    return [x, a, torch.cat([b, c, r], dim=-1), weight / 3, bias / 3 - 2, d], order


def step_case(
    *, length: int, channels: int, batch: int = 3, rank: int = 4, dtype: torch.dtype, device: str
) -> list[Tensor]:
    make = torch.Generator(device).manual_seed(length)

    def normal(*shape: int) -> Tensor:
        return 3 * torch.randn(*shape, device=device, generator=make)

    r = normal(batch, 4, length, rank).to(dtype)
    return [r, normal(4, channels, rank), normal(4, channels)]


def conv_case(
    frames: int, *, joints: int, channels: int, offset: float, dtype: torch.dtype, device: str
) -> list[Tensor]:
    make = torch.Generator(device).manual_seed(frames)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, device=device, generator=make)

    # Never at a whole number, where the slope jumps, and the same in float32 as in float64.
    offsets = (64 * offset * normal(2, frames, joints, 18)).round() / 64 + 1 / 128
    return [
        normal(2, frames, joints, channels).to(dtype),
        offsets,
        normal(channels, 9),
        normal(channels),
    ]


IN_INTERPRETER = f"""
import torch
import triton.runtime.interpreter as interpreter

patch = interpreter._patch_lang_tensor

def patched(tensor, scope):
    # NumPy 2.4 no longer turns arrays of one number into numbers.
    patch(tensor, scope)
    scope.set_attr(tensor, "__index__", lambda self: int(self.handle.data.item()))

interpreter._patch_lang_tensor = patched

import numpy as np

dot = interpreter.InterpreterBuilder.create_dot

def widened(tensor):
    # It keeps bfloat16 as whole numbers, and would multiply those.
    if not tensor.dtype.scalar.is_bf16():
        return tensor
    numbers = (tensor.data.astype(np.uint32) << 16).view(np.float32)
    return interpreter.TensorHandle(numbers, interpreter.tl.float32)

def dot_of_widened(self, a, b, to, *how):
    return dot(self, widened(a), widened(b), to, *how)

interpreter.InterpreterBuilder.create_dot = dot_of_widened

import importlib.util, sys
spec = importlib.util.spec_from_file_location("contract", {__file__!r})
contract = importlib.util.module_from_spec(spec)
spec.loader.exec_module(contract)
worst = max(contract.everything_off(torch.float32, "cpu").values())
assert worst < contract.TOLERANCE[torch.float32], worst
for rows, tolerance in {{torch.float32: contract.INTERPRETED, torch.float16: contract.HALF_ROWS}}.items():
    off = contract.block_off(16, clips=2, frames=2, products="bf16x3", rows=rows, device="cpu")
    assert tolerance / 32 < off < tolerance, (rows, off)
"""


def everything_off(dtype: torch.dtype, device: str) -> dict[str, float]:
    """Return how far all kernels are off in small cases with odd sizes."""
    from pose3d_cli.lifting.scan import triton_scan, triton_step
    from pose3d_cli.lifting.structure_conv import triton_conv

    how: dict[str, Any] = {"dtype": dtype, "device": device}
    found: dict[str, float] = {}
    operands, order = scan_case(5, batch=1, channels=11, states=5, **how)
    off = compared(triton_scan.selective_scan, torch_scan.selective_scan, operands, order)
    found |= {f"scan {k}": v for k, v in off.items()}
    operands, order = scan_case(37, batch=2, channels=8, states=5, **how)
    with patch.object(triton_scan, "SHORTEST_SEGMENT", 4):
        off = compared(triton_scan.selective_scan, torch_scan.selective_scan, operands, order)
    found |= {f"scan in segments {k}": v for k, v in off.items()}
    operands, order = projection_case(18, batch=2, channels=8, rank=3, **how)
    gpu, law = map(of_one_projection, (triton_scan.selective_scan, torch_scan.selective_scan))
    for shortest in (64, 4):  # in one go, and in segments
        with patch.object(triton_scan, "SHORTEST_SEGMENT", shortest):
            off = compared(gpu, law, operands, order)
        found |= {f"scan of views, {shortest} {k}": v for k, v in off.items()}
    operands = step_case(length=20, channels=11, **how)
    off = compared(triton_step.time_step, scan_reference.time_step, operands)
    found |= {f"step {k}": v for k, v in off.items()}
    operands = conv_case(3, joints=5, channels=9, offset=0.7, **how)
    off = compared(triton_conv.structure_conv, conv_reference.structure_conv, operands)
    return found | {f"convolution {k}": v for k, v in off.items()}


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
@pytest.mark.skipif(not HAS_TRITON, reason="Triton is only there on Linux")
def test_the_kernels_agree_with_the_law_in_tritons_interpreter() -> None:
    # In a process of its own: Triton decides at import whether to interpret.
    done = subprocess.run(
        [sys.executable, "-c", IN_INTERPRETER],
        env={"TRITON_INTERPRET": "1", "PYTHONPATH": ":".join(filter(None, sys.path))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.gpu
@pytest.mark.usefixtures("poisoned_memory")
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("batch", [1, 3, 40])
@pytest.mark.parametrize("length", [1, 2, 17, 459, 4131, 4132])
def test_the_scan_agrees_with_double_precision(length: int, batch: int, dtype: torch.dtype) -> None:
    from pose3d_cli.lifting.scan import triton_scan

    if length * batch > 20_000:
        batch = 2
    operands, order = scan_case(
        length, batch=batch, channels=128, states=16, dtype=dtype, device="cuda"
    )
    off = compared(triton_scan.selective_scan, torch_scan.selective_scan, operands, order)
    assert max(off.values()) < TOLERANCE[dtype], off


@pytest.mark.gpu
@pytest.mark.usefixtures("poisoned_memory")
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize(("channels", "rank"), [(128, 4), (256, 8)])
@pytest.mark.parametrize("length", [1, 17, 459, 4132])
def test_the_scan_reads_the_columns_of_one_projection(
    length: int, channels: int, rank: int, dtype: torch.dtype
) -> None:
    from pose3d_cli.lifting.scan import triton_scan

    operands, order = projection_case(
        length, batch=3, channels=channels, rank=rank, dtype=dtype, device="cuda"
    )
    gpu, law = map(of_one_projection, (triton_scan.selective_scan, torch_scan.selective_scan))
    off = compared(gpu, law, operands, order)
    assert max(off.values()) < TOLERANCE[dtype], off


@pytest.mark.gpu
@pytest.mark.usefixtures("poisoned_memory")
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_odd_sizes_agree_on_a_gpu(dtype: torch.dtype) -> None:
    off = everything_off(dtype, "cuda")
    assert max(off.values()) < TOLERANCE[dtype], off


@pytest.mark.gpu
@pytest.mark.parametrize("scattered", [0, 1, 3, 4])
def test_strides_in_memory_do_not_matter_on_a_gpu(scattered: int) -> None:
    from pose3d_cli.lifting.scan import triton_scan

    operands, order = scan_case(
        50, batch=3, channels=32, states=16, dtype=torch.float32, device="cuda"
    )
    before = triton_scan.selective_scan(*operands, *order)
    operands[scattered] = operands[scattered].mT.contiguous().mT
    assert torch.equal(triton_scan.selective_scan(*operands, *order), before)


@pytest.mark.gpu
@pytest.mark.usefixtures("poisoned_memory")
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("offset", [0.4, 3.0, 30.0])
@pytest.mark.parametrize("frames", [1, 27, 243])
def test_the_structure_convolution_agrees_with_double_precision(
    frames: int, offset: float, dtype: torch.dtype
) -> None:
    from pose3d_cli.lifting.structure_conv import triton_conv

    operands = conv_case(frames, joints=17, channels=128, offset=offset, dtype=dtype, device="cuda")
    off = compared(triton_conv.structure_conv, conv_reference.structure_conv, operands)
    assert max(off.values()) < max(TOLERANCE[dtype], 1e-4), off


@pytest.mark.gpu
@pytest.mark.usefixtures("poisoned_memory")
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("channels", [128, 256])
def test_the_time_steps_agree_with_double_precision(channels: int, dtype: torch.dtype) -> None:
    from pose3d_cli.lifting.scan import triton_step

    operands = step_case(length=4131, channels=channels, dtype=dtype, device="cuda")
    off = compared(triton_step.time_step, scan_reference.time_step, operands)
    assert max(off.values()) < TOLERANCE[dtype], off


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
