"""`pose3d lift` with the real way of choosing a device and loading networks."""

from pathlib import Path
from typing import Any

import pytest

from pose3d_cli.lifting.checkpoint import save_checkpoint
from pose3d_cli.lifting.config import SasMambaConfig
from pose3d_cli.lifting.model import SasMamba


@pytest.fixture
def _no_detector(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take any detector, so that the lifter is what fails."""
    monkeypatch.setattr("pose3d_cli.cli.networks.load_detector", lambda *_, **__: None)


def test_weights_that_cannot_be_had_offline_are_exit_code_3(
    pose3d: Any, clip: Path, tmp_path: Path
) -> None:
    run = pose3d("lift", clip, "--offline", "--cache-dir", tmp_path / "cache", "-o", "a.bvh")

    assert run.exit_code == 3
    assert "pose3d weights pull yolo11n-pose" in run.stderr


def test_cuda_without_cuda_is_exit_code_7(
    pose3d: Any, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)

    run = pose3d("lift", clip, "--device", "cuda", "-o", "a.bvh")

    assert run.exit_code == 7
    assert "--device auto" in run.stderr


def test_an_unknown_device_is_exit_code_2(pose3d: Any, clip: Path) -> None:
    run = pose3d("lift", clip, "--device", "gpu", "-o", "a.bvh")

    assert run.exit_code == 2
    assert "cuda" in run.stderr


def test_a_detector_that_is_none_is_exit_code_3(pose3d: Any, clip: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.pt"
    wrong.write_bytes(b"no weights")

    run = pose3d("lift", clip, "--detector", wrong, "-o", "a.bvh")

    assert run.exit_code == 3
    assert "wrong.pt" in run.stderr


@pytest.mark.parametrize("content", [b"\x80\x04pickle", b""])
@pytest.mark.usefixtures("_no_detector")
def test_a_lifter_that_is_none_is_exit_code_3(
    pose3d: Any, clip: Path, tmp_path: Path, content: bytes
) -> None:
    wrong = tmp_path / "wrong.safetensors"
    wrong.write_bytes(content)

    run = pose3d("lift", clip, "--lifter", wrong, "--detector", wrong, "-o", "a.bvh")

    assert run.exit_code == 3
    assert "wrong.safetensors" in run.stderr


@pytest.mark.usefixtures("_no_detector")
def test_a_lifter_for_other_inputs_is_exit_code_3(pose3d: Any, clip: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.safetensors"
    save_checkpoint(other, SasMamba(SasMambaConfig(width=16, depth=1)), about={"input": "pixels/9"})

    run = pose3d("lift", clip, "--lifter", other, "--detector", other, "-o", "a.bvh")

    assert run.exit_code == 3
    assert "pixels/9" in run.stderr
