"""Ultralytics computes, and does nothing else."""

import os
import subprocess
import sys
from pathlib import Path

import pose3d_cli


def test_importing_ultralytics_leaves_no_trace(tmp_path: Path) -> None:
    script = """
import os, cv2, numpy as np
from pathlib import Path
import pose3d_cli
from pose3d_cli.detect.containment import contained
cv2.setNumThreads(2)
state = lambda: (dict(os.environ), cv2.getNumThreads(), np.get_printoptions(), os.listdir("."))
before = state()
with contained():
    import ultralytics.models
    from ultralytics.utils import AUTOINSTALL, ONLINE
assert state() == before, state()
assert not AUTOINSTALL and not ONLINE
"""
    repository = Path(pose3d_cli.__file__).parents[1]
    quiet = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}
    environment = {**quiet, "PYTHONPATH": str(repository), "HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
