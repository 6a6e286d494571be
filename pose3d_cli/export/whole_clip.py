"""Animation files without a clock: their first frame is the clip's, whoever comes later."""

from dataclasses import replace

import numpy as np
from jaxtyping import Float64

from pose3d_cli.sequences import Motion, Person


def over_clip(person: Person, times_s: Float64[np.ndarray, " f"]) -> Motion:
    """Return the person's motion with a frame for each of the clip's, whose times are given.

    They stand still before their first frame and after their last, so that files of several people
    play together, and beside the clip.
    """
    motion = person.motion
    frames = np.arange(len(times_s)) - person.poses_2d.first_frame
    nearest = frames.clip(0, len(motion.times_s) - 1)
    return replace(
        motion,
        times_s=times_s,
        root_m=motion.root_m[nearest],
        rotations_wxyz=motion.rotations_wxyz[nearest],
    )
