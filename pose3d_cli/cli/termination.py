"""SIGTERM, which `timeout` and job schedulers send: as tidy an end as that of Ctrl-C."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

EXIT_CODE = 128 + signal.SIGTERM
"""As shells tell it."""


class Terminated(KeyboardInterrupt):
    """SIGTERM came; on its way up, whoever has begun a file takes it away."""


@contextmanager
def tidily_terminated() -> Iterator[None]:
    """Raise `Terminated` in the block if SIGTERM comes, where nobody else has a use for it."""
    main_thread = threading.current_thread() is threading.main_thread()
    if not main_thread or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, _raise)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _raise(_: int, __: FrameType | None) -> NoReturn:
    raise Terminated
