"""The real command with real networks on a stream, stopped as a user stops it: Ctrl-C in its terminal."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from pose3d_cli.video.reader import probe, read_frames

pytestmark = [pytest.mark.slow, pytest.mark.weights]

ROOT = Path(__file__).parents[2]
FRAMES = 40


@pytest.fixture
def url(film: Callable[..., Path], station: Callable[..., Any]) -> str:
    """Where the first frames of the sample are shown over and over, small."""
    script = ROOT / "examples" / "fetch_sample.py"
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    frames = islice(read_frames(probe(ROOT / done.stdout.strip())), FRAMES)
    pictures = [np.asarray(cv2.resize(frame.rgb, (480, 270)), np.uint8) for frame in frames]
    made = film(
        "sample.ts",
        size_px=(480, 270),
        pictures=pictures,
        ticks=range(FRAMES),
        options={"qp": "20"},
    )
    content = made.read_bytes()
    address: str = station(content, portion=len(content) // 65, then="again").url
    return address


def test_ctrl_c_stops_and_all_that_came_is_lifted(url: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pose3d_cli", "lift", url, "--device", "cpu", "--json"]
    outputs = ["-o", str(tmp_path / "out.json"), "-o", str(tmp_path / "out.bvh")]
    with subprocess.Popen(
        [*command, *outputs], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        said = [process.stderr.readline()]
        while said[-1] and "Recording" not in said[-1]:
            said.append(process.stderr.readline())
        time.sleep(2)
        process.send_signal(signal.SIGINT)
        told, rest = process.communicate()

    assert process.returncode == 0, "".join(said) + rest
    assert "Stopped recording" in rest
    times_s = json.loads((tmp_path / "out.json").read_text())["time_s"]
    assert json.loads(told)["frames"] == len(times_s) > 2 * 24
    assert times_s == sorted(set(times_s))
    assert {path.name for path in tmp_path.iterdir()} == {"out.json", "out.bvh", "sample.ts"}
