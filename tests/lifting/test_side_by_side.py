from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import current_thread

import numba
import pytest
import torch

from pose3d_cli.lifting.side_by_side import MOST, one_a_core


@pytest.fixture(autouse=True)
def two_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def helpers(_: int) -> tuple[int, int]:
    return torch.get_num_threads(), numba.get_num_threads()


def test_products_come_in_order() -> None:
    assert list(one_a_core(str, range(50))) == [str(item) for item in range(50)]


def test_each_works_without_helpers() -> None:
    assert set(one_a_core(helpers, range(8))) == {(1, 1)}


def test_a_single_piece_has_all_cores_and_needs_no_thread() -> None:
    (where,) = one_a_core(lambda _: (current_thread().name, torch.get_num_threads()), [0])

    assert where == (current_thread().name, 2)


def test_whoever_works_afterwards_has_their_helpers_back() -> None:
    list(one_a_core(str, range(3)))

    with ThreadPoolExecutor(1) as fresh:
        assert fresh.submit(torch.get_num_threads).result() == 2
    assert torch.get_num_threads() == 2


def test_many_cores_do_not_take_memory_for_as_many_pieces() -> None:
    torch.set_num_threads(4 * MOST)

    assert len(set(one_a_core(lambda _: current_thread().name, range(200)))) <= MOST
