"""Loops compiled by numba, kept between runs where there is a place to keep them.

numba writes what it compiles beside the source or into the user's cache. An install that is
read-only, for a user without a home, has neither: then every process compiles for itself.
"""

import functools
import logging
from collections.abc import Callable
from types import FunctionType
from typing import Any, cast

logger = logging.getLogger(__name__)

_BROKEN = (ImportError, OSError, AttributeError, RuntimeError, SystemError)
"""What importing a numba raises whose NumPy, or whose LLVM, is not the one that it was built for."""


def jit(*, parallel: bool = False) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator that compiles a loop without the interpreter's lock.

    With ``parallel`` it is compiled twice, and a thread that may have no helpers runs the plain one:
    numba's own pool, the only one on some machines, ends the process if two threads ask for it.
    https://numba.readthedocs.io/en/stable/user/threading-layer.html
    """
    import numba

    def compiled(loop: Callable[..., Any]) -> Callable[..., Any]:
        if not parallel:
            return _kept(loop, parallel=False)
        together, alone = _kept(loop, parallel=True), _kept(_twin(loop), parallel=False)

        @functools.wraps(loop)
        def fitting(*operands: Any) -> Any:
            return (alone if numba.get_num_threads() == 1 else together)(*operands)

        return fitting

    return compiled


def _kept(loop: Callable[..., Any], *, parallel: bool) -> Callable[..., Any]:
    import numba

    how: dict[str, Any] = {
        "fastmath": True,
        "nogil": True,
        "error_model": "numpy",
        "parallel": parallel,
    }
    try:
        kept: Callable[..., Any] = numba.njit(cache=True, **how)(loop)
    except RuntimeError as error:  # no place for a cache
        logger.info("%s is compiled anew in every process: %s", loop.__name__, error)
        kept = numba.njit(**how)(loop)
    return kept


def _twin(loop: Callable[..., Any]) -> Callable[..., Any]:
    """Return the same loop under another name, by which numba's cache tells them apart."""
    function = cast("FunctionType", loop)
    twin = FunctionType(function.__code__, function.__globals__, function.__name__)
    twin.__qualname__ = f"{function.__qualname__}_alone"
    return twin


@functools.cache
def has_numba() -> bool:
    """Return whether numba can be used; warn once if it is there and cannot."""
    try:
        import numba  # noqa: F401 - whether it can be imported is the question
    except ModuleNotFoundError as error:
        if error.name != "numba":
            logger.warning("numba is broken, loops run slower: %s", error)
        return False
    except _BROKEN as error:
        logger.warning("numba is broken, loops run slower: %s", error)
        return False
    return True
