"""One contract for both implementations of the deformable convolution."""

from collections.abc import Callable
from typing import NamedTuple

import pytest
import torch
from torch import Tensor

from pose3d_cli.lifting import structure_conv as package
from pose3d_cli.lifting.structure_conv import cpu, reference

Conv = Callable[..., Tensor]

CONTRACT = [
    pytest.param(reference.structure_conv, torch.float64, id="reference-float64"),
    pytest.param(reference.structure_conv, torch.float32, id="reference-float32"),
    pytest.param(cpu.structure_conv, torch.float32, id="compiled-float32"),
]
TOLERANCE = {torch.float64: 1e-12, torch.float32: 3e-6}
"""Of the largest entry of an output or a gradient."""

OPERANDS = ("x", "offsets", "weight", "bias")


class Case(NamedTuple):
    """What goes into the convolution, and how much each output weighs in the loss."""

    operands: tuple[Tensor, ...]
    loss_weights: Tensor


def make_case(offset_scale: float, *, frames: int = 6, joints: int = 5, batch: int = 2) -> Case:
    make = torch.Generator().manual_seed(frames)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=make)

    operands = (
        normal(batch, frames, joints, 9),
        offset_scale * normal(batch, frames, joints, 18),
        normal(9, 9),
        normal(9),
    )
    return Case(operands, normal(batch, frames, joints, 9))


CASES = [
    pytest.param(make_case(0.4), id="fractions"),
    pytest.param(make_case(30.0), id="mostly-outside"),
    pytest.param(make_case(1e12), id="far-outside"),
    pytest.param(make_case(0.4, frames=1), id="one-frame"),
    pytest.param(make_case(0.4, frames=1, joints=1, batch=1), id="one-joint"),
]


def run(implementation: Conv, case: Case, dtype: torch.dtype) -> dict[str, Tensor]:
    """Return the output and the gradient of every operand."""
    operands = [t.to(dtype, copy=True).requires_grad_() for t in case.operands]
    y = implementation(*operands)
    gradients = torch.autograd.grad((y * case.loss_weights.to(dtype)).sum(), operands)
    return {"y": y.detach(), **dict(zip(OPERANDS, gradients, strict=True))}


