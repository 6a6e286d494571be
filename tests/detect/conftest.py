from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from pose3d_cli.detect.containment import contained

Untrained = Callable[..., Path]


@pytest.fixture(scope="session")
def untrained() -> Untrained:
    """Return a function that writes a checkpoint of a small network that has learned nothing."""

    def write(path: Path, architecture: str, **changes: object) -> Path:
        with contained():
            import ultralytics.nn.tasks
            from ultralytics.models import YOLO

            tasks: Any = ultralytics.nn.tasks
            torch.manual_seed(0)
            yolo: Any = YOLO(architecture)
            if changes:
                layers = tasks.yaml_model_load(architecture)
                yolo.model = tasks.PoseModel({**layers, **changes}, verbose=False)
            yolo.save(path)
        return path

    return write


@pytest.fixture(scope="session")
def weights(untrained: Untrained, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return untrained(tmp_path_factory.mktemp("weights") / "tiny-pose.pt", "yolo11n-pose.yaml")


@pytest.fixture(scope="session")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache folder that all tests share, because an export takes seconds."""
    return tmp_path_factory.mktemp("exports")
