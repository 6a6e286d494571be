"""The pictures of a camera of this machine, encoded as they come.

OpenCV opens cameras by number on Linux, macOS and Windows; FFmpeg needs another name on each.
"""

import os
import sys
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from av.container import OutputContainer

from pose3d_cli.errors import InputError
from pose3d_cli.video.colour import i420_of, tag_i420
from pose3d_cli.video.live import Camera
from pose3d_cli.video.source import Packet
from pose3d_cli.video.stream_tap import Lost

SIZE_PX = (1280, 720)
"""What a camera is asked for; it gives the nearest that it has."""
FPS = 30
_TICKS_HZ = 90_000
_QUALITY = {"crf": "18", "preset": "superfast", "tune": "zerolatency"}
"""Good, and nothing is left in the encoder when the recording stops."""


class CameraTap:
    """An opened camera."""

    def __init__(self, camera: Camera) -> None:
        """Open it.

        Raises:
            InputError: it is not there, not allowed, or used by another program.
        """
        if sys.platform == "linux":
            _check_device(camera)
        self._camera = camera
        self._capture = cv2.VideoCapture(camera.number)
        if not self._capture.isOpened():
            raise InputError(
                f"{camera} cannot be opened",
                hint="Is it plugged in, allowed in the system's settings, unused by other programs?",
            )
        # Compressed, because larger pictures do not fit through USB otherwise.
        self._capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        self._capture.set(cv2.CAP_PROP_FRAME_WIDTH, SIZE_PX[0])
        self._capture.set(cv2.CAP_PROP_FRAME_HEIGHT, SIZE_PX[1])
        self._capture.set(cv2.CAP_PROP_FPS, FPS)

    def close(self) -> None:
        """Let go of it."""
        self._capture.release()

    def packets(self, output: OutputContainer) -> Iterator[tuple[Fraction, Packet]]:
        """Add a track to a file; yield its packets with their times, which begin at 0.

        Raises:
            Lost: the camera was unplugged.
        """
        track = output.add_stream("libx264", rate=FPS, options=_QUALITY)
        track.pix_fmt = "yuv420p"
        tag_i420(track)
        tick_s = track.codec_context.time_base = Fraction(1, _TICKS_HZ)
        began_s, last = None, -1
        while True:
            there, bgr = self._capture.read()
            came_s = Fraction(time.monotonic())
            if not there:
                raise Lost("no more pictures come")
            if began_s is None:
                began_s = came_s
                track.height, track.width = (side + side % 2 for side in bgr.shape[:2])
            last = max(last + 1, round((came_s - began_s) / tick_s))
            rgb = np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)
            frame = av.VideoFrame.from_ndarray(i420_of(rgb), format="yuv420p")
            frame.pts, frame.time_base = last, tick_s
            yield from ((p.pts * tick_s, p) for p in track.encode(frame) if p.pts is not None)


def _check_device(camera: Camera) -> None:
    """Say more than OpenCV would.

    Raises:
        InputError: there is no such device, or it may not be used.
    """
    device = Path(f"/dev/video{camera.number}")
    if not device.exists():
        others = sorted(path.name.removeprefix("video") for path in device.parent.glob("video*"))
        raise InputError(
            f"there is no camera {camera.number} ({device})",
            hint=f"There are: {', '.join(others)}." if others else "No camera is plugged in.",
        )
    if not os.access(device, os.R_OK | os.W_OK):
        raise InputError(
            f"{camera} may not be used: no permission for {device}",
            hint="sudo usermod -aG video $USER, then log in again.",
        )
