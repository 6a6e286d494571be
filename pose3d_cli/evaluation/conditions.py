"""How held-out motion is filmed, pinned, so that figures can be compared from year to year.

``realistic/1``: every window of the held-out clips at 30 frames a second, seen by four random
cameras each. Bodies have Human3.6M's proportions, varied; cameras have every pitch from −30° to
88°, rolls of 11° (standard deviation), focal lengths from ultra-wide to long, and stand, shake, turn
or travel; most focal lengths are unknown. The detector errs as YOLO11n-pose does on real clips:
median 2 % of the person's height. Nothing here follows the defaults that training uses. Whatever
changes the pictures is another name.
"""

from dataclasses import dataclass, replace

from pose3d_cli.datasets.bodies import Bodies
from pose3d_cli.datasets.cameras import Cameras
from pose3d_cli.datasets.detector_errors import DetectorErrors
from pose3d_cli.datasets.views import Views
from pose3d_cli.lift.config import WINDOW_FRAMES

NAME = "realistic/1"

_CAMERAS = Cameras(
    pitch_deg=((0.40, -5.0, 15.0), (0.30, -12.0, 30.0), (0.22, -30.0, 60.0), (0.08, 40.0, 88.0)),
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
)
_BODIES = Bodies(
    bone_sd=0.06,
    scale_sd=0.04,
    own_share=0.3,
    children=0.12,
    marking_sd_m=0.008,
    recombined=0.0,
    lying=0.0,
)
_ERRORS = DetectorErrors(
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
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """``realistic/1``, or what differs from it."""

    cameras: int = 4
    """Random cameras that look at each window."""
    noise: float = 1.0
    """Multiplies the errors of the simulated detector; 0 gives exact joints and focal lengths."""
    pitch_deg: float | None = None
    """All cameras look down by this; None varies it."""
    roll_deg: float | None = None
    """All cameras lean by this, half of them to each side; None varies it."""
    frames: int = WINDOW_FRAMES
    """The lifter sees pieces of this length of the same pictures."""
    own_bones: bool = False
    """Keep each recording's proportions instead of drawing some about Human3.6M's."""
    seed: int = 0

    @property
    def name(self) -> str:
        """The pinned name, with what differs."""
        usual = Conditions()
        changed = [
            f"{key}={getattr(self, key):g}"
            for key in self.__slots__
            if getattr(self, key) != getattr(usual, key)
        ]
        return " ".join([NAME, *changed])

    @property
    def views(self) -> Views:
        """What that means for cameras, bodies and the detector."""
        cameras = _CAMERAS
        if self.pitch_deg is not None:
            cameras = replace(cameras, pitch_deg=((1.0, self.pitch_deg, self.pitch_deg),))
        if self.roll_deg is not None:
            lean = self.roll_deg
            cameras = replace(cameras, roll_deg=((0.5, -lean, -lean), (0.5, lean, lean)))
        return Views(
            noise=self.noise,
            bodies=replace(_BODIES, vary=not self.own_bones),
            cameras=cameras,
            errors=_ERRORS,
            known_focal=0.3,
        )
