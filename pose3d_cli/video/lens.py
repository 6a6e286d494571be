"""The lens that a phone wrote into its recording, which FFmpeg does not tell.

QuickTime files keep named values in ``meta`` atoms, of the film or of one track: a table of ``keys``
and an ``ilst`` of their values (Apple, QuickTime File Format, "Metadata"). iPhones write the focal
length that would show as much on 35 mm film into the track of the pictures
(``AVMetadataIdentifierQuickTimeMetadataCameraFocalLength35mmEquivalent``).
"""

import contextlib
import math
import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

FOCAL_KEY = b"com.apple.quicktime.camera.focal_length.35mm_equivalent"
FILM_DIAGONAL_MM = 43.27
"""By which lenses are compared (CIPA DCG-001): 36 × 24 mm."""
LEAST_MM, MOST_MM = 5.0, 2000.0
MOST_BYTES = 1 << 20
"""No table of metadata is longer."""
NUMBERS = {21: {1: ">b", 2: ">h", 4: ">i"}, 22: {1: ">B", 2: ">H", 4: ">I"}}
NUMBERS |= {
    23: {4: ">f"},
    24: {8: ">d"},
    66: {2: ">h"},
    67: {4: ">i"},
    76: {2: ">H"},
    77: {4: ">I"},
}
"""How numbers are written, by the type of a value and its length."""


def focal_px(path: Path, *, width_px: int, height_px: int) -> float | None:
    """Return the focal length in pixels of a picture of this size; None if the file does not tell."""
    focal_mm = focal_35mm(path)
    if focal_mm is None:
        return None
    return focal_mm / FILM_DIAGONAL_MM * math.hypot(width_px, height_px)


def focal_35mm(path: Path) -> float | None:
    """Return the focal length as of 35 mm film, in millimetres; None if the file does not tell."""
    if not path.is_file():
        return None
    with contextlib.suppress(OSError, struct.error), path.open("rb") as file:
        for start, end in _tables(file, 0, path.stat().st_size):
            focal_mm = _number(*_value(file, start, end))
            if focal_mm is not None and LEAST_MM <= focal_mm <= MOST_MM:
                return focal_mm
    return None


def _tables(file: BinaryIO, start: int, end: int, *, depth: int = 3) -> Iterator[tuple[int, int]]:
    """Yield where the inside of each table of metadata is, of the film and of its tracks."""
    for kind, inside, after in _atoms(file, start, end):
        if depth and kind in {b"moov", b"trak", b"udta"}:
            yield from _tables(file, inside, after, depth=depth - 1)
        elif kind == b"meta":
            file.seek(inside + 4)
            # In ISO's files, unlike QuickTime's, four bytes of version come first.
            yield inside + 4 * (file.read(4) != b"hdlr"), after


def _atoms(file: BinaryIO, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield kind, start of the inside, and end of each atom between two places."""
    while start + 8 <= end:
        file.seek(start)
        size, kind = struct.unpack(">I4s", file.read(8))
        inside = start + 8
        if size == 1:
            (size,) = struct.unpack(">Q", file.read(8))
            inside += 8
        after = end if size == 0 else start + size
        if not inside <= after <= end:
            return
        yield kind, inside, after
        start = after


def _value(file: BinaryIO, start: int, end: int) -> tuple[int, bytes]:
    """Return type and bytes of the value of ``FOCAL_KEY`` in a table; nothing of any other."""
    names: list[bytes] = []
    for kind, inside, after in _atoms(file, start, min(end, start + MOST_BYTES)):
        if kind == b"keys":
            names = [_read(file, at, to) for _, at, to in _atoms(file, inside + 8, after)]
        elif kind == b"ilst" and FOCAL_KEY in names:
            number = struct.pack(">I", names.index(FOCAL_KEY) + 1)
            for key, at, to in _atoms(file, inside, after):
                if key == number:
                    for _, value, value_end in _atoms(file, at, to):
                        (of_type,) = struct.unpack(">I", _read(file, value, value + 4))
                        return of_type, _read(file, value + 8, value_end)
    return 0, b""


def _read(file: BinaryIO, start: int, end: int) -> bytes:
    file.seek(start)
    return file.read(min(end - start, MOST_BYTES))


def _number(of_type: int, value: bytes) -> float | None:
    """Return a value as a number, whether it was written as one or in words ("26", "50.00mm")."""
    form = NUMBERS.get(of_type, {}).get(len(value))
    if form:
        return float(struct.unpack(form, value)[0])
    words = re.match(rb"\s*(\d+(?:\.\d+)?)", value) if of_type == 1 else None
    return float(words[1]) if words else None
