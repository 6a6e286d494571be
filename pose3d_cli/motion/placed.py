"""One person in front of the camera, before anybody knows which way is up."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float
from scipy.ndimage import percentile_filter

from pose3d_cli.geometry.camera import Camera
from pose3d_cli.motion.contacts import ANKLES, foot_contacts, picture_speed_m_s
from pose3d_cli.sequences import Pose2DSequence

LOWEST_PERCENTILE = 10
"""Of the lower ankle's height: near what is stood on, whatever single frames say."""
LATELY_S = 0.8
"""What is stood on may change: people jump off walls."""


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """Joints of constant bones where the camera sees them."""

    seen: Pose2DSequence
    camera: Camera
    positions_m: Float[np.ndarray, "f 17 3"]
    """Camera axes."""

    def ankle_heights_m(self, up: Float[np.ndarray, "3"]) -> Float[np.ndarray, "f 2"]:
        """Return how high the ankles are above what is stood on.

        That is the lowest that they lately got, or soon get, whichever is higher.
        """
        height = self.positions_m[:, ANKLES] @ up
        frames = max(1, round(LATELY_S * self.seen.fps))
        before, after = (
            percentile_filter(
                height.min(1), LOWEST_PERCENTILE, size=frames, mode="nearest", origin=origin
            )
            for origin in ((frames - 1) // 2, -(frames // 2))
        )
        return np.asarray(height - np.maximum(before, after)[:, None])

    def contacts(self, up: Float[np.ndarray, "3"]) -> Bool[np.ndarray, "f 2"]:
        """Return whether the left and the right foot stand, if this way is up (camera axes)."""
        rays = self.camera.rays(self.seen.keypoints_px[:, ANKLES])[..., :2]
        depth = self.positions_m[:, ANKLES, 2]
        return foot_contacts(
            picture_speed_m_s(rays, depth, fps=self.seen.fps),
            self.ankle_heights_m(up),
            seen=self.seen.observed[:, ANKLES],
            fps=self.seen.fps,
        )
