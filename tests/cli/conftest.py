import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pose3d_cli.cli import app
from pose3d_cli.cli.lifting_options import LiftingOptions
from pose3d_cli.geometry.camera import Camera

Pose3D = Callable[..., Any]


@pytest.fixture
def pose3d(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Pose3D:
    """Return a function that runs a command line in a folder and with a cache of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("POSE3D_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))

    def run(*args: str | Path) -> Any:
        return CliRunner().invoke(app, [str(arg) for arg in args])

    return run


@pytest.fixture(autouse=True)
def _own_log_handlers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logging.getLogger(), "handlers", [])


@pytest.fixture
def networks(monkeypatch: pytest.MonkeyPatch, models: Any, walker: Any) -> Callable[..., None]:
    """Return a function that puts networks which know the walker in the place of the real ones."""

    filmed = replace(walker, camera=Camera.assumed(320, 240))

    def install(**how: Any) -> None:
        monkeypatch.setattr(LiftingOptions, "load", lambda *_, **__: models(filmed, **how))

    return install


@pytest.fixture
def clip(film: Callable[..., Path]) -> Path:
    """A second of 320 × 240 at 30000/1001, as the walker's camera sees it."""
    return film("clip.mp4", size_px=(320, 240), ticks=range(30))
