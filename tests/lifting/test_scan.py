"""One contract for every implementation of the selective scan: ``scan/reference.py`` is the law."""

import functools
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numba
import pytest
import torch
from torch import Tensor

from pose3d_cli.lifting import scan
from pose3d_cli.lifting.blocks import scan_order
from pose3d_cli.lifting.scan import cpu, reference, torch_scan

Scan = Callable[..., Tensor]

REFERENCE: Scan = reference.selective_scan
COMPILED: Scan = cpu.selective_scan
HOISTED: Scan = torch_scan.selective_scan


class Contender(NamedTuple):
    """An implementation, and what it is given; a further one is one more row of ``CONTRACT``."""

    scan: Scan
    dtype: torch.dtype
    device: str = "cpu"


CONTRACT = [
    pytest.param(Contender(HOISTED, torch.float64), id="hoisted-float64"),
    pytest.param(Contender(HOISTED, torch.float32), id="hoisted-float32"),
    pytest.param(Contender(COMPILED, torch.float32), id="compiled-float32"),
    pytest.param(
        Contender(HOISTED, torch.float64, "cuda"), id="hoisted-float64-gpu", marks=pytest.mark.gpu
    ),
    pytest.param(
        Contender(HOISTED, torch.float32, "cuda"), id="hoisted-float32-gpu", marks=pytest.mark.gpu
    ),
]
EVERYONE = [
    pytest.param(Contender(REFERENCE, torch.float64), id="reference"),
    *CONTRACT,
]

LONG = [Contender(HOISTED, torch.float32), Contender(COMPILED, torch.float32)]
"""What is tried on the longest clips, too."""

TOLERANCE = {
    # of a clip of up to 27 frames, of 243 frames
    torch.float64: (1e-12, 1e-11),
    torch.float32: (3e-6, 1e-5),
    torch.bfloat16: (2e-2, 2e-2),
}
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
    # Numbers that bfloat16 holds exactly, so that every implementation gets the same ones.
    rounded = tuple(t.bfloat16().double() for t in operands)
    return Case(rounded, order, normal(batch, length, channels).bfloat16().double())


def run(contender: Contender, case: Case) -> dict[str, Tensor]:
    """Return the output and the gradient of every operand."""
    _, dtype, device = contender
    operands = [t.to(device, dtype, copy=True).requires_grad_() for t in case.operands]
    y = contender.scan(*operands, case.order.to(device))
    weights = case.loss_weights.to(device, dtype)
    gradients = torch.autograd.grad((y * weights).sum(), operands)
    results = zip(("y", *OPERANDS), (y.detach(), *gradients), strict=True)
    return {name: result.cpu() for name, result in results}


def scanned(contender: Contender, operands: tuple[Tensor, ...], order: Tensor) -> Tensor:
    """Return the output alone."""
    given = (t.to(contender.device, contender.dtype) for t in operands)
    return contender.scan(*given, order.to(contender.device)).cpu()


@functools.cache
def law(length: int, batch: int) -> dict[str, Tensor]:
    case = make_case(length, batch=batch)
    return run(Contender(REFERENCE, torch.float64), case)


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
@pytest.mark.parametrize("contender", CONTRACT)
def test_values_and_gradients_are_those_of_the_reference(
    contender: Contender, length: int, batch: int
) -> None:
    actual = run(contender, make_case(length, batch=batch))
    assert_same(actual, law(length, batch), within=TOLERANCE[contender.dtype][0])


@pytest.mark.usefixtures("poisoned_memory")
@pytest.mark.parametrize("contender", CONTRACT)
def test_a_clip_of_27_frames_agrees_with_the_reference(contender: Contender) -> None:
    actual = run(contender, make_case(27 * 17))
    assert_same(actual, law(27 * 17, 1), within=TOLERANCE[contender.dtype][0])


@pytest.mark.slow
@pytest.mark.parametrize("length", [243 * 17, 243 * 17 + 1])
def test_the_longest_clips_agree_with_double_precision(length: int) -> None:
    case = make_case(length)
    expected = run(Contender(HOISTED, torch.float64), case)
    for contender in LONG:
        assert_same(run(contender, case), expected, within=TOLERANCE[contender.dtype][1])


@pytest.mark.slow
@torch.no_grad()
def test_double_precision_of_the_longest_clip_is_that_of_the_reference() -> None:
    operands, order, _ = make_case(243 * 17 + 1, channels=2)
    expected = REFERENCE(*operands, order)
    assert_same({"y": HOISTED(*operands, order)}, {"y": expected}, within=1e-11)


@pytest.mark.parametrize("channels", [1, 8, 16, 33])
def test_any_number_of_channels_fits_the_vector_unit(channels: int) -> None:
    case = make_case(20, channels=channels)
    expected = run(Contender(HOISTED, torch.float64), case)
    actual = run(Contender(COMPILED, torch.float32), case)
    assert_same(actual, expected, within=TOLERANCE[torch.float32][0])


