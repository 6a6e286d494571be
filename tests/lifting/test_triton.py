"""The GPU kernels against the law; here in Triton's interpreter, on a GPU for real."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import torch
from torch import Tensor

from pose3d_cli.lifting.scan import reference as scan_reference
from pose3d_cli.lifting.scan import torch_scan
from pose3d_cli.lifting.structure_conv import reference as conv_reference

TOLERANCE = {torch.float32: 1e-5, torch.bfloat16: 1e-2}
"""Root mean square of what is off, of that of the value; bfloat16 keeps 8 bits."""

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


@pytest.mark.slow
def test_the_kernels_agree_with_the_law_in_tritons_interpreter(
    in_tritons_interpreter: Callable[[Path, str], None],
) -> None:
    in_tritons_interpreter(
        Path(__file__),
        """
        worst = max(contract.everything_off(torch.float32, "cpu").values())
        assert worst < contract.TOLERANCE[torch.float32], worst
        """,
    )


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
