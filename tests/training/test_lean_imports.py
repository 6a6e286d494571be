"""GPU machines are bare: training asks for little more than PyTorch."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

NOT_THERE = ("av", "beartype", "cv2", "filelock", "matplotlib", "platformdirs", "ultralytics")

BARE = f"""
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {NOT_THERE}:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Missing())
import pose3d_cli.cli
from pose3d_cli.cli.train import train
import pose3d_cli.training.loop, pose3d_cli.training.stopping
import pose3d_cli.lifting.scan, pose3d_cli.device
"""


@pytest.mark.slow
def test_training_does_without_what_only_video_needs() -> None:
    bare = subprocess.run(
        [sys.executable, "-c", BARE], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert bare.returncode == 0, bare.stderr