@pytest.mark.parametrize("contender", CONTRACT)
def test_strides_in_memory_do_not_matter(contender: Contender) -> None:
    case = make_case(17, batch=3)
    scattered = tuple(t.mT.contiguous().mT for t in case.operands)
    strided = Case(scattered, case.order.T.contiguous().T, case.loss_weights.mT.contiguous().mT)
    assert not any(t.is_contiguous() for t in scattered)
    assert_same(run(contender, strided), run(contender, case), within=0)


@pytest.mark.parametrize("contender", EVERYONE)
def test_without_decay_a_scan_is_a_running_sum(contender: Contender) -> None:
    ones = torch.ones(1, 2, 3, 1)
    operands = (
        torch.tensor([1.0, 2.0, 3.0]).view(1, 1, 3, 1),
        ones,
        torch.zeros(2, 1, 1),
        ones,
        ones,
        torch.tensor([[0.0], [10.0]]),
    )
    y = scanned(contender, operands, torch.tensor([[0, 1, 2], [2, 1, 0]]))
    # There 1, 1 + 2, 1 + 2 + 3, back again 3, 3 + 2, 3 + 2 + 1, and 10·x straight through.
    assert y.flatten().tolist() == pytest.approx([1 + 6 + 10, 3 + 5 + 20, 6 + 3 + 30])


@pytest.mark.parametrize("contender", EVERYONE)
def test_infinitely_fast_decay_leaves_no_memory(contender: Contender) -> None:
    x, delta, a, b, c, d = make_case(17).operands
    y = scanned(contender, (x, delta, a - 1e6, b, c, d), make_case(17).order)
    both = torch.cat([x, x], dim=1)
    now = (delta * both * (b * c).sum(-1, keepdim=True) + d[:, None] * both).sum(1)
    assert_same({"y": y}, {"y": now}, within=TOLERANCE[contender.dtype][0])


@pytest.mark.parametrize("contender", EVERYONE)
def test_later_tokens_do_not_change_earlier_outputs(contender: Contender) -> None:
    case = make_case(40)
    x, delta, a, b, c, d = (t.clone() for t in case.operands)
    first, later = case.order[0, :25], case.order[0, 25:]

    def scan_one_way() -> Tensor:
        one_way = (x, delta[:, :1], a[:1], b[:, :1], c[:, :1], d[:1])
        return scanned(contender, one_way, case.order[:1])

    before = scan_one_way()
    for changed in (x, delta, b, c):
        changed[:, :, later] *= 2
    after = scan_one_way()
    torch.testing.assert_close(after[:, first], before[:, first], rtol=0, atol=0)
    assert (after[:, later] != before[:, later]).all()


@pytest.mark.parametrize("implementation", [REFERENCE, HOISTED], ids=["reference", "hoisted"])
def test_gradients_are_slopes(implementation: Scan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch_scan, "CHUNK", 2)
    case = make_case(3, channels=2)
    operands = [t.clone().requires_grad_() for t in case.operands]
    assert torch.autograd.gradcheck(lambda *tensors: implementation(*tensors, case.order), operands)


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
    alone = run(Contender(COMPILED, torch.float32), case)
    numba_threads(2)
    assert_same(run(Contender(COMPILED, torch.float32), case), alone, within=0)


def test_outputs_are_the_same_when_nobody_wants_gradients() -> None:
    case = make_case(17)
    y = COMPILED(*(t.float() for t in case.operands), case.order)
    asked = run(Contender(COMPILED, torch.float32), case)
    assert_same({"y": y}, {"y": asked["y"]}, within=0)


def test_the_compiled_scan_is_taken_for_float32_on_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    case = make_case(17)
    compiled = run(Contender(COMPILED, torch.float32), case)
    hoisted = run(Contender(HOISTED, torch.float32), case)
    assert (compiled["y"] != hoisted["y"]).any()
    assert_same(run(Contender(scan.selective_scan, torch.float32), case), compiled, within=0)
    monkeypatch.setattr(scan, "has_numba", lambda _: False)
    assert_same(run(Contender(scan.selective_scan, torch.float32), case), hoisted, within=0)


def test_double_precision_stays_double() -> None:
    actual = run(Contender(scan.selective_scan, torch.float64), make_case(17))
    assert_same(actual, law(17, 1), within=TOLERANCE[torch.float64][0])


def test_the_four_orders_of_two_frames_and_three_joints() -> None:
    assert scan_order(2, 3, device=torch.device("cpu")).tolist() == [
        [0, 1, 2, 3, 4, 5],
        [0, 3, 1, 4, 2, 5],
        [5, 4, 3, 2, 1, 0],
        [5, 2, 4, 1, 3, 0],
    ]
