"""Animation files know one frame rate; phones record whatever they manage."""

import logging
from dataclasses import replace

import numpy as np

from pose3d_cli.geometry.rotations import resample_rotations, unit
from pose3d_cli.sequences import Motion

logger = logging.getLogger(__name__)

TOLERATED_FRAMES = 0.1
"""Containers round times to milliseconds: at 60 fps that alone is 0.03 frames."""


def at_constant_rate(motion: Motion) -> Motion:
    """Return the motion with one frame every 1 / ``fps`` from its first, resampled if it must be.

    The root moves on straight lines between frames, and joints turn by the shortest arc.
    """
    first_s, last_s = motion.times_s[0], motion.times_s[-1]
    late_s = motion.times_s - first_s - np.arange(len(motion.times_s)) / float(motion.fps)
    if np.abs(late_s).max() * float(motion.fps) <= TOLERATED_FRAMES:
        return motion
    count = round((last_s - first_s) * float(motion.fps)) + 1
    times_s = first_s + np.arange(count) / float(motion.fps)
    logger.info(
        "variable frame rate: %d frames resampled to %d at %.3f fps",
        len(motion.times_s),
        count,
        float(motion.fps),
    )
    return replace(
        motion,
        times_s=times_s,
        root_m=np.stack(
            [np.interp(times_s, motion.times_s, axis_m) for axis_m in motion.root_m.T], axis=-1
        ),
        rotations_wxyz=resample_rotations(
            motion.times_s, unit(motion.rotations_wxyz), times_to_s=times_s
        ),
    )