def by_definition(x: Tensor, offsets: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """Dai et al. 2017, equations 2 to 4: sum over every grid point, nearly all with weight 0."""
    frames, joints = torch.arange(x.shape[1]), torch.arange(x.shape[2])
    y = bias
    for tap in range(9):
        row = frames[:, None] + (tap // 3 - 1) + offsets[..., 2 * tap]
        column = joints + (tap % 3 - 1) + offsets[..., 2 * tap + 1]
        near_row = (1 - (row[..., None] - frames).abs()).relu()
        near_column = (1 - (column[..., None] - joints).abs()).relu()
        sampled = torch.einsum("btvr,btvc,brce->btve", near_row, near_column, x)
        y = y + weight[:, tap] * sampled
    return y


def assert_same(actual: dict[str, Tensor], expected: dict[str, Tensor], *, within: float) -> None:
    for name, value in expected.items():
        off, largest = (actual[name] - value).abs().max(), value.abs().max()
        assert off <= within * largest, f"{name} is off by {off:.1e} where {largest:.1e} is largest"


@pytest.mark.usefixtures("poisoned_memory")
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize(("implementation", "dtype"), CONTRACT)
def test_values_and_gradients_are_those_of_the_definition(
    implementation: Conv, dtype: torch.dtype, case: Case
) -> None:
    # In one precision: the last digits of a place decide on which side of a grid point it is.
    expected = run(by_definition, case, dtype)
    assert_same(run(implementation, case, dtype), expected, within=TOLERANCE[dtype])


@pytest.mark.parametrize("offset", [0.0, 1.0])
@pytest.mark.parametrize(("implementation", "dtype"), CONTRACT)
def test_on_the_grid_the_slope_is_that_towards_the_next_grid_point(
    implementation: Conv, dtype: torch.dtype, offset: float
) -> None:
    case = make_case(0.0)
    x, offsets, weight, bias = (t.to(dtype) for t in case.operands)
    offsets = offsets + offset
    gradient = run(implementation, Case((x, offsets, weight, bias), case.loss_weights), dtype)
    here = implementation(x, offsets, weight, bias)
    for channel in range(18):
        further = offsets.clone()
        further[..., channel] += 0.5
        rise = implementation(x, further, weight, bias) - here
        slope = (rise * case.loss_weights).sum() / 0.5
        torch.testing.assert_close(
            gradient["offsets"][..., channel].sum(), slope, rtol=1e-4, atol=1e-4, check_dtype=False
        )


@pytest.mark.parametrize(("implementation", "dtype"), CONTRACT)
def test_without_offsets_it_is_an_ordinary_depthwise_convolution(
    implementation: Conv, dtype: torch.dtype
) -> None:
    x, offsets, weight, bias = (t.to(dtype) for t in make_case(0.0).operands)
    kernel = weight.view(-1, 1, 3, 3)
    plain = torch.nn.functional.conv2d(
        x.permute(0, 3, 1, 2), kernel, bias, padding=1, groups=len(kernel)
    )
    actual = implementation(x, offsets, weight, bias)
    torch.testing.assert_close(actual, plain.permute(0, 2, 3, 1))


@pytest.mark.parametrize(("implementation", "dtype"), CONTRACT)
@pytest.mark.parametrize(("frames_on", "joints_on"), [(1, 0), (-2, 0), (0, 1), (0, -3), (2, -1)])
def test_whole_offsets_shift_the_plane_first_along_frames_then_along_joints(
    implementation: Conv, dtype: torch.dtype, frames_on: int, joints_on: int
) -> None:
    x, offsets, _, bias = (t.to(dtype) for t in make_case(0.0).operands)
    centre_only = torch.zeros(9, 9, dtype=dtype)
    centre_only[:, 4] = 1
    offsets[..., 0::2], offsets[..., 1::2] = frames_on, joints_on
    moved = implementation(x, offsets, centre_only, torch.zeros_like(bias))
    frames, joints = x.shape[1:3]
    for t in range(frames):
        for v in range(joints):
            there = 0 <= t + frames_on < frames and 0 <= v + joints_on < joints
            expected = x[:, t + frames_on, v + joints_on] if there else torch.zeros_like(x[:, 0, 0])
            assert moved[:, t, v].equal(expected)


@pytest.mark.parametrize(("implementation", "dtype"), CONTRACT)
def test_half_offsets_read_halfway_between(implementation: Conv, dtype: torch.dtype) -> None:
    x = torch.arange(4, dtype=dtype).view(1, 4, 1, 1) ** 2
    offsets = torch.zeros(1, 4, 1, 18, dtype=dtype)
    offsets[..., 8] = 0.5
    centre_only = torch.zeros(1, 9, dtype=dtype)
    centre_only[:, 4] = 1
    y = implementation(x, offsets, centre_only, torch.zeros(1, dtype=dtype))
    # Beyond the last frame the plane is 0, and half of its value remains.
    assert y.flatten().tolist() == [0.5, 2.5, 6.5, 4.5]


@pytest.mark.parametrize(("implementation", "dtype"), CONTRACT)
def test_strides_in_memory_do_not_matter(implementation: Conv, dtype: torch.dtype) -> None:
    case = make_case(0.4)
    x, offsets, weight, bias = case.operands
    scattered = (x.mT.contiguous().mT, offsets.mT.contiguous().mT, weight.mT.contiguous().mT)
    strided = Case((*scattered, bias), case.loss_weights.mT.contiguous().mT)
    assert not any(t.is_contiguous() for t in scattered)
    torch.testing.assert_close(
        run(implementation, strided, dtype), run(implementation, case, dtype)
    )


def test_the_reference_gradient_is_the_slope() -> None:
    operands = [t.double().requires_grad_() for t in make_case(0.4, frames=2, joints=2).operands]
    assert torch.autograd.gradcheck(reference.structure_conv, operands, fast_mode=True)


def test_the_compiled_one_is_taken_for_float32_on_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    operands = make_case(0.4).operands
    compiled, plain = cpu.structure_conv(*operands), reference.structure_conv(*operands)
    assert not compiled.equal(plain)
    assert package.structure_conv(*operands).equal(compiled)
    monkeypatch.setattr(package, "has_numba", lambda _: False)
    assert package.structure_conv(*operands).equal(plain)


def test_double_precision_stays_double() -> None:
    operands = [t.double() for t in make_case(0.4).operands]
    assert package.structure_conv(*operands).equal(reference.structure_conv(*operands))
