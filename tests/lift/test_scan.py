"""One contract for every implementation of the selective scan: ``scan/reference.py`` is the law."""

import functools
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numba
import pytest
import torch
from torch import Tensor

from pose3d_cli.lift import scan
from pose3d_cli.lift.blocks import scan_order
from pose3d_cli.lift.scan import cpu, reference, torch_scan

Scan = Callable[..., Tensor]

COMPILED: Scan = cpu.selective_scan
HOISTED: Scan = torch_scan.selective_scan

CONTRACT = [
    pytest.param(HOISTED, torch.float64, id="hoisted-float64"),
    pytest.param(HOISTED, torch.float32, id="hoisted-float32"),
    pytest.param(COMPILED, torch.float32, id="compiled-float32"),
]
EVERYONE = [pytest.param(reference.selective_scan, torch.float64, id="reference"), *CONTRACT]

TOLERANCE = {torch.float64: 1e-12, torch.float32: 3e-6}
"""Of the largest entry of an output or a gradient; they are sums over all tokens."""

DIRECTIONS, INPUTS, CHANNELS, STATES = 4, 2, 11, 5
OPERANDS = ("x", "delta", "a", "b", "c", "d")


class Case(NamedTuple):
    """What goes into a scan, and how much each number that comes out weighs in the loss."""

    operands: tuple[Tensor, ...]
    order: Tensor
    loss_weights: Tensor


def make_case(length: int, *, batch: int = 1, channels: int = CHANNELS) -> Case:
    make = torch.Generator().manual_seed(length + batch)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, dtype=torch.float64, generator=make)

    operands = (
        normal(batch, INPUTS, length, channels),
        0.3 * normal(batch, DIRECTIONS, length, channels).exp(),
        -normal(DIRECTIONS, channels, STATES).exp(),
        normal(batch, DIRECTIONS, length, STATES),
        normal(batch, DIRECTIONS, length, STATES),
        normal(DIRECTIONS, channels),
    )
    order = torch.stack([torch.randperm(length, generator=make) for _ in range(DIRECTIONS)])
    # Numbers that float32 holds exactly, so that every implementation gets the same ones.
    rounded = tuple(t.float().double() for t in operands)
    return Case(rounded, order, normal(batch, length, channels).float().double())


def run(implementation: Scan, case: Case, dtype: torch.dtype) -> dict[str, Tensor]:
    """Return the output and the gradient of every operand."""
    operands = [t.to(dtype, copy=True).requires_grad_() for t in case.operands]
    y = implementation(*operands, case.order)
    gradients = torch.autograd.grad((y * case.loss_weights.to(dtype)).sum(), operands)
    return {"y": y.detach(), **dict(zip(OPERANDS, gradients, strict=True))}


@functools.cache
def law(length: int, batch: int) -> dict[str, Tensor]:
    return run(reference.selective_scan, make_case(length, batch=batch), torch.float64)


def assert_same(actual: dict[str, Tensor], expected: dict[str, Tensor], *, within: float) -> None:
    for name, value in expected.items():
        off, largest = (actual[name] - value).abs().max(), value.abs().max()
        assert off <= within * largest, f"{name} is off by {off:.1e} where {largest:.1e} is largest"


@pytest.fixture
def numba_threads() -> Iterator[Callable[[int], None]]:
    before = numba.get_num_threads()
    yield numba.set_num_threads
    numba.set_num_threads(before)


@pytest.mark.usefixtures("poisoned_memory")
@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("length", [1, 2, 17])
@pytest.mark.parametrize(("implementation", "dtype"), CONTRACT)
def test_values_and_gradients_are_those_of_the_reference(
    implementation: Scan, dtype: torch.dtype, length: int, batch: int
) -> None:
    actual = run(implementation, make_case(length, batch=batch), dtype)
    assert_same(actual, law(length, batch), within=TOLERANCE[dtype])


@pytest.mark.usefixtures("poisoned_memory")
@pytest.mark.parametrize(("implementation", "dtype"), CONTRACT)
def test_a_clip_of_27_frames_agrees_with_the_reference(
    implementation: Scan, dtype: torch.dtype
) -> None:
    actual = run(implementation, make_case(27 * 17, batch=1), dtype)
    assert_same(actual, law(27 * 17, 1), within=TOLERANCE[dtype])


@pytest.mark.slow
@pytest.mark.parametrize("length", [243 * 17, 243 * 17 + 1])
def test_the_longest_clip_agrees_with_double_precision(length: int) -> None:
    case = make_case(length, batch=2)
    expected = run(HOISTED, case, torch.float64)
    for implementation in (HOISTED, COMPILED):
        assert_same(run(implementation, case, torch.float32), expected, within=1e-5)


@pytest.mark.parametrize("channels", [1, 8, 16, 33])
def test_any_number_of_channels_fits_the_vector_unit(channels: int) -> None:
    case = make_case(20, channels=channels)
    expected = run(HOISTED, case, torch.float64)
    actual = run(COMPILED, case, torch.float32)
    assert_same(actual, expected, within=TOLERANCE[torch.float32])


