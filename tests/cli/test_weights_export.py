"""`pose3d weights export`, and the example that runs what it wrote without PyTorch."""

import json
import runpy
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest

from pose3d_cli import weights
from pose3d_cli.lifting.lifter import SasMambaLifter

EXAMPLE = Path(__file__).parents[2] / "examples" / "lift_with_onnx.py"


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from pose3d_cli.lifting.checkpoint import load_checkpoint
    from pose3d_cli.lifting.onnx_export import export_onnx

    path = tmp_path_factory.mktemp("onnx") / "sasmamba.onnx"
    model, header = load_checkpoint(weights.shipped("sasmamba-small"))
    export_onnx(path, model, about=header)
    return path


def test_the_shipped_lifter_is_exported(pose3d: Any, tmp_path: Path) -> None:
    done = pose3d("weights", "export", "sasmamba-small", "-o", "s.onnx", "--precision", "int8")

    assert done.exit_code == 0, done.output
    assert done.stdout.strip() == "s.onnx"
    session = onnxruntime.InferenceSession((tmp_path / "s.onnx").read_bytes())
    properties = session.get_modelmeta().custom_metadata_map
    assert properties["licence"] == "CC-BY-SA-4.0"
    assert properties["precision"] == "int8"


def test_nothing_is_replaced_without_being_told_to(pose3d: Any, tmp_path: Path) -> None:
    (tmp_path / "s.onnx").write_text("mine")

    assert pose3d("weights", "export", "sasmamba-small", "-o", "s.onnx").exit_code == 6
    assert (tmp_path / "s.onnx").read_text() == "mine"


def test_other_formats_are_refused(pose3d: Any) -> None:
    assert pose3d("weights", "export", "sasmamba-small", "-o", "s.pt").exit_code == 2


@pytest.mark.parametrize("frames", [9, 10])
def test_the_example_says_what_our_lifter_says(exported: Path, frames: int) -> None:
    rng = np.random.default_rng(1)
    rays = rng.normal([0.2, -0.1], 0.1, (17, 2)) + rng.normal(0, 0.01, (frames, 17, 2))
    confidence = rng.uniform(0.3, 1, (frames, 17))
    confidence[:, 3] = 0
    ours = SasMambaLifter.from_file(weights.shipped("sasmamba-small"), device="cpu")

    lift = runpy.run_path(str(EXAMPLE))["lift"]
    poses = lift(onnxruntime.InferenceSession(exported.read_bytes()), rays, confidence)

    np.testing.assert_allclose(poses, ours.lift_windows(rays[None], confidence[None])[0], atol=1e-4)


@pytest.mark.slow
def test_the_example_needs_neither_pytorch_nor_us(
    exported: Path, tmp_path: Path, models: Callable[..., Any], walker: Any, film: Any
) -> None:
    from pose3d_cli.cli.console import ProgressWatch
    from pose3d_cli.geometry.camera import Camera
    from pose3d_cli.outputs import write
    from pose3d_cli.pipeline import Settings, estimate

    clip = film("clip.mp4", size_px=(320, 240), ticks=range(20))
    filmed = replace(walker, camera=Camera.assumed(320, 240))
    watch = ProgressWatch(quiet=True)
    result = estimate(clip, models(filmed), Settings(), watch=watch)
    write(result, [tmp_path / "result.json"], watch=watch)

    code = (
        "import runpy, sys; runpy.run_path(sys.argv[0], run_name='__main__'); "
        "assert not {'torch', 'pose3d_cli'} & set(sys.modules)"
    )
    arguments = [EXAMPLE, exported, tmp_path / "result.json", tmp_path / "poses.npy"]
    code = f"import sys; sys.argv = {json.dumps([str(a) for a in arguments])}; {code}"
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    assert np.load(tmp_path / "poses.npy").shape == (20, 17, 3)
