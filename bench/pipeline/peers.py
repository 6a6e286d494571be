"""The usual way to a video with a 3D skeleton, put together from what others use."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from bench.pipeline.subject import CACHE
from pose3d_cli.detect.containment import contained
from pose3d_cli.weights import ensure

PEERS_FRAMES = 12


def peers_predictor() -> Any:
    """Return Ultralytics' own predictor, loaded beforehand as our networks are."""
    with contained():
        from ultralytics.models import YOLO
        from ultralytics.models.yolo.pose import PosePredictor

        yolo: Any = YOLO(str(ensure("yolo11n-pose", cache_dir=CACHE)))
        predictor = PosePredictor(overrides={"imgsz": 640, "save": False, "verbose": False})
        predictor.setup_model(yolo.model, verbose=False)
        predictor.done_warmup = True
    return predictor


def as_peers_do(clip: Path, predictor: Any) -> None:
    """Ultralytics' predict, a new matplotlib figure in 3D, one image a frame, then a video as ours.

    Less than visualisers do, which write three images a frame, two of them at 200 dots per inch:
    https://github.com/Vegetebird/MHFormer/blob/main/demo/vis.py
    """
    video, joints = cv2.VideoCapture(str(clip)), np.random.default_rng(0).random((17, 3))
    writer = cv2.VideoWriter(
        str(clip.with_name("peers.mp4")), cv2.VideoWriter.fourcc(*"mp4v"), 30, (1920, 720)
    )
    for _ in range(PEERS_FRAMES):
        _, bgr = video.read()
        seen = predictor([bgr])[0].plot()
        space = _plotted(joints, clip.with_name("frame.png"))
        writer.write(np.hstack([cv2.resize(seen, (1280, 720)), cv2.resize(space, (640, 720))]))
    writer.release()


def _plotted(joints: np.ndarray, path: Path) -> Any:
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure = plt.figure(figsize=(6.4, 7.2))
    axes: Any = figure.add_subplot(projection="3d")
    for a, b in pairwise(joints):
        axes.plot(*np.stack([a, b]).T)
    figure.savefig(path)
    plt.close(figure)
    return cv2.imread(str(path))
