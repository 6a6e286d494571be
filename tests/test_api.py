"""``from pose3d_cli import lift``."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

import pose3d_cli
from pose3d_cli import api, lift
from pose3d_cli.detect import PoseDetector
from pose3d_cli.errors import InputError, OutputError, UsageError
from pose3d_cli.geometry.camera import Camera
from pose3d_cli.pipeline import Models
from pose3d_cli.render import RenderSettings

Film = Callable[..., Path]


@pytest.fixture
def knowing(models: Callable[..., Models], walker: Any) -> Models:
    return models(replace(walker, camera=Camera.assumed(320, 240)))


def test_importing_the_package_costs_nothing() -> None:
    code = (
        "import sys, pose3d_cli; "
        "print([m for m in ('numpy', 'torch', 'cv2', 'av', 'pose3d_cli.lifting') if m in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)

    assert done.stdout.strip() == "[]"


def test_a_video_becomes_motion_and_files(film: Film, knowing: Models, tmp_path: Path) -> None:
    clip = film("clip.mp4", size_px=(320, 240), ticks=range(12))

    result = lift(str(clip), outputs=[tmp_path / "a.json", "b.bvh"], models=knowing)

    assert result.people[0].world.positions_m.shape == (12, 17, 3)
    assert np.isfinite(result.people[0].world.positions_m).all()
    assert (tmp_path / "a.json").is_file()
    assert Path("b.bvh").is_file()


def test_the_picture_looks_as_it_was_asked_to(film: Film, knowing: Models, tmp_path: Path) -> None:
    clip = film("clip.mp4", size_px=(320, 240), ticks=range(3))
    look = RenderSettings(layout="3d-only", theme="light", height_px=120)

    lift(clip, outputs=[tmp_path / "a.png"], models=knowing, look=look)

    still = cv2.imread(str(tmp_path / "a.png"))
    assert still is not None
    assert still.shape == (120, 160, 3)
    assert still.mean() > 180


def test_what_is_there_is_not_replaced(film: Film, knowing: Models, tmp_path: Path) -> None:
    clip = film("clip.mp4", size_px=(320, 240), ticks=range(3))
    (tmp_path / "a.json").write_text("mine")

    with pytest.raises(OutputError, match="exists"):
        lift(clip, outputs=[tmp_path / "a.json"], models=knowing)
    assert (tmp_path / "a.json").read_text() == "mine"

    lift(clip, outputs=[tmp_path / "a.json"], models=knowing, overwrite=True)
    assert (tmp_path / "a.json").read_text() != "mine"


def test_mistakes_are_told_before_any_network_is_loaded(
    tmp_path: Path, film: Film, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "load_models", lambda: pytest.fail("networks were loaded"))

    with pytest.raises(InputError):
        lift(tmp_path / "missing.mp4")
    with pytest.raises(UsageError, match="unknown"):
        lift(film("clip.mp4"), outputs=[tmp_path / "a.wrong"])


def test_networks_have_the_names_that_the_command_line_takes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, knowing: Models
) -> None:
    asked = []

    def ensure(name: str, **_: Any) -> Path:
        asked.append(name)
        return Path(__file__).parents[1] / "weights" / "sasmamba-small.safetensors"

    monkeypatch.setattr(api, "ensure", ensure)
    monkeypatch.setattr(api, "YoloPoseDetector", lambda *_, **__: knowing.detector)

    def looking(detector: PoseDetector, quality: str) -> PoseDetector:
        asked.append(quality)
        return detector

    monkeypatch.setattr(api, "looking", looking)

    loaded = api.load_models(device="cpu", cache_dir=tmp_path, quality="best")

    assert asked == ["yolo11n-pose", "best", "sasmamba-large"]
    assert loaded.lifter.name == "sasmamba-small"


def test_the_package_has_nothing_else() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'lower'"):
        pose3d_cli.lower  # noqa: B018 - looking is what is tested


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
