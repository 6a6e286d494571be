"""Take values out of a parsed JSON document; every complaint names the key."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn, TypeVar

import numpy as np
from jaxtyping import Bool, Float64, Int, Shaped

from pose3d_cli.errors import InputError

T = TypeVar("T")

_NAMES = {
    dict: "an object",
    list: "a list",
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
}
_KINDS = {int: "i", float: "if", bool: "b"}
"""What NumPy may make of a table of such values."""


@dataclass(frozen=True, slots=True)
class Fields:
    """A JSON object, the file that it is from, and where it stands in there."""

    values: dict[str, object]
    file: Path
    where: str = ""
    """``"source.fps."``: put before a key to name it."""

    def __contains__(self, key: str) -> bool:
        """Tell whether there is anything at ``key``."""
        return key in self.values

    def object(self, key: str) -> "Fields":
        """Return the object at ``key``."""
        return Fields(self._get(key, dict), self.file, f"{self.where}{key}.")

    def objects(self, key: str) -> "tuple[Fields, ...]":
        """Return the objects listed at ``key``."""
        entries = self._get(key, list)
        if not all(isinstance(entry, dict) for entry in entries):
            self.reject(key, "is not a list of objects")
        return tuple(
            Fields(entry, self.file, f"{self.where}{key}[{place}].")
            for place, entry in enumerate(entries)
        )

    def text(self, key: str) -> str:
        """Return the text at ``key``."""
        return self._get(key, str)

    def texts(self, key: str) -> tuple[str, ...]:
        """Return the texts listed at ``key``."""
        entries = self._get(key, list)
        if not all(isinstance(entry, str) for entry in entries):
            self.reject(key, "is not a list of texts")
        return tuple(entries)

    def flag(self, key: str) -> bool:
        """Return the true or false at ``key``."""
        return self._get(key, bool)

    def whole(self, key: str, *, minimum: int = 0) -> int:
        """Return the whole number at ``key``."""
        value = self._get(key, int)
        if value < minimum:
            self.reject(key, f"is {value}, expected {minimum} or more")
        return value

    def positive(self, key: str) -> float:
        """Return the number above 0 at ``key``."""
        value = float(self.numbers(key, shape=()))
        if value <= 0:
            self.reject(key, f"is {value:g}, expected more than 0")
        return value

    def indices(
        self, key: str, *, shape: Sequence[int | None], within: range
    ) -> Int[np.ndarray, "..."]:
        """Return whole numbers within a range."""
        table = self._table(key, int, shape)
        if np.any((table < within.start) | (table >= within.stop)):
            self.reject(key, f"has numbers outside {within.start} to {within.stop - 1}")
        return table

    def numbers(self, key: str, *, shape: Sequence[int | None]) -> Float64[np.ndarray, "..."]:
        """Return finite numbers; ``None`` in the shape stands for any length."""
        table = self._table(key, float, shape).astype(np.float64)
        if not np.all(np.isfinite(table)):
            self.reject(key, "holds a number that is not finite")
        return table

    def flags(self, key: str, *, shape: Sequence[int | None]) -> Bool[np.ndarray, "..."]:
        """Return a table of true and false."""
        return self._table(key, bool, shape)

    def reject(self, key: str, problem: str) -> NoReturn:
        """Say what is wrong with ``key``.

        Raises:
            InputError: always.
        """
        raise InputError(
            f"{self.file}: {self.where}{key} {problem}",
            hint="The file is damaged, or was not written by pose3d; make it again.",
        )

    def _get(self, key: str, kind: type[T]) -> T:
        if key not in self.values:
            self.reject(key, "is missing")
        value = self.values[key]
        # bool is an int to isinstance
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            self.reject(key, f"is not {_NAMES[kind]}")
        return value

    def _table(
        self, key: str, kind: type, shape: Sequence[int | None]
    ) -> Shaped[np.ndarray, "..."]:
        values = self._get(key, list if shape else object)
        if not values and shape and shape[0] is None:
            return np.zeros([length or 0 for length in shape], kind)
        expected = " × ".join("n" if length is None else str(length) for length in shape) or "one"
        try:
            table = np.array(values)
        except ValueError:
            self.reject(key, f"has rows of different lengths, expected {expected}")
        if table.dtype.kind not in _KINDS[kind]:
            self.reject(key, f"holds something that is not {_NAMES[kind]}")
        fits = len(shape) == table.ndim and all(
            length in (None, found) for length, found in zip(shape, table.shape, strict=True)
        )
        if not fits:
            found = " × ".join(map(str, table.shape)) or "one"
            self.reject(key, f"has {found} values, expected {expected}")
        return table
