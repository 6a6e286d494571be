"""On real pictures every back end says what Ultralytics itself says."""

import subprocess
import sys
from itertools import islice
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest

from pose3d_cli.detect.containment import contained
from pose3d_cli.detect.networks import Backend
from pose3d_cli.detect.yolo import YoloPoseDetector
from pose3d_cli.sequences import Frame
from pose3d_cli.video.reader import probe, read_frames
from pose3d_cli.weights import default_cache_dir, ensure

pytestmark = [pytest.mark.slow, pytest.mark.weights]

ROOT = Path(__file__).parents[2]
MIN_SCORE = 0.1


@pytest.fixture(scope="module")
def yolo11n() -> Path:
    return ensure("yolo11n-pose", cache_dir=default_cache_dir())


@pytest.fixture(scope="module")
def sample() -> list[Frame]:
    script = ROOT / "examples" / "fetch_sample.py"
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    return list(islice(read_frames(probe(ROOT / done.stdout.strip())), 40, 180, 35))


@pytest.fixture(scope="module")
def ultralytics_own(yolo11n: Path, sample: list[Frame]) -> list[Any]:
    options = {"conf": MIN_SCORE, "device": "cpu", "imgsz": 640, "rect": True, "save": False}
    with contained():
        from ultralytics.models import YOLO
        from ultralytics.models.yolo.pose import PosePredictor

        yolo: Any = YOLO(str(yolo11n))
        predictor = PosePredictor(overrides={**options, "verbose": False})
        predictor.setup_model(yolo.model, verbose=False)
        predictor.done_warmup = True  # warming up would import torchvision, which may not fit
        return [predictor([np.ascontiguousarray(f.rgb[..., ::-1])])[0] for f in sample]


@pytest.mark.parametrize("backend", get_args(Backend))
def test_keypoints_are_within_half_a_pixel(
    backend: str, yolo11n: Path, sample: list[Frame], ultralytics_own: list[Any]
) -> None:
    detector = YoloPoseDetector(yolo11n, device="cpu", backend=backend, min_score=MIN_SCORE)

    for found, own in zip(detector.detect(sample), ultralytics_own, strict=True):
        keypoints = own.keypoints.data.numpy()
        assert len(found.scores) == len(keypoints) > 0
        np.testing.assert_allclose(found.keypoints_px, keypoints[..., :2], atol=0.1)
        np.testing.assert_allclose(found.boxes_px, own.boxes.xyxy.numpy(), atol=0.1)
        np.testing.assert_allclose(found.scores, own.boxes.conf.numpy(), atol=0.001)
