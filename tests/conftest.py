"""What all tests share; `fixtures/` has what several files use."""

import logging
import signal
from collections.abc import Iterator

import pytest

pytest_plugins = [
    "fixtures.film",
    "fixtures.interpreter",
    "fixtures.station",
    "fixtures.walker",
]


@pytest.fixture(autouse=True)
def _no_log_level_of_another_test() -> Iterator[None]:
    """Every command sets up logging for its process; the next test has none of that."""
    yield
    logging.getLogger("pose3d_cli").setLevel(logging.NOTSET)


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Ctrl-C interrupts, also where whoever started the tests ignores it, as shells do in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
