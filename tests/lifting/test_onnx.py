"""The network in ONNX against the network, and how much its smaller forms cost."""

from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from pose3d_cli import weights
from pose3d_cli.errors import WeightsError
from pose3d_cli.lifting.checkpoint import from_published, load_checkpoint, load_state
from pose3d_cli.lifting.config import SMALL, SasMambaConfig
from pose3d_cli.lifting.lifter import SasMambaLifter
from pose3d_cli.lifting.model import SasMamba
from pose3d_cli.lifting.normalise import INPUT_CONVENTION
from pose3d_cli.lifting.onnx_export import export_onnx, to_onnx
from pose3d_cli.lifting.onnx_graph import Graph, Precision
from pose3d_cli.lifting.onnx_network import OnnxNetwork, load_onnx

GOLDEN = Path(__file__).parents[1] / "golden" / "sasmamba_small_T27.npz"
TINY = SasMambaConfig(width=16, depth=2, in_channels=3, states=4, max_frames=30)


def scrambled(config: SasMambaConfig) -> SasMamba:
    """Return a network in which nothing is zero, one or the same for all directions."""
    torch.manual_seed(1)
    model = SasMamba(config).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    return model


def written(model: SasMamba, path: Path, *, precision: Precision = "float32") -> OnnxNetwork:
    from pose3d_cli.lifting import checkpoint

    saved = path.with_suffix(".safetensors")
    checkpoint.save_checkpoint(saved, model, about={"input": INPUT_CONVENTION, "licence": "CC0"})
    _, header = load_checkpoint(saved)
    export_onnx(path, model, about=header, precision=precision)
    return load_onnx(path, device="cpu")[0]


def clips(config: SasMambaConfig, *, batch: int, frames: int) -> torch.Tensor:
    return 0.5 * torch.randn(
        batch, frames, 17, config.in_channels, generator=torch.Generator().manual_seed(frames)
    )


@pytest.mark.parametrize(("batch", "frames"), [(1, 2), (3, 9), (2, 30)])
def test_clips_of_any_number_and_length_agree(tmp_path: Path, batch: int, frames: int) -> None:
    model = scrambled(TINY)
    inputs = clips(TINY, batch=batch, frames=frames)

    with torch.inference_mode():
        expected = model(inputs)

    torch.testing.assert_close(
        written(model, tmp_path / "tiny.onnx")(inputs), expected, rtol=0, atol=1e-4
    )


def test_the_published_network_agrees_with_its_golden_values(tmp_path: Path) -> None:
    with np.load(GOLDEN) as golden:
        state = {
            name.removeprefix("sd/"): torch.from_numpy(golden[name])
            for name in golden.files
            if name.startswith("sd/")
        }
        inputs, expected = torch.from_numpy(golden["input"]), golden["output"]
    model = load_state(SMALL, from_published(state, SMALL), source="golden")

    poses = written(model, tmp_path / "golden.onnx")(inputs)

    np.testing.assert_allclose(poses, expected, rtol=0, atol=1e-5)


@pytest.mark.slow
def test_the_shipped_weights_agree_over_a_whole_window(tmp_path: Path) -> None:
    model, header = load_checkpoint(weights.shipped("sasmamba-small"))
    export_onnx(tmp_path / "small.onnx", model, about=header)
    inputs = clips(model.config, batch=1, frames=243)

    with torch.inference_mode():
        expected = model(inputs)

    network, _ = load_onnx(tmp_path / "small.onnx", device="cpu")
    torch.testing.assert_close(network(inputs), expected, rtol=0, atol=1e-4)


@pytest.mark.parametrize(("precision", "off"), [("float16", 2e-3), ("int8", 0.2)])
def test_smaller_weights_say_nearly_the_same(
    tmp_path: Path, precision: Precision, off: float
) -> None:
    config = SasMambaConfig(width=32, depth=1)
    model, inputs = scrambled(config), clips(config, batch=1, frames=9)

    with torch.inference_mode():
        expected = model(inputs)
    poses = written(model, tmp_path / "small.onnx", precision=precision)(inputs)

    difference = (poses - expected).abs().max().item()
    assert 0 < difference < off


def test_smaller_weights_make_smaller_files() -> None:
    sizes = [
        len(to_onnx(SasMamba(SMALL), about={}, precision=precision).SerializeToString())
        for precision in ("float32", "float16", "int8")
    ]

    assert sizes[1] < 0.6 * sizes[0]
    assert sizes[2] < 0.4 * sizes[0]


def test_eight_bits_are_off_by_half_a_step_at_most() -> None:
    values = np.random.default_rng(0).normal(size=(64, 32)).astype(np.float32)
    graph = Graph("int8")
    graph.matrix(values, axis=1)

    rounded, scale = (onnx.numpy_helper.to_array(w) for w in graph.weights[:2])

    assert rounded.dtype == np.int8
    assert (np.abs(rounded * scale - values) <= scale / 2 + 1e-7).all()


def test_a_lifter_runs_from_a_file_in_onnx(tmp_path: Path) -> None:
    model = scrambled(TINY)
    written(model, tmp_path / "tiny.onnx")
    rng = np.random.default_rng(0)
    rays, confidence = rng.normal(0, 0.1, (2, 20, 17, 2)), rng.uniform(0.2, 1, (2, 20, 17))

    here = SasMambaLifter(model, "tiny", "0" * 64, "CC0").lift_windows(rays, confidence)
    there = SasMambaLifter.from_file(tmp_path / "tiny.onnx", device="cpu")

    assert (there.name, there.licence) == ("tiny", "CC0")
    np.testing.assert_allclose(there.lift_windows(rays, confidence), here, atol=1e-4)


@pytest.mark.parametrize(
    "content", [b"", b"no onnx", onnx.ModelProto(ir_version=8).SerializeToString()]
)
def test_files_of_something_else_are_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.onnx"
    path.write_bytes(content)

    with pytest.raises(WeightsError, match=r"x\.onnx is no SasMamba"):
        load_onnx(path, device="cpu")


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="no such weights"):
        load_onnx(tmp_path / "x.onnx", device="cpu")
