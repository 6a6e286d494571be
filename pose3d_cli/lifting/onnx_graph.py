"""A small builder of ONNX graphs, and the forms in which their weights are stored."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 17
"""The first with layer normalisation; ONNX Runtime has it since 1.12."""

Weights = Mapping[str, np.ndarray]

Precision = Literal["float32", "float16", "int8"]

SMALLEST = 1024
"""Tensors of fewer numbers stay as they are: there is nothing to save."""


@dataclass(slots=True)
class Graph:
    """Nodes and weights, in the order in which they were added; every value has a name."""

    precision: Precision = "float32"
    """How matrices are stored; the arithmetic is float32 in any case."""
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    weights: list[onnx.TensorProto] = field(default_factory=list)

    def op(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """Add a node with one output; return the output's name."""
        name = f"{kind}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def split(self, value: str, sizes: list[int], *, axis: int) -> list[str]:
        """Cut a value along an axis."""
        names = [f"Split_{len(self.nodes)}_{i}" for i in range(len(sizes))]
        node = helper.make_node("Split", [value, self.constant(np.array(sizes))], names, axis=axis)
        self.nodes.append(node)
        return names

    def constant(self, values: Any) -> str:
        """Add numbers that are stored as they are."""
        name = f"constant_{len(self.weights)}"
        array = np.asarray(values)
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def floats(self, values: Any) -> str:
        """Add float32 numbers that are stored as they are."""
        return self.constant(np.asarray(values, dtype=np.float32))

    def matrix(self, values: np.ndarray, *, axis: int) -> str:
        """Add a weight in the graph's precision; 8-bit numbers share a scale along ``axis``."""
        values = np.asarray(values, dtype=np.float32)
        if self.precision == "float32" or values.size < SMALLEST:
            return self.floats(values)
        if self.precision == "float16":
            return self.op("Cast", self.constant(values.astype(np.float16)), to=TensorProto.FLOAT)
        others = tuple(a for a in range(values.ndim) if a != axis % values.ndim)
        scale = np.maximum(np.abs(values).max(axis=others, keepdims=True) / 127, 1e-12)
        rounded = np.rint(values / scale).astype(np.int8)
        return self.op(
            "DequantizeLinear",
            self.constant(rounded),
            self.floats(scale.reshape(-1)),
            self.constant(np.zeros(scale.size, np.int8)),
            axis=axis % values.ndim,
        )

    def reshape(self, value: str, *shape: int | str) -> str:
        """Reshape a value; 0 keeps a length, −1 takes what is left, a name stands for a length."""
        if all(isinstance(size, int) for size in shape):
            return self.op("Reshape", value, self.constant(np.array(shape, np.int64)))
        sizes = [s if isinstance(s, str) else self.constant(np.array([s], np.int64)) for s in shape]
        return self.op("Reshape", value, self.op("Concat", *sizes, axis=0))

    def size(self, value: str, axis: int) -> str:
        """Return the name of a length."""
        at = self.constant(np.array([axis], np.int64))
        return self.op("Gather", self.op("Shape", value), at, axis=0)

    def reverse(self, value: str) -> str:
        """Return a value with its first axis backwards."""
        ends = (np.array([n], np.int64) for n in (-1, np.iinfo(np.int64).min, 0, -1))
        return self.op("Slice", value, *(self.constant(end) for end in ends))

    def silu(self, value: str) -> str:
        """Return x · sigmoid(x)."""
        return self.op("Mul", value, self.op("Sigmoid", value))

    def gelu(self, value: str) -> str:
        """Return x · Φ(x), by the error function."""
        phi = self.op("Erf", self.op("Mul", value, self.floats(np.sqrt(0.5))))
        half = self.op("Mul", value, self.floats(0.5))
        return self.op("Mul", half, self.op("Add", phi, self.floats(1.0)))
