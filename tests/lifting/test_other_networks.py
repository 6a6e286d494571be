"""The other lifters' networks: published sizes, and their equations written out."""

import pytest
import torch

from pose3d_cli.lifting.others import motionagformer, motionbert
from pose3d_cli.lifting.others.layers import Attention, Axis, fused
from pose3d_cli.lifting.others.motionagformer import MotionAgFormer, MotionAgFormerConfig
from pose3d_cli.lifting.others.motionbert import MotionBert, MotionBertConfig

SMALL_AG = MotionAgFormerConfig(layers=2, width=16, frames=5, heads=4, representation=8)
SMALL_MB = MotionBertConfig(width=16, depth=2, heads=4, representation=8, frames=7)


def scrambled(network: torch.nn.Module) -> torch.nn.Module:
    torch.manual_seed(0)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.2 * torch.randn_like(parameter))
    return network.eval()


@pytest.mark.parametrize(
    ("config", "published_m"),
    [
        (motionagformer.XS, 2.2),
        (motionagformer.S, 4.8),
        (motionagformer.B, 11.7),
        (motionagformer.L, 19.0),
    ],
    ids=["xs", "s", "b", "l"],
)
def test_motionagformer_has_the_published_number_of_parameters(
    config: MotionAgFormerConfig, published_m: float
) -> None:
    with torch.device("meta"):
        network = MotionAgFormer(config)

    assert round(sum(p.numel() for p in network.parameters()) / 1e6, 1) == published_m


def test_motionbert_has_the_published_number_of_parameters_without_its_embeddings() -> None:
    with torch.device("meta"):
        network = MotionBert(motionbert.FULL)
    counts = {name: p.numel() for name, p in network.named_parameters()}

    layers = sum(n for name, n in counts.items() if name not in ("pos_embed", "temp_embed"))

    assert round(layers / 1e6, 1) == 42.3
    assert sum(counts.values()) == 42_466_317


def test_the_names_are_those_of_the_published_checkpoints() -> None:
    bert = set(MotionBert(SMALL_MB).state_dict())
    graph = set(MotionAgFormer(SMALL_AG).state_dict())

    assert {
        "temp_embed",
        "blocks_st.0.attn_t.qkv.bias",
        "blocks_ts.1.mlp_s.fc2.weight",
        "ts_attn.1.weight",
        "pre_logits.fc.weight",
    } <= bert
    assert {
        "layers.0.att_spatial.mixer.qkv.weight",
        "layers.1.graph_temporal.mixer.batch_norm.running_var",
        "layers.1.graph_spatial.layer_scale_2",
        "layers.0.fusion.bias",
        "rep_logit.fc.bias",
    } <= graph
    assert not any("att_spatial.mixer.qkv.bias" in name or "bones" in name for name in graph)


@pytest.mark.parametrize("over", ["joints", "frames"])
def test_attention_is_its_formula(over: Axis) -> None:
    attention = Attention(8, heads=2, over=over, bias=True)
    x = torch.randn(1, 3, 4, 8)
    query, key, value = attention.qkv(x).split(8, dim=-1)

    for t in range(3):
        for v in range(4):
            row = (0, t) if over == "joints" else (0, slice(None), v)
            heads = []
            for part in (slice(0, 4), slice(4, 8)):
                alike = (key[row][:, part] @ query[0, t, v, part]) / 2  # √4
                heads.append(alike.softmax(0) @ value[row][:, part])
            expected = attention.proj(torch.cat(heads))
            torch.testing.assert_close(attention(x)[0, t, v], expected)


def test_fusing_equal_branches_changes_nothing() -> None:
    x = torch.randn(1, 2, 3, 4)

    torch.testing.assert_close(fused(torch.nn.Linear(8, 2), x, x), x)


def test_the_graph_over_joints_is_its_formula() -> None:
    graph = scrambled(MotionAgFormer(SMALL_AG)).get_submodule("layers.0.graph_spatial.mixer")
    x = torch.randn(1, 1, 17, 16)
    norm, u, v = (getattr(graph, name) for name in ("batch_norm", "U", "V"))
    wrist, elbow = x[0, 0, 13], x[0, 0, 12]

    # A wrist has one neighbour, an elbow two.
    mixed = v(elbow) / (1 * 2) ** 0.5 + u(wrist)
    scale, shift = norm.weight[13] / (1 + 1e-5) ** 0.5, norm.bias[13]
    torch.testing.assert_close(graph(x)[0, 0, 13], torch.relu(wrist + mixed * scale + shift))


def test_the_graph_over_frames_joins_the_most_similar_ones() -> None:
    from pose3d_cli.lifting.others.motionagformer import _similar

    frames = torch.tensor([[[3.0, 0.0], [2.0, 0.1], [0.0, 1.0], [0.1, 5.0]]])

    assert _similar(frames)[0].tolist() == [
        [1, 1, 0, 0],
        [1, 1, 0, 0],
        [0, 0, 1, 1],
        [0, 0, 1, 1],
    ]


@pytest.mark.parametrize(
    "network", [MotionBert(SMALL_MB), MotionAgFormer(SMALL_AG)], ids=["motionbert", "agformer"]
)
def test_clips_do_not_see_each_other(network: torch.nn.Module) -> None:
    network = scrambled(network)
    clips = torch.randn(3, 5, 17, 3)

    together = network(clips)

    assert together.shape == (3, 5, 17, 3)
    for i in range(3):
        torch.testing.assert_close(network(clips[i : i + 1])[0], together[i])


def test_motionbert_takes_shorter_clips() -> None:
    assert MotionBert(SMALL_MB)(torch.zeros(1, 1, 17, 3)).shape == (1, 1, 17, 3)
