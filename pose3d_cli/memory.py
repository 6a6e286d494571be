"""Give memory that is free again back to the system."""

import ctypes
import sys


def give_back() -> None:
    """Return freed memory to the system, where the C library keeps it; takes milliseconds.

    glibc's heaps keep what was freed between blocks that are still in use: after people were found,
    and again after they were lifted, 100 MB and more that nobody used before the end.
    https://man7.org/linux/man-pages/man3/malloc_trim.3.html
    """
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # musl has none
        if trim is not None:
            trim(0)
