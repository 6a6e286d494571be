"""How many pictures a second one core draws, beside a matplotlib 3D animation of the same motion.

    python -m bench.render --json render.json

Everything runs in turn, several times over, on one core; a rate is the median over the rounds of
pictures over processor seconds, a ratio the median of the rounds' ratios. matplotlib appears twice:
with artists that are kept from picture to picture, its fastest way, and with a figure a picture that
is saved as a PNG file, which is how visualisers of 3D poses usually do it.
"""

import argparse
import io
import json
import os
import platform
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import matplotlib as mpl
import numpy as np
from jaxtyping import Float, UInt8
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from pose3d_cli.geometry.camera import Camera
from pose3d_cli.render import LayoutName, Renderer, RenderSettings
from pose3d_cli.render.scene import Scene
from pose3d_cli.sequences import (
    Frame,
    Motion,
    Person,
    Pose2DSequence,
    Pose3DSequence,
    WorldPoses,
)
from pose3d_cli.skeleton import H36M17, RIG

KEPT = "matplotlib, artists kept"
SAVED = "matplotlib, a figure each"
FRAMES = 120
FPS = Fraction(30)
PANELS = ((640, 720), (960, 1080))
LAYOUTS: tuple[LayoutName, ...] = ("side", "overlay", "pip", "3d-only")
HALF_BODY_M = {
    "hip": (0.13, 0.95, 0),
    "knee": (0.14, 0.5, 0.03),
    "ankle": (0.15, 0.08, 0),
    "shoulder": (0.18, 1.42, 0),
    "elbow": (0.24, 1.14, 0),
    "wrist": (0.28, 0.92, 0.1),
}
MIDDLE_M = {
    "pelvis": (0, 0.95, 0),
    "spine": (0, 1.2, 0),
    "thorax": (0, 1.45, 0),
    "nose": (0, 1.58, 0.05),
    "head": (0, 1.7, 0),
}


@dataclass(frozen=True)
class Contender:
    """Something that draws pictures."""

    name: str
    draw: Callable[[int], object]
    pictures: int
    """In one round."""


def main() -> None:
    """Run every contender and say how they compare."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=7)
    options.add_argument("--json", type=Path, help="where to write the figures")
    chosen = options.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    cv2.setNumThreads(1)
    rates = measured(contenders(), rounds=chosen.rounds)
    report = {
        "machine": platform.processor() or platform.machine(),
        "versions": {"opencv": cv2.__version__, "matplotlib": mpl.__version__},
        "frames_per_s": {name: round(statistics.median(r), 1) for name, r in rates.items()},
        "times_as_fast": {
            f"{width}x{height} as {peer}": round(ratio(rates, f"{width}x{height}", peer), 1)
            for width, height in PANELS
            for peer in (KEPT, SAVED)
        },
    }
    print(json.dumps(report, indent=1))
    if chosen.json:
        chosen.json.write_text(json.dumps(report), encoding="utf-8")


def contenders() -> list[Contender]:
    """Return the panels, matplotlib's animation of each, and whole pictures of a 1080p clip."""
    camera = Camera.assumed(1920, 1080)
    walker = walking_person(camera)
    found = []
    for width, height in PANELS:
        size = f"{width}x{height}"
        scene = Scene.of([walker], width_px=width, height_px=height)
        found += [
            Contender(f"{size} panel", partial(panel, scene, width, height), 30),
            Contender(f"{size} {KEPT}", animation(walker.world.positions_m, width, height), 5),
            Contender(f"{size} {SAVED}", figures(walker.world.positions_m, width, height), 2),
        ]
    noise = np.random.default_rng(0).integers(0, 256, (1080, 1920, 3), np.uint8)
    for layout in LAYOUTS:
        settings = RenderSettings(layout=layout)
        renderer = Renderer.of([walker], camera=camera, settings=settings)
        name = f"1920x1080 clip, {layout}"
        found.append(Contender(name, partial(composed, renderer, noise), 15))
    return found


def panel(scene: Scene, width_px: int, height_px: int, frame: int) -> object:
    """Draw a 3D view alone."""
    rgb = np.empty((height_px, width_px, 3), np.uint8)
    scene.draw(rgb, frame=frame)
    return rgb


def composed(renderer: Renderer, rgb: UInt8[np.ndarray, "h w 3"], frame: int) -> object:
    """Draw a whole picture."""
    return renderer.compose(Frame(frame, frame / FPS, rgb))


