"""Where a film cuts from one scene to the next, with PySceneDetect.

A cut is a frame that differs from the one before more than a fixed amount and more than its
neighbours differ from each other, so that a fast pan is none. Fades and dissolves are not found.
https://www.scenedetect.com/docs/latest/api/detectors.html
"""

from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import UInt8

if TYPE_CHECKING:
    from scenedetect import AdaptiveDetector

LOOK_AHEAD = 2
"""Frames after a cut that must have been seen to know that it is one."""
LONGER_SIDE_PX = 256
MIN_CHANGE = 27.0
"""Of hue, saturation and lightness, of 255: what PySceneDetect's plain detector asks for."""
SHORTEST_SCENE = 5
"""Frames; lightning and camera flashes last less."""


class CutFinder:
    """Looks at the frames of a clip in order."""

    def __init__(self) -> None:
        self.first_frames: set[int] = set()
        """Of every scene but the first, as far as ``LOOK_AHEAD`` frames before the last look."""
        self._detector: AdaptiveDetector | None = None

    def look_at(self, index: int, rgb: UInt8[np.ndarray, "h w 3"]) -> None:
        """Take in the next frame."""
        from scenedetect import AdaptiveDetector, FrameTimecode

        if self._detector is None:
            self._detector = AdaptiveDetector(
                min_scene_len=SHORTEST_SCENE, window_width=LOOK_AHEAD, min_content_val=MIN_CHANGE
            )
        step = -(-max(rgb.shape) // LONGER_SIDE_PX)
        small = np.ascontiguousarray(rgb[::step, ::step, ::-1])
        # The rate is of no account: everything is counted in frames.
        cuts = self._detector.process_frame(FrameTimecode(index, 30.0), small)
        self.first_frames.update(cut.frame_num for cut in cuts)
