"""The readers, attacked by libFuzzer, where atheris is installed.

``POSE3D_FUZZ=100000 pytest tests/test_fuzz_guided.py -m slow`` tries as many on each of nine readers.
"""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pose3d_cli.detect.store import StoredRun
from pose3d_cli.geometry.camera import Camera
from pose3d_cli.lifting.checkpoint import save_checkpoint
from pose3d_cli.lifting.config import SasMambaConfig
from pose3d_cli.lifting.model import SasMamba
from pose3d_cli.outputs import write
from pose3d_cli.pipeline import Settings, estimate
from pose3d_cli.video.reader import probe, read_frames
from pose3d_cli.watch import Unwatched

ROOT = Path(__file__).parents[1]
TRIES = os.environ.get("POSE3D_FUZZ", "500")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not importlib.util.find_spec("atheris"), reason="needs atheris"),
]
OPENPOSE = {
    "version": 1.3,
    "people": [{"person_id": [-1], "pose_keypoints_2d": [1.5, 2, 0.9] * 25}],
}
COCO = [{"image_id": n, "category_id": 1, "keypoints": [1.5] * 51, "score": 0.5} for n in (0, 1)]
ALPHAPOSE = [
    {"image_id": "0.jpg", "category_id": 1, "keypoints": [1.5] * 51, "score": 2.5, "idx": 1}
]
MMPOSE = {
    "instance_info": [
        {"frame_id": 1, "instances": [{"keypoints": [[1, 2]] * 17, "keypoint_scores": [0.5] * 17}]}
    ]
}
ASF = """:units
  angle deg
:root
   order TX TY TZ RX RY RZ
:bonedata
  begin
     name upper
     direction 0 1 0
     length 2
     axis 10 20 30 XYZ
    dof rx ry rz
  end
:hierarchy
  begin
    root upper
  end
"""
AMC = "1\nroot 1 2 3 4 5 6\nupper 7 8 9\n2\nroot 1 2 3 4 5 6\nupper 7 8 9\n"
LIST = "# mine\na.mp4\nsub/*.mov\n**/*.mp4\nsub\n[a]?mp4\n"
RECORD = {
    "name": "a",
    "input": "a.mp4",
    "fingerprint": {"size": 1, "mtime_ns": 2, "sha256": "0"},
    "config_sha256": "1",
    "state": "done",
    "finished": "2026-01-01",
    "outputs": [{"path": "a.json", "size": 1, "sha256": "2"}],
    "error": None,
    "frames": 3,
}
FAILED = RECORD | {"state": "failed", "error": {"message": "x", "exit_code": 4, "hint": None}}
TEXTS: dict[str, tuple[str, ...]] = {
    "keypoints.json": tuple(json.dumps(d) for d in (OPENPOSE, COCO, ALPHAPOSE, MMPOSE)),
    "config.toml": tuple(f.read_text() for f in (ROOT / "configs").glob("*.toml")),
    "motion.acclaim": (f"{ASF}%%%{AMC}",),
    "list.txt": (LIST,),
    "manifest.jsonl": (f"{json.dumps(RECORD)}\n{json.dumps(FAILED)}\n",),
}
MADE = ("result.json", "motion.bvh", "weights.safetensors", "kept.npz")


@pytest.fixture
def seeds(
    film: Callable[..., Path], models: Any, walker: Any, tmp_path: Path
) -> Callable[[str], Path]:
    """Return a function that fills a folder with valid files for a reader."""

    def make(name: str) -> Path:
        (folder := tmp_path / "seeds").mkdir()
        for number, text in enumerate(TEXTS.get(name, ())):
            (folder / f"{number}.seed").write_text(text)
        clip = film("seed.mp4", size_px=(320, 240), ticks=range(2))
        if name == "weights.safetensors":
            tiny = SasMamba(SasMambaConfig(width=8, depth=1, max_frames=27))
            save_checkpoint(folder / name, tiny, about={"input": "x"})
        elif name == "kept.npz":
            found = models(walker).detector.detect(read_frames(probe(clip)))
            list(StoredRun(folder).keeping(found))
        elif name in MADE:
            networks = models(replace(walker, camera=Camera.assumed(320, 240)))
            result = estimate(clip, networks, Settings(), watch=Unwatched())
            write(result, [folder / name], watch=Unwatched())
        return folder

    return make


@pytest.mark.parametrize("name", [*TEXTS, *MADE])
def test_whatever_a_file_holds_it_is_read_or_refused(
    name: str, seeds: Callable[[str], Path], tmp_path: Path
) -> None:
    folder = seeds(name)
    command = [sys.executable, "-m", "bench.fuzz", name, str(folder), "--tries", TRIES]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    for crash in folder.glob("crash-*"):
        shutil.copy(crash, tmp_path.parent)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert re.search(rf"Done {TRIES} runs", done.stderr)
