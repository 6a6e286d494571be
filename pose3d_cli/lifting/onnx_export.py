"""SasMamba as an ONNX graph: clips of any number and length, weights inside.

The graph is written down operator by operator, like ``blocks.py``, whose letters it uses: an exporter
that traces would unroll the scan. Deformable taps are read with ``GridSample``, the recurrence is
the operator ``Scan``, one step a token.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper

from pose3d_cli.files import written_whole
from pose3d_cli.lifting.blocks import TAPS
from pose3d_cli.lifting.config import SasMambaConfig
from pose3d_cli.lifting.model import SasMamba
from pose3d_cli.lifting.onnx_graph import OPSET, Graph, Precision, Weights
from pose3d_cli.lifting.onnx_scan import scan

INPUT, OUTPUT = "joints", "poses"
"""(clips, frames, 17, channels) float32 in; (clips, frames, 17, 3) float32 out."""


def export_onnx(
    path: Path, model: SasMamba, *, about: Mapping[str, str], precision: Precision = "float32"
) -> None:
    """Write a network; ``about`` joins the file's properties.

    Raises:
        OutputError: the file cannot be written.
    """
    made = to_onnx(model, about=about, precision=precision)
    with written_whole(path) as part:
        part.write_bytes(made.SerializeToString())


def to_onnx(
    model: SasMamba, *, about: Mapping[str, str], precision: Precision = "float32"
) -> onnx.ModelProto:
    """Return a network as a checked ONNX model."""
    config = model.config
    weights = {name: t.detach().cpu().numpy() for name, t in model.state_dict().items()}
    graph = Graph(precision)
    graph.nodes.append(helper.make_node("Identity", [_network(graph, weights, config)], [OUTPUT]))
    shape: list[str | int | None] = ["clips", "frames", config.joints]
    made = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "SasMamba",
            [helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, [*shape, config.in_channels])],
            [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, [*shape, 3])],
            graph.weights,
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=8,
        producer_name="pose3d",
    )
    helper.set_model_props(made, {**about, "precision": precision})
    onnx.checker.check_model(made, full_check=True)
    return made


def _network(graph: Graph, weights: Weights, config: SasMambaConfig) -> str:
    h = _linear(graph, INPUT, weights, "embed")
    h = graph.op("Add", h, graph.floats(weights["joint_embedding"]))
    for i in range(config.depth):
        h = _block(graph, h, _under(weights, f"spatial.{i}."), config)
        h = _norm(graph, h, weights, "spatial_norm", 1e-6)
        if i == 0:
            frames = graph.size(INPUT, 1)
            start, axis = (graph.constant(np.array([0], np.int64)) for _ in range(2))
            embedding = graph.matrix(weights["frame_embedding"], axis=1)
            embedding = graph.op("Slice", embedding, start, frames, axis)
            h = graph.op("Add", h, graph.reshape(embedding, -1, 1, config.width))
        h = _block(graph, h, _under(weights, f"temporal.{i}."), config)
        h = _norm(graph, h, weights, "temporal_norm", 1e-6)
    return _linear(graph, _norm(graph, h, weights, "head_norm", 1e-5), weights, "head")


def _block(graph: Graph, h: str, weights: Weights, config: SasMambaConfig) -> str:
    branch = _ssm(graph, _norm(graph, h, weights, "norm1", 1e-6), _under(weights, "ssm."), config)
    h = graph.op("Add", h, branch)
    branch = _linear(graph, _norm(graph, h, weights, "norm2", 1e-6), weights, "mlp.0")
    return graph.op("Add", h, _linear(graph, graph.gelu(branch), weights, "mlp.2"))


def _ssm(graph: Graph, h: str, weights: Weights, config: SasMambaConfig) -> str:
    """Gate ⊙ (convolution, then scan)."""
    inner = config.inner
    a, gate = graph.split(_linear(graph, h, weights, "in_proj"), [inner, inner], axis=-1)
    u = graph.silu(_structure_conv(graph, a, _under(weights, "conv."), config))  # b t v e
    y = _norm(graph, scan(graph, u, _under(weights, "scan."), config), weights, "norm", 1e-5)
    return _linear(graph, graph.op("Mul", y, graph.silu(gate)), weights, "out_proj")


def _structure_conv(graph: Graph, a: str, weights: Weights, config: SasMambaConfig) -> str:
    """Read nine places for every token and weigh them."""
    plane = graph.op("Transpose", a, perm=[0, 3, 1, 2])  # b e t v
    offsets = graph.op(
        "Conv",
        plane,
        graph.matrix(weights["offset.weight"], axis=0),
        graph.floats(weights["offset.bias"]),
        pads=[1, 1, 1, 1],
    )
    places = graph.op(
        "Transpose", graph.reshape(offsets, 0, TAPS, 2, -1, config.joints), perm=[0, 1, 3, 4, 2]
    )  # b tap t v 2
    down, along = graph.split(places, [1, 1], axis=-1)
    frames = graph.size(a, 1)
    tap = np.arange(TAPS).reshape(1, TAPS, 1, 1, 1)
    row = graph.op("Add", _frame_numbers(graph, frames), graph.floats(tap // 3 - 1))
    column = np.arange(config.joints).reshape(1, 1, 1, -1, 1) + (tap % 3 - 1)
    last = graph.op("Sub", graph.op("Cast", frames, to=TensorProto.FLOAT), graph.floats([1.0]))
    grid = graph.op(
        "Concat",
        _to_grid(graph, graph.op("Add", along, graph.floats(column)), graph.floats([16.0])),
        _to_grid(graph, graph.op("Add", row, down), last),
        axis=-1,
    )
    read = graph.op(
        "GridSample",
        plane,
        graph.op("Reshape", grid, graph.constant(np.array([0, -1, config.joints, 2], np.int64))),
        align_corners=1,
    )  # b e (tap t) v
    read = graph.reshape(read, 0, 0, TAPS, -1, config.joints)
    weighed = graph.op("Mul", read, graph.floats(weights["weight"].reshape(-1, TAPS, 1, 1)))
    axes = graph.constant(np.array([2], np.int64))
    filtered = graph.op("ReduceSum", weighed, axes, keepdims=0)  # b e t v
    channels_last = graph.op("Transpose", filtered, perm=[0, 2, 3, 1])
    return graph.op("Add", channels_last, graph.floats(weights["bias"]))


def _frame_numbers(graph: Graph, frames: str) -> str:
    scalar = graph.op("Squeeze", frames)
    count = graph.op("Range", graph.constant(np.int64(0)), scalar, graph.constant(np.int64(1)))
    return graph.reshape(graph.op("Cast", count, to=TensorProto.FLOAT), 1, 1, -1, 1, 1)


def _to_grid(graph: Graph, place: str, last: str) -> str:
    """Return 2·place/last − 1: the corners of the plane are at ±1."""
    doubled = graph.op("Mul", place, graph.floats(2.0))
    return graph.op("Sub", graph.op("Div", doubled, last), graph.floats(1.0))


def _linear(graph: Graph, x: str, weights: Weights, name: str) -> str:
    y = graph.op("MatMul", x, graph.matrix(weights[f"{name}.weight"].T, axis=-1))
    bias = weights.get(f"{name}.bias")
    return y if bias is None else graph.op("Add", y, graph.floats(bias))


def _norm(graph: Graph, x: str, weights: Weights, name: str, epsilon: float) -> str:
    scale, shift = (graph.floats(weights[f"{name}.{kind}"]) for kind in ("weight", "bias"))
    return graph.op("LayerNormalization", x, scale, shift, epsilon=epsilon, axis=-1)


def _under(weights: Weights, prefix: str) -> Weights:
    return {n.removeprefix(prefix): w for n, w in weights.items() if n.startswith(prefix)}