@pytest.mark.parametrize(("implementation", "dtype"), CONTRACT)
def test_strides_in_memory_do_not_matter(implementation: Scan, dtype: torch.dtype) -> None:
    case = make_case(17, batch=3)
    scattered = tuple(t.mT.contiguous().mT for t in case.operands)
    strided = Case(scattered, case.order.T.contiguous().T, case.loss_weights.mT.contiguous().mT)
    assert not any(t.is_contiguous() for t in scattered)
    assert_same(run(implementation, strided, dtype), run(implementation, case, dtype), within=0)


@pytest.mark.parametrize(("implementation", "dtype"), EVERYONE)
def test_without_decay_a_scan_is_a_running_sum(implementation: Scan, dtype: torch.dtype) -> None:
    ones = torch.ones(1, 2, 3, 1, dtype=dtype)
    y = implementation(
        torch.tensor([1.0, 2.0, 3.0], dtype=dtype).view(1, 1, 3, 1),
        ones,
        torch.zeros(2, 1, 1, dtype=dtype),
        ones,
        ones,
        torch.tensor([[0.0], [10.0]], dtype=dtype),
        torch.tensor([[0, 1, 2], [2, 1, 0]]),
    )
    # There 1, 1 + 2, 1 + 2 + 3, back again 3, 3 + 2, 3 + 2 + 1, and 10·x straight through.
    assert y.flatten().tolist() == pytest.approx([1 + 6 + 10, 3 + 5 + 20, 6 + 3 + 30])


@pytest.mark.parametrize(("implementation", "dtype"), EVERYONE)
def test_infinitely_fast_decay_leaves_no_memory(implementation: Scan, dtype: torch.dtype) -> None:
    x, delta, a, b, c, d = (t.to(dtype) for t in make_case(17).operands)
    y = implementation(x, delta, a - 1e6, b, c, d, make_case(17).order)
    both = torch.cat([x, x], dim=1)
    now = (delta * both * (b * c).sum(-1, keepdim=True) + d[:, None] * both).sum(1)
    torch.testing.assert_close(y, now)


@pytest.mark.parametrize(("implementation", "dtype"), EVERYONE)
def test_later_tokens_do_not_change_earlier_outputs(
    implementation: Scan, dtype: torch.dtype
) -> None:
    case = make_case(40)
    x, delta, a, b, c, d = (t.to(dtype) for t in case.operands)
    first, later = case.order[0, :25], case.order[0, 25:]

    def scan_one_way() -> Tensor:
        return implementation(x, delta[:, :1], a[:1], b[:, :1], c[:, :1], d[:1], case.order[:1])

    before = scan_one_way()
    for changed in (x, delta, b, c):
        changed[:, :, later] *= 2
    after = scan_one_way()
    torch.testing.assert_close(after[:, first], before[:, first], rtol=0, atol=0)
    assert (after[:, later] != before[:, later]).all()


def test_the_hoisted_gradient_is_the_slope(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch_scan, "CHUNK", 2)
    case = make_case(3, channels=2)
    operands = [t.clone().requires_grad_() for t in case.operands]
    assert torch.autograd.gradcheck(lambda *tensors: HOISTED(*tensors, case.order), operands)


def test_the_compiled_gradient_refuses_to_be_differentiated_again() -> None:
    case = make_case(2)
    operands = [t.float().requires_grad_() for t in case.operands]
    y = COMPILED(*operands, case.order)
    slope, *_ = torch.autograd.grad(y.square().sum(), operands, create_graph=True)
    with pytest.raises(RuntimeError, match="once_differentiable"):
        slope.sum().backward()  # type: ignore[no-untyped-call]  # torch has no types for it


@pytest.mark.skipif(numba.get_num_threads() < 2, reason="one core")
def test_the_number_of_threads_does_not_matter(numba_threads: Callable[[int], None]) -> None:
    case = make_case(17, batch=3)
    numba_threads(1)
    alone = run(COMPILED, case, torch.float32)
    numba_threads(2)
    assert_same(run(COMPILED, case, torch.float32), alone, within=0)


def test_outputs_are_the_same_when_nobody_wants_gradients() -> None:
    case = make_case(17)
    y = COMPILED(*(t.float() for t in case.operands), case.order)
    asked = run(COMPILED, case, torch.float32)
    assert_same({"y": y}, {"y": asked["y"]}, within=0)


def test_the_compiled_scan_is_taken_for_float32_on_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    case = make_case(17)
    compiled = run(COMPILED, case, torch.float32)
    hoisted = run(HOISTED, case, torch.float32)
    assert (compiled["y"] != hoisted["y"]).any()
    assert_same(run(scan.selective_scan, case, torch.float32), compiled, within=0)
    monkeypatch.setattr(scan, "has_numba", lambda _: False)
    assert_same(run(scan.selective_scan, case, torch.float32), hoisted, within=0)


def test_double_precision_stays_double() -> None:
    actual = run(scan.selective_scan, make_case(17), torch.float64)
    assert_same(actual, law(17, 1), within=TOLERANCE[torch.float64])


def test_the_four_orders_of_two_frames_and_three_joints() -> None:
    assert scan_order(2, 3, device=torch.device("cpu")).tolist() == [
        [0, 1, 2, 3, 4, 5],
        [0, 3, 1, 4, 2, 5],
        [5, 4, 3, 2, 1, 0],
        [5, 2, 4, 1, 3, 0],
    ]
