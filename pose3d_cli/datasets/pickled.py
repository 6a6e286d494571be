"""Read the pickles in which the field shares its data, without running what is in them.

A pickle is a program. Data sets of poses need arrays, numbers, text, lists and dictionaries; a file
that asks for anything else is refused, and nothing of it has run.
"""

import io
import pickle
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from pose3d_cli.errors import InputError

_DAMAGED = (
    OSError, EOFError, ValueError, TypeError, KeyError, IndexError, AttributeError, MemoryError,
    pickle.UnpicklingError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip
"""What files raise that are cut off, changed, or something else altogether."""


def read_pickle(path: Path) -> Any:
    """Return what a pickle of arrays holds.

    Raises:
        InputError: no such file, damaged, or it asks for more than arrays and plain values.
    """
    try:
        with path.open("rb") as file:
            return _Restricted(file).load()
    except _DAMAGED as error:
        raise _unreadable(path, error) from error


def read_npz_object(path: Path, key: str) -> Any:
    """Return one entry of an ``.npz``; objects, which NumPy pickles, under the same restrictions.

    Raises:
        InputError: no such file or entry, damaged, or it asks for more than arrays.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if f"{key}.npy" not in archive.namelist():
                raise _unreadable(path, f"it has no entry '{key}'")
            with archive.open(f"{key}.npy") as file:
                return _read_npy(io.BytesIO(file.read()))
    except _DAMAGED as error:
        raise _unreadable(path, error) from error


def _read_npy(file: io.BytesIO) -> Any:
    version = np.lib.format.read_magic(file)
    header = (
        np.lib.format.read_array_header_1_0
        if version == (1, 0)
        else np.lib.format.read_array_header_2_0
    )
    shape, _, dtype = header(file)
    if not dtype.hasobject:
        file.seek(0)
        return np.load(file, allow_pickle=False)
    values = np.asarray(_Restricted(file).load(), dtype=object)
    return values.item() if shape == () else values


class _Restricted(pickle.Unpickler):
    """An unpickler that knows arrays."""

    def find_class(self, module: str, name: str) -> Any:
        """Return what a pickle calls by name, if it is on the list."""
        wanted = (module.replace("numpy.core", "numpy._core"), name)
        if wanted not in _KNOWN:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}, which no poses need")
        return _KNOWN[wanted]


def _latin1(text: str, encoding: str) -> bytes:
    """Stand in for ``_codecs.encode``, with which old pickles spell bytes."""
    if encoding != "latin1":
        raise pickle.UnpicklingError(f"it asks for the codec {encoding}, which no poses need")
    return text.encode(encoding)


def _rebuilder(value: Any, protocol: int) -> Callable[..., Any]:
    """Return the function by which NumPy's own pickles make such a value."""
    made: Callable[..., Any] = value.__reduce_ex__(protocol)[0]
    return made


_KNOWN: dict[tuple[str, str], Any] = {
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
    ("numpy._core.multiarray", "_reconstruct"): _rebuilder(np.zeros(1), 2),
    ("numpy._core.multiarray", "scalar"): _rebuilder(np.float64(0), 2),
    ("numpy._core.numeric", "_frombuffer"): _rebuilder(np.zeros(1), 5),
    ("_codecs", "encode"): _latin1,
}


def _unreadable(path: Path, why: object) -> InputError:
    return InputError(
        f"cannot read {path}: {why}", hint="See docs/datasets.md for the files that are read."
    )
