"""glTF 2.0's binary container: lists of JSON objects, and arrays in one buffer.

Reference: Khronos Group, "glTF 2.0 Specification" (2021), sections 3.6 (binary data) and 4 (GLB).
"""

import json
import struct
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Shaped

VERTICES, TRIANGLES = 34962, 34963
"""What a buffer view is for, if it is part of a mesh."""

_COMPONENTS = {"u1": 5121, "u2": 5123, "f4": 5126}
_ELEMENTS = {(): "SCALAR", (3,): "VEC3", (4,): "VEC4", (4, 4): "MAT4"}


@dataclass(slots=True)
class Gltf:
    """A document that grows; whatever is added is referred to by its place in its list."""

    lists: defaultdict[str, list[Mapping[str, object]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    data: bytearray = field(default_factory=bytearray)

    def add(self, kind: str, entry: Mapping[str, object]) -> int:
        """Append to ``"nodes"``, ``"skins"``, …; return the place."""
        self.lists[kind].append(entry)
        return len(self.lists[kind]) - 1

    def add_array(self, values: Shaped[np.ndarray, "n ..."], *, target: int | None = None) -> int:
        """Append an array, one element a row; return its accessor.

        Rows of shape 4 × 4 are matrices, which glTF stores column by column.
        """
        view = {"buffer": 0, "byteOffset": len(self.data), "byteLength": values.nbytes}
        self.data += values.astype(values.dtype.newbyteorder("<")).tobytes()
        self.data += bytes(-len(self.data) % 4)
        columns = values.reshape(len(values), -1)
        accessor = {
            "bufferView": self.add(
                "bufferViews", view if target is None else view | {"target": target}
            ),
            "componentType": _COMPONENTS[values.dtype.str[1:]],
            "count": len(values),
            "type": _ELEMENTS[values.shape[1:]],
            "min": columns.min(axis=0).tolist(),
            "max": columns.max(axis=0).tolist(),
        }
        return self.add("accessors", accessor)

    def to_bytes(self, *, generator: str) -> bytes:
        """Return the file.

        Raises:
            ValueError: an array holds NaN.
        """
        document = {
            "asset": {"version": "2.0", "generator": generator},
            "scene": 0,
            "buffers": [{"byteLength": len(self.data)}],
            **self.lists,
        }
        text = json.dumps(document, allow_nan=False, separators=(",", ":")).encode("ascii")
        text += b" " * (-len(text) % 4)
        chunks = _chunk(b"JSON", text) + _chunk(b"BIN\0", self.data)
        return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks


def _chunk(kind: bytes, content: bytes | bytearray) -> bytes:
    return struct.pack("<I4s", len(content), kind) + content
