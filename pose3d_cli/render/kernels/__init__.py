"""Loops over pixels, compiled by numba: they run without the interpreter's lock, on any thread."""

from collections.abc import Callable
from typing import Any

import numba

jit: Callable[..., Any] = numba.njit(fastmath=True, cache=True, nogil=True, error_model="numpy")
