"""Which back end runs the detector, and the export that two of them share."""

import sys
from pathlib import Path

import numpy as np
import pytest

from pose3d_cli.detect import networks
from pose3d_cli.detect.networks import Network, choose_backend, exported
from pose3d_cli.detect.networks.onnx_runtime import OnnxRuntimeNetwork
from pose3d_cli.detect.networks.pytorch import TorchNetwork
from pose3d_cli.downloads import sha256_of
from pose3d_cli.errors import DeviceError, UsageError, WeightsError


def installed(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    monkeypatch.setattr(networks, "_is_installed", lambda name: name in names)


@pytest.mark.parametrize(
    ("device", "there", "chosen"),
    [
        ("cpu", ("torch", "onnxruntime", "openvino"), "onnxruntime"),
        ("cpu", ("torch", "openvino"), "openvino"),
        ("cpu", ("torch",), "torch"),
        ("cuda", ("torch", "onnxruntime"), "torch"),
    ],
)
def test_auto_is_the_fastest_that_is_installed(
    device: str, there: tuple[str, ...], chosen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed(monkeypatch, *there)

    assert choose_backend("auto", device=device) == chosen


def test_a_back_end_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch, "torch")

    with pytest.raises(DeviceError, match="OpenVINO is not installed") as caught:
        choose_backend("openvino", device="cpu")
    assert caught.value.hint == "pip install openvino"


def test_a_back_end_for_cpus_is_refused_on_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch, "torch", "onnxruntime")

    with pytest.raises(DeviceError, match="not on cuda"):
        choose_backend("onnxruntime", device="cuda")


def test_an_unknown_back_end_is_refused_with_all_that_are_known() -> None:
    with pytest.raises(UsageError) as caught:
        choose_backend("tensorrt", device="cpu")
    assert caught.value.hint == "Choose from auto, torch, onnxruntime, openvino."


def test_back_ends_say_the_same_whatever_the_size(weights: Path, exports: Path) -> None:
    both: list[Network] = [
        TorchNetwork(weights, device="cpu"),
        OnnxRuntimeNetwork(weights, cache_dir=exports),
    ]
    rng = np.random.default_rng(0)
    for shape in ((1, 64, 96, 3), (3, 96, 64, 3)):
        pictures = rng.integers(0, 256, shape, np.uint8)
        first, second = (network(pictures) for network in both)
        assert first.shape == (shape[0], 4 + 80 + 51, 126)
        np.testing.assert_allclose(first, second, atol=1e-3)
    assert both[0].licence == both[1].licence


def test_an_export_is_made_once(
    weights: Path, exports: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = exported.exported(weights, cache_dir=exports)
    monkeypatch.setattr(exported, "_export", lambda *_: pytest.fail("made again"))

    assert exported.exported(weights, cache_dir=exports) == made


@pytest.mark.parametrize("damaged", [".onnx", ".json"])
def test_a_damaged_export_is_made_again(
    damaged: str, weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = exported.Export("0" * 64, "unknown")
    made: list[Path] = []

    def export(_: Path, onnx: Path) -> exported.Export:
        made.append(onnx)
        onnx.write_bytes(b"a network")
        sha256 = sha256_of(onnx)
        onnx.with_suffix(".json").write_text(f'{{"sha256": "{sha256}", "licence": "unknown"}}')
        return record

    monkeypatch.setattr(exported, "_export", export)
    onnx, _ = exported.exported(weights, cache_dir=tmp_path)
    exported.exported(weights, cache_dir=tmp_path)
    assert made == [onnx]

    onnx.with_suffix(damaged).write_bytes(b"half")
    exported.exported(weights, cache_dir=tmp_path)
    assert made == [onnx, onnx]


def test_a_cache_that_takes_no_files_is_an_error_that_says_what_to_do(
    weights: Path, tmp_path: Path
) -> None:
    (tmp_path / "exported").write_text("in the way")

    with pytest.raises(WeightsError, match="cannot write") as caught:
        exported.exported(weights, cache_dir=tmp_path)
    assert "POSE3D_CACHE_DIR" in str(caught.value.hint)


def test_loading_onnx_runtime_needs_neither_torch_nor_ultralytics(
    weights: Path, exports: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exported.exported(weights, cache_dir=exports)
    for name in ("torch", "ultralytics"):
        monkeypatch.setitem(sys.modules, name, None)

    OnnxRuntimeNetwork(weights, cache_dir=exports)
