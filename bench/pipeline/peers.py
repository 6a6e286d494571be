"""The usual ways to a video with a 3D skeleton, put together from what others use.

All of them find people with Ultralytics' ``predict``, draw the skeleton in 3D with matplotlib, a new
figure a frame, and write the video with OpenCV. None has a lifter: the 17 joints are made up. They
differ in how the picture and the skeleton come together.
"""

from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from jaxtyping import Float, UInt8

from bench.pipeline.subject import CACHE
from pose3d_cli.detect.containment import contained
from pose3d_cli.skeleton import H36M17
from pose3d_cli.weights import ensure

PEERS_FRAMES = 8
SIZE_PX = (1920, 720)
"""Of our video; the demo's own are some 1530 × 760."""
JOINTS = np.random.default_rng(0).random((17, 3)) - 0.5

Picture = UInt8[np.ndarray, "h w 3"]
"""BGR, as OpenCV has it."""
Joints = Float[np.ndarray, "17 3"]


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


def as_peers_do(clip: Path, predictor: Any, way: str) -> Path:
    """Make a video of the first frames of a clip in one of the ``WAYS``; return where it is."""
    compose, output = WAYS[way], clip.with_name("peers.mp4")
    video, writer = cv2.VideoCapture(str(clip)), None
    for _ in range(PEERS_FRAMES):
        _, bgr = video.read()
        picture = compose(predictor([bgr])[0].plot(), JOINTS, clip.parent)
        if writer is None:
            size_px = (picture.shape[1], picture.shape[0])
            writer = cv2.VideoWriter(str(output), cv2.VideoWriter.fourcc(*"mp4v"), 30, size_px)
        writer.write(picture)
    if writer is not None:
        writer.release()
    return output


def _least(seen: Picture, joints: Joints, folder: Path) -> Picture:
    """Put a bare plot beside the picture: less than any demo that we know does."""
    figure, plt = _figure(6.4, 7.2)
    axes = figure.add_subplot(projection="3d")
    for a, b in pairwise(joints):
        axes.plot(*np.stack([a, b]).T)
    space = _read(_saved(plt, folder / "frame.png", dpi=100))
    return np.hstack([cv2.resize(seen, (1280, 720)), cv2.resize(space, (640, 720))])


def _one_image(seen: Picture, joints: Joints, folder: Path) -> Picture:
    """Save one figure with the picture and the skeleton side by side, in the size of our video.

    The figure is laid out as VideoPose3D's, which moves the lines of one instead of saving many:
    https://github.com/facebookresearch/VideoPose3D/blob/main/common/visualization.py
    """
    figure, plt = _figure(SIZE_PX[0] / 100, SIZE_PX[1] / 100)
    _show_picture(figure.add_subplot(1, 2, 1), seen[..., ::-1], "Input")
    axes = figure.add_subplot(1, 2, 2, projection="3d")
    _show_skeleton(axes, joints)
    axes.set_title("Reconstruction", fontsize=12)
    return _read(_saved(plt, folder / "frame.png", dpi=100))


def _as_demos(seen: Picture, joints: Joints, folder: Path) -> Picture:
    """Save picture, skeleton and both, three images a frame, as the demo does that many have copied.

    https://github.com/Vegetebird/MHFormer/blob/main/demo/vis.py, with figures closed as in
    https://github.com/TaatiTeam/MotionAGFormer/blob/master/demo/vis.py.
    """
    cv2.imwrite(str(folder / "2D.png"), seen)
    figure, plt = _figure(9.6, 5.4)
    _show_skeleton(figure.add_subplot(projection="3d"), joints)
    _saved(plt, folder / "3D.png", dpi=200, tight=True)
    picture, space = (plt.imread(folder / f"{name}.png") for name in ("2D", "3D"))
    edge_px = (picture.shape[1] - picture.shape[0]) // 2
    figure, plt = _figure(9.6, 5.4)
    _show_picture(
        figure.add_subplot(1, 2, 1), picture[:, edge_px : picture.shape[1] - edge_px], "Input"
    )
    _show_picture(figure.add_subplot(1, 2, 2), space[130:-130, 130:-130], "Reconstruction")
    return _read(_saved(plt, folder / "frame.png", dpi=200, tight=True))


WAYS: Mapping[str, Callable[[Picture, Joints, Path], Picture]] = {
    "peers, the least": _least,
    "peers, one image a frame": _one_image,
    "peers, as demos do": _as_demos,
}


def _figure(width_in: float, height_in: float) -> tuple[Any, Any]:
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    return plt.figure(figsize=(width_in, height_in)), plt


def _show_picture(axes: Any, rgb: np.ndarray, title: str) -> None:
    axes.set_xticks([])
    axes.set_yticks([])
    axes.axis("off")
    axes.imshow(rgb)
    axes.set_title(title, fontsize=12)


def _show_skeleton(axes: Any, joints: Joints) -> None:
    """Draw 16 bones in a box, as the demo does."""
    axes.view_init(elev=15.0, azim=70)
    for bone in H36M17.bones:
        is_left = H36M17.joints[bone[1]].startswith("left")
        axes.plot(*joints[list(bone)].T, lw=2, color="blue" if is_left else "red")
    for name, middle, radius in zip("xyz", joints[0], (0.72, 0.72, 0.7), strict=True):
        getattr(axes, f"set_{name}lim3d")([middle - radius, middle + radius])
        getattr(axes, f"{name}axis").set_pane_color((1.0, 1.0, 1.0, 0.0))
    axes.set_aspect("auto")
    axes.tick_params("x", labelbottom=False)
    axes.tick_params("y", labelleft=False)
    axes.tick_params("z", labelleft=False)


def _saved(plt: Any, path: Path, *, dpi: int, tight: bool = False) -> Path:
    plt.savefig(path, dpi=dpi, bbox_inches="tight" if tight else None)
    plt.close()
    return path


def _read(path: Path) -> Picture:
    return np.asarray(cv2.imread(str(path)), np.uint8)
