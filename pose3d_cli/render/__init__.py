"""The picture people share: the video with its skeleton, and the motion in 3D."""

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

import numpy as np
from jaxtyping import UInt8

from pose3d_cli.geometry.camera import Camera
from pose3d_cli.render.renderer import Renderer
from pose3d_cli.render.settings import Encoding, LayoutName, OverlayKind, RenderSettings
from pose3d_cli.sequences import Frame, Person

__all__ = [
    "Encoding",
    "LayoutName",
    "OverlayKind",
    "RenderSettings",
    "Renderer",
    "render_frames",
]


def render_frames(
    frames: Iterable[Frame],
    people: Sequence[Person],
    *,
    camera: Camera,
    settings: RenderSettings | None = None,
) -> Iterator[tuple[UInt8[np.ndarray, "h w 3"], Fraction]]:
    """Yield each frame's composed picture (RGB) and presentation time, one by one."""
    renderer = Renderer.of(people, camera=camera, settings=settings or RenderSettings())
    for frame in frames:
        yield renderer.compose(frame), frame.time_s
