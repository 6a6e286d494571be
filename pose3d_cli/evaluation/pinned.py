"""What is filmed for an evaluation, how, and by whom it is detected: pinned, each under a name.

``realistic/1``: bodies have Human3.6M's proportions, varied, and one in eight a child's; cameras have
every pitch from −30° to 88°, rolls of 11° (standard deviation), focal lengths from ultra-wide to long,
and stand, shake, turn or travel; most focal lengths are unknown; one clip in ten shows head and
shoulders only. The detector is off by 2.7 % of the person's height in the middle of clips, from where
COCO's annotators would click.

``unified/1``: the same cameras, but with the whole person in the picture, and of Human3.6M's
proportions. The detector makes the same mistakes, but what is always there is as large as it is for
YOLO11n-pose in 16 real clips with several cameras: there it is 1.6 to 3.5 % of the height off the
true joints, clip by clip, and 70 to 95 % of its keypoints are within 5 %. Here it is 1.6 to 4.3 % and
55 to 98 % (5th to 95th percentile of the clips; in the middle 2.4 % and 88 %); in ``realistic/1`` 1.6 to
6.1 % and 38 to 98 % (3.0 % and 79 %).

``marked/1``: as ``unified/1``, but trunks are up to a half longer against legs, and hips are not raised: where
YOLO-pose marks upright people's joints in pictures, thighs are .71 to .81 of the trunk, Human3.6M's .96.

Nothing here follows the defaults that training uses. Whatever changes the pictures is another name.
"""

from dataclasses import dataclass, replace

from pose3d_cli.datasets.bodies import Bodies
from pose3d_cli.datasets.cameras import Cameras
from pose3d_cli.datasets.detector_errors import DetectorErrors

KNOWN_FOCAL = 0.3
"""Share of cameras whose focal length the lifter knows."""


@dataclass(frozen=True, slots=True)
class Pinned:
    """How people, cameras and the detector vary."""

    cameras: Cameras
    bodies: Bodies
    errors: DetectorErrors


_REALISTIC = Pinned(
    Cameras(
        pitch_deg=(
            (0.40, -5.0, 15.0),
            (0.30, -12.0, 30.0),
            (0.22, -30.0, 60.0),
            (0.08, 40.0, 88.0),
        ),
        roll_deg=((0.45, -5.0, 5.0), (0.30, -15.0, 15.0), (0.25, -35.0, 35.0)),
        focal=((0.15, 0.42, 0.65), (0.50, 0.65, 1.1), (0.35, 1.1, 3.5)),
        aspect=((0.55, 16 / 9, 16 / 9), (0.30, 9 / 16, 9 / 16), (0.15, 0.75, 4 / 3)),
        fill=((0.70, 0.30, 0.95), (0.18, 0.12, 0.30), (0.12, 0.95, 1.4)),
        close_ups=0.10,
        off_centre=0.55,
        handheld=0.5,
        shake_deg=((0.7, 0.1, 0.6), (0.3, 0.6, 2.0)),
        following=0.35,
        travelling=0.25,
    ),
    Bodies(
        bone_sd=0.06,
        scale_sd=0.04,
        own_share=0.3,
        children=0.12,
        long_trunk=0.0,
        hip_rise_m=0.02,
        marking_sd_m=0.008,
        recombined=0.0,
        lying=0.0,
    ),
    DetectorErrors(
        level=((0.75, 0.006, 0.018), (0.25, 0.018, 0.032)),
        wander_s=((1.0, 0.12, 0.6),),
        input_px=640.0,
        leg_swaps_hz=0.06,
        leg_snaps_hz=0.05,
        side_swaps_hz=0.01,
        misses_hz=0.05,
        jumps_hz=0.05,
        jump=0.12,
        dropouts_hz=0.05,
        burst_s=0.25,
        things=0.2,
    ),
)
_UNIFIED = Pinned(
    replace(_REALISTIC.cameras, fill=((0.80, 0.30, 0.95), (0.20, 0.12, 0.30)), close_ups=0.0),
    replace(_REALISTIC.bodies, bone_sd=0.0, own_share=0.0, children=0.0),
    replace(_REALISTIC.errors, level=((0.75, 0.006, 0.013), (0.25, 0.013, 0.018))),
)
_MARKED = replace(_UNIFIED, bodies=replace(_UNIFIED.bodies, long_trunk=0.4, hip_rise_m=0.0))

PINNED = {"realistic/1": _REALISTIC, "unified/1": _UNIFIED, "marked/1": _MARKED}
