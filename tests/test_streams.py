"""Streams on threads: the same items in the same order, and nothing left running."""

import threading
from collections.abc import Iterator

import pytest

from pose3d_cli.streams import ahead, mapped

SOON_S = 10.0


class Counted:
    """Numbers from 0, which remembers how many were taken and whether it was closed."""

    def __init__(self, count: int) -> None:
        self.taken = 0
        self.closed = False
        self.items = self._numbers(count)

    def _numbers(self, count: int) -> Iterator[int]:
        try:
            for number in range(count):
                self.taken += 1
                yield number
        finally:
            self.closed = True


def failing(count: int, error: BaseException) -> Iterator[int]:
    yield from range(count)
    raise error


@pytest.mark.parametrize("count", [0, 1, 3, 100])
@pytest.mark.parametrize("buffer", [1, 4])
def test_nothing_is_changed_by_going_ahead(count: int, buffer: int) -> None:
    assert list(ahead(range(count), buffer=buffer)) == list(range(count))


@pytest.mark.parametrize("count", [0, 1, 3, 100])
@pytest.mark.parametrize("workers", [1, 2, 5])
def test_products_come_in_the_order_of_their_items(count: int, workers: int) -> None:
    assert list(mapped(str, range(count), workers=workers)) == [str(n) for n in range(count)]


def test_a_slow_item_does_not_let_later_ones_overtake() -> None:
    others_done = threading.Event()

    def waiting(number: int) -> int:
        if number == 0:
            assert others_done.wait(SOON_S)
        if number == 2:
            others_done.set()
        return number

    assert list(mapped(waiting, range(3), workers=2)) == [0, 1, 2]


def test_the_items_are_made_while_the_one_before_is_used() -> None:
    made = threading.Event()

    def two() -> Iterator[int]:
        yield 0
        made.set()
        yield 1

    stream = ahead(two())
    assert next(stream) == 0
    assert made.wait(SOON_S)
    stream.close()


def test_no_more_than_the_buffer_is_made_in_advance() -> None:
    source = Counted(100)
    stream = ahead(source.items, buffer=3)

    for used in range(1, 20):
        next(stream)
        assert source.taken <= used + 3
    stream.close()


def test_at_most_twice_as_many_items_as_workers_are_taken_in_advance() -> None:
    source = Counted(100)
    stream = mapped(str, source.items, workers=2)

    for used in range(1, 20):
        next(stream)
        assert source.taken <= used + 4
    stream.close()


@pytest.mark.parametrize("error", [ValueError("no"), KeyboardInterrupt()])
def test_an_error_comes_after_all_items_before_it(error: BaseException) -> None:
    stream = ahead(failing(5, error))

    assert [next(stream) for _ in range(5)] == [0, 1, 2, 3, 4]
    with pytest.raises(type(error)):
        next(stream)


def test_an_error_in_a_worker_comes_where_its_product_would() -> None:
    stream = mapped(lambda number: 1 / (number - 3), range(10), workers=3)

    assert [next(stream) for _ in range(3)] == [-1 / 3, -1 / 2, -1]
    with pytest.raises(ZeroDivisionError):
        next(stream)


@pytest.mark.parametrize("taken", [0, 1, 5])
def test_closing_ends_the_threads_and_closes_the_source(taken: int) -> None:
    before = threading.active_count()
    source = Counted(100)
    stream = ahead(ahead(source.items))
    for _ in range(taken):
        next(stream)

    stream.close()

    assert threading.active_count() == before
    assert source.closed == (taken > 0)


def test_after_an_error_no_thread_is_left() -> None:
    before = threading.active_count()
    source = Counted(100)

    with pytest.raises(ZeroDivisionError):
        list(ahead(mapped(lambda number: 1 / (number - 3), ahead(source.items), workers=2)))

    assert threading.active_count() == before