def measured(contenders: list[Contender], *, rounds: int) -> dict[str, list[float]]:
    """Return each contender's pictures per processor second, round by round."""
    rates: dict[str, list[float]] = {contender.name: [] for contender in contenders}
    for contender in contenders:
        contender.draw(0)  # whatever is compiled or cached
    for start in range(rounds):
        for contender in contenders:
            began_s = time.process_time()
            for i in range(contender.pictures):
                contender.draw((17 * start + i) % FRAMES)
            rates[contender.name].append(contender.pictures / (time.process_time() - began_s))
    return rates


def ratio(rates: dict[str, list[float]], size: str, peer: str) -> float:
    """Return how many times as fast as a peer's a panel is drawn."""
    ours, theirs = rates[f"{size} panel"], rates[f"{size} {peer}"]
    return statistics.median(a / b for a, b in zip(ours, theirs, strict=True))


def animation(
    positions_m: Float[np.ndarray, "f 17 3"], width_px: int, height_px: int
) -> Callable[[int], object]:
    """Return a function that moves the lines of one plot and draws it again."""
    canvas, lines = plotted(positions_m, 0, width_px, height_px)

    def draw(frame: int) -> object:
        for line, bone in zip(lines, H36M17.bones, strict=True):
            x, y, z = positions_m[frame, list(bone)].T
            line.set_data_3d(x, z, y)
        canvas.draw()
        return np.asarray(canvas.buffer_rgba())

    return draw


def figures(
    positions_m: Float[np.ndarray, "f 17 3"], width_px: int, height_px: int
) -> Callable[[int], object]:
    """Return a function that makes a new plot and saves it."""

    def draw(frame: int) -> object:
        canvas, _ = plotted(positions_m, frame, width_px, height_px)
        return canvas.print_png(io.BytesIO())

    return draw


def plotted(
    positions_m: Float[np.ndarray, "f 17 3"], frame: int, width_px: int, height_px: int
) -> tuple[Any, list[Any]]:
    """Return one frame of a motion as a plot: lines with a dot at every joint."""
    figure = Figure(figsize=(width_px / 100, height_px / 100), dpi=100)
    canvas: Any = FigureCanvasAgg(figure)
    axes = figure.add_subplot(projection="3d")
    lines = []
    for bone in H36M17.bones:
        x, y, z = positions_m[frame, list(bone)].T
        lines += axes.plot(x, z, y, linewidth=4, marker="o")
    low, high = positions_m.min(axis=(0, 1)), positions_m.max(axis=(0, 1))
    axes.set(xlim=(low[0], high[0]), ylim=(low[2], high[2]), zlim=(0, high[1]))
    return canvas, lines


def walking_person(camera: Camera) -> Person:
    """Return somebody who walks on the spot for as long as the bench needs."""
    times_s = np.arange(FRAMES) / float(FPS)
    positions_m = walk_m(times_s)
    camera_from_world = np.diag([1.0, -1.0, -1.0, 1.0])
    camera_from_world[:3, 3] = (0, 1, 3.5)
    seen_m = positions_m @ camera_from_world[:3, :3].T + camera_from_world[:3, 3]
    ones = np.ones((FRAMES, len(H36M17)))
    still = np.zeros((len(RIG), 3))
    turns = np.zeros((FRAMES, len(RIG), 4))
    return Person(
        1,
        Pose2DSequence(H36M17, 0, times_s, FPS, camera.project(seen_m), ones, ones > 0),
        Pose3DSequence(H36M17, times_s, FPS, positions_m - positions_m[:, :1]),
        WorldPoses(H36M17, positions_m, camera_from_world),
        Motion(RIG, times_s, FPS, still, positions_m[:, 0], turns),
    )


def walk_m(times_s: Float[np.ndarray, " f"]) -> Float[np.ndarray, "f 17 3"]:
    """Return joints that swing as a walker's do."""
    swing = np.sin(2 * np.pi * 0.9 * times_s)
    positions_m = np.empty((len(times_s), len(H36M17), 3))
    for joint, place in MIDDLE_M.items():
        positions_m[:, H36M17.index(joint)] = place
    reach_m = {"knee": 0.16, "ankle": 0.34, "elbow": -0.12, "wrist": -0.26}
    for joint, (x, y, z) in HALF_BODY_M.items():
        for side, sign in (("left", 1), ("right", -1)):
            ahead = z + sign * reach_m.get(joint, 0.0) * swing
            place_m = np.stack([0 * swing + sign * x, 0 * swing + y, ahead], axis=-1)
            positions_m[:, H36M17.index(f"{side}_{joint}")] = place_m
    return positions_m


if __name__ == "__main__":
    main()
