"""The selective scan in ONNX; the letters are those of ``blocks.py``."""

import numpy as np
import onnx
from onnx import TensorProto, helper

from pose3d_cli.lifting.blocks import DIRECTIONS
from pose3d_cli.lifting.config import SasMambaConfig
from pose3d_cli.lifting.onnx_graph import Graph, Weights


def scan(graph: Graph, u: str, weights: Weights, config: SasMambaConfig) -> str:
    """Four scans over all tokens, added up."""
    inner, states, rank = config.inner, config.states, config.rank
    mix = graph.op("MatMul", graph.floats(_stride_matrix(config.joints)), u)
    by_frame = graph.reshape(
        graph.op("Transpose", mix, perm=[1, 2, 0, 3]), -1, graph.size(u, 0), inner
    )
    by_joint = graph.reshape(
        graph.op("Transpose", u, perm=[2, 1, 0, 3]), -1, graph.size(u, 0), inner
    )
    visits = [by_frame, by_joint, graph.reverse(by_frame), graph.reverse(by_joint)]
    first = graph.constant(np.array([0], np.int64))
    x = graph.op("Concat", *(graph.op("Unsqueeze", v, first) for v in visits), axis=0)  # k l b e
    flat = graph.reshape(x, DIRECTIONS, -1, inner)
    projected = graph.op(
        "MatMul", flat, graph.matrix(weights["in_weight"].transpose(0, 2, 1), axis=-1)
    )
    step, b, c = graph.split(projected, [rank, states, states], axis=-1)
    step = graph.op(
        "MatMul", step, graph.matrix(weights["step_weight"].transpose(0, 2, 1), axis=-1)
    )
    delta = graph.op("Softplus", graph.op("Add", step, graph.floats(weights["step_bias"][:, None])))
    gain = graph.op("Mul", delta, flat)
    batch = graph.size(u, 0)

    def by_step(value: str, *shape: int) -> str:
        steps = graph.reshape(value, DIRECTIONS, -1, batch, *shape)
        return graph.op("Transpose", steps, perm=[1, 2, 0, 3, 4])  # l b k · ·

    h = graph.op(
        "ConstantOfShape",
        graph.op(
            "Concat",
            batch,
            graph.constant(np.array([DIRECTIONS, states, inner], np.int64)),
            axis=0,
        ),
    )
    rates = graph.floats(-np.exp(weights["log_decay"]).transpose(0, 2, 1))  # k n e
    y = _recurrence(
        graph,
        h,
        [
            by_step(delta, 1, inner),
            by_step(gain, 1, inner),
            by_step(b, states, 1),
            by_step(c, 1, states),
        ],
        rates,
    )  # l b k 1 e
    y = graph.op("Transpose", graph.reshape(y, 0, 0, DIRECTIONS, inner), perm=[2, 0, 1, 3])
    skip = graph.floats(weights["skip"][:, None, None])
    y = graph.op("Add", y, graph.op("Mul", x, skip))  # k l b e
    return _put_back(graph, y, batch, config)


def _recurrence(graph: Graph, h: str, steps: list[str], rates: str) -> str:
    """One token after the other: h ← exp(δ·A)·h + δ·x·B, y = C·h."""
    names = ("delta", "gain", "b", "c")
    body = Graph()
    decay = body.op("Exp", body.op("Mul", "delta", rates))
    kept = body.op("Mul", decay, "h")
    after = body.op("Add", kept, body.op("Mul", "gain", "b"))
    y = body.op("MatMul", "c", after)
    # Names inside must differ from those of the graph around.
    prefix = f"in_{len(graph.nodes)}_"
    for node in body.nodes:
        for names_of in (node.input, node.output):
            renamed = [n if n == rates else prefix + n for n in names_of]
            del names_of[:]
            names_of.extend(renamed)

    def value(name: str) -> onnx.ValueInfoProto:
        return helper.make_tensor_value_info(prefix + name, TensorProto.FLOAT, None)

    subgraph = helper.make_graph(
        body.nodes,
        prefix + "body",
        [value("h"), *(value(name) for name in names)],
        [value(after), value(y)],
    )
    outputs = [f"{prefix}{end}" for end in ("last", "all")]
    graph.nodes.append(
        helper.make_node("Scan", [h, *steps], outputs, body=subgraph, num_scan_inputs=len(steps))
    )
    return outputs[1]


def _put_back(graph: Graph, y: str, batch: str, config: SasMambaConfig) -> str:
    """Add up the directions, each turned back into frames × joints."""
    parts = [
        graph.op("Squeeze", p, graph.constant(np.array([0], np.int64)))
        for p in graph.split(y, [1] * DIRECTIONS, axis=0)
    ]
    by_frame = graph.op("Add", parts[0], graph.reverse(parts[2]))  # l b e
    by_joint = graph.op("Add", parts[1], graph.reverse(parts[3]))
    by_frame = graph.reshape(by_frame, -1, config.joints, batch, config.inner)
    by_joint = graph.reshape(by_joint, config.joints, -1, batch, config.inner)
    return graph.op(
        "Add",
        graph.op("Transpose", by_frame, perm=[2, 0, 1, 3]),
        graph.op("Transpose", by_joint, perm=[2, 1, 0, 3]),
    )


def _stride_matrix(joints: int) -> np.ndarray:
    joint, eye = np.arange(joints), np.eye(joints)
    return np.asarray(eye + eye[2 * (joint // 2)] + eye[3 * (joint // 3)])
