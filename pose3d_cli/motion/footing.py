"""What standing feet say about the path of the root, as equations beside those of the picture."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from jaxtyping import Bool, Float

from pose3d_cli.motion.contacts import ANKLES, sureness

STANDING_M_S = 0.15
"""How fast a foot seems to move that stands."""
SLIDING_M_S = 0.5
"""A foot that is this fast all the same counts half."""
LEVEL_M = 0.03
"""How much higher or lower than another a foot seems to stand."""
STEP_M = 0.3
"""One that is this far off the level of the others stands on something else, and counts half."""


@dataclass(frozen=True, slots=True, eq=False)
class Footing:
    """Feet that stand, and the way up."""

    stands: Bool[np.ndarray, "f 2"]
    """The left and the right foot."""
    up: Float[np.ndarray, "3"]
    """Against gravity, in the axes of the camera."""
    fps: Fraction

    def equations(
        self, root_m: Float[np.ndarray, "f 3"], relative_m: Float[np.ndarray, "f 17 3"]
    ) -> tuple[Float[np.ndarray, "7 f 3"], Float[np.ndarray, "f 3"]]:
        """Return what to add to the path's normal equations: banded matrix and right side.

        A foot that stands in two consecutive frames is in the same place in both; feet that stand
        are on one level; both the more the more surely they stand. In inverse square metres; rows as ``scipy.linalg.solveh_banded`` has them.
        """
        ankles = relative_m[:, ANKLES]
        bands, right = np.zeros((7, *root_m.shape)), np.zeros_like(root_m)
        step = np.diff(ankles, axis=0)
        fps, sure = float(self.fps), sureness(self.stands, fps=self.fps)
        speed = np.linalg.norm(step + np.diff(root_m, axis=0)[:, None], axis=-1) * fps
        weight = (fps / STANDING_M_S) ** 2 / (1 + np.square(speed / SLIDING_M_S))
        weight = weight * np.minimum(sure[1:], sure[:-1])
        total, push = weight.sum(1)[:, None], (weight[..., None] * step).sum(1)
        bands[6, 1:] += total
        bands[6, :-1] += total
        bands[3, 1:] -= total
        right[1:] -= push
        right[:-1] += push
        if self.stands.any():
            self._add_level(bands, right, (ankles + root_m[:, None]) @ self.up, ankles @ self.up)
        return bands, right

    def _add_level(
        self,
        bands: Float[np.ndarray, "7 f 3"],
        right: Float[np.ndarray, "f 3"],
        height_m: Float[np.ndarray, "f 2"],
        above_root_m: Float[np.ndarray, "f 2"],
    ) -> None:
        floor = np.median(height_m[self.stands])
        weight = LEVEL_M**-2 / (1 + np.square((height_m - floor) / STEP_M))
        weight = weight * sureness(self.stands, fps=self.fps)
        total, wanted = weight.sum(1), (weight * (floor - above_root_m)).sum(1)
        for above in range(3):
            for column in range(above, 3):
                bands[6 - above, :, column] += total * self.up[column - above] * self.up[column]
        right += wanted[:, None] * self.up
