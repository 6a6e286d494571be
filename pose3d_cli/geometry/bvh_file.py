"""Read BVH files strictly: one that is damaged anywhere is refused, with the line."""

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import numpy as np
from jaxtyping import Float64

from pose3d_cli.errors import InputError

POSITIONS = ("Xposition", "Yposition", "Zposition")
ROTATIONS = ("Xrotation", "Yrotation", "Zrotation")


@dataclass(frozen=True, slots=True, eq=False)
class Bvh:
    """What a BVH file says, in its own units and channel orders."""

    names: tuple[str, ...]
    """An end site is called after its parent: ``HeadEnd``."""
    parents: tuple[int, ...]
    offsets: Float64[np.ndarray, "j 3"]
    channels: tuple[tuple[str, ...], ...]
    """Of each joint, in the order of the numbers in a row; none for an end site."""
    frame_time_s: float
    rows: Float64[np.ndarray, "f c"]


def read_bvh(path: Path) -> Bvh:
    """Return the content of a BVH file.

    Raises:
        InputError: the file is missing or is not a whole, well-formed BVH.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"cannot read {path}: {reason}") from error
    parser = _Parser(path, [line.split() for line in text.splitlines()])
    parser.hierarchy()
    count = parser.number_after("Frames:")
    frame_time_s = parser.number_after("Frame", "Time:")
    return Bvh(
        names=tuple(parser.names),
        parents=tuple(parser.parents),
        offsets=np.array(parser.offsets),
        channels=tuple(parser.channels),
        frame_time_s=frame_time_s,
        rows=parser.rows(count),
    )


@dataclass(slots=True)
class _Parser:
    path: Path
    lines: list[list[str]]
    """The words of each line."""
    read: int = 0
    names: list[str] = field(default_factory=list)
    parents: list[int] = field(default_factory=list)
    offsets: list[list[float]] = field(default_factory=list)
    channels: list[tuple[str, ...]] = field(default_factory=list)

    def hierarchy(self) -> None:
        """Read up to and including the line MOTION."""
        if self._next() != ["HIERARCHY"]:
            self._reject("expected HIERARCHY")
        self._joint(self._next(), parent=-1)
        if self._next() != ["MOTION"]:
            self._reject("expected MOTION")

    def number_after(self, *words: str) -> float:
        """Read a line that is these words and a number above 0."""
        *found, last = self._next() or [""]
        number = self._numbers([last])[0]
        if tuple(found) != words or number <= 0:
            self._reject(f"expected '{' '.join(words)}' and a number above 0")
        return number

    def rows(self, count: float) -> Float64[np.ndarray, "f c"]:
        """Read the rest: one row of channels per frame."""
        width = sum(len(names) for names in self.channels)
        rows: list[list[float]] = []
        while len(rows) < count:
            rows.append(self._numbers(self._next()))
            if len(rows[-1]) != width:
                self._reject(f"{len(rows[-1])} numbers for {width} channels")
        if len(rows) != count or any(self.lines[self.read :]):
            self._reject(f"Frames: {count:g} is not how many follow")
        return np.array(rows)

    def _joint(self, heading: list[str], *, parent: int) -> None:
        joint = len(self.names)
        match heading:
            case ["ROOT", name] if parent < 0:
                is_end = False
            case ["JOINT", name] if parent >= 0:
                is_end = False
            case ["End", "Site"] if parent >= 0:
                name, is_end = f"{self.names[parent]}End", True
            case _:
                self._reject("expected a joint")
        if name in self.names:
            self._reject(f"a second {name}")
        self.names.append(name)
        self.parents.append(parent)
        if self._next() != ["{"]:
            self._reject("expected {")
        self.offsets.append(self._offset())
        self.channels.append(() if is_end else self._channels())
        while (heading := self._next()) != ["}"]:
            self._joint(heading, parent=joint)

    def _offset(self) -> list[float]:
        words = self._next()
        if len(words) != 4 or words[0] != "OFFSET":
            self._reject("expected OFFSET and three numbers")
        return self._numbers(words[1:])

    def _channels(self) -> tuple[str, ...]:
        words = self._next()
        names = tuple(words[2:])
        if words[:2] != ["CHANNELS", str(len(names))] or len(set(names)) != len(names):
            self._reject("expected CHANNELS, how many, and their names")
        if not set(names) <= {*POSITIONS, *ROTATIONS}:
            self._reject("a channel that BVH does not have")
        return names

    def _numbers(self, words: list[str]) -> list[float]:
        try:
            numbers = [float(word) for word in words]
        except ValueError:
            self._reject("expected numbers")
        if not all(map(math.isfinite, numbers)):
            self._reject("a number is not finite")
        return numbers

    def _next(self) -> list[str]:
        self.read += 1
        if self.read > len(self.lines):
            self._reject("the file ends too early")
        return self.lines[self.read - 1]

    def _reject(self, problem: str) -> NoReturn:
        raise InputError(
            f"{self.path}, line {self.read}: {problem}",
            hint="The file is damaged, or is no BVH; export it again.",
        )
