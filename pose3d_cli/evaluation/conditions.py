"""How held-out motion is filmed: as pinned, so that figures can be compared from year to year.

Every window of the held-out clips at 30 frames a second, seen by four random cameras each.
"""

from dataclasses import dataclass, replace

from pose3d_cli.datasets.views import Views
from pose3d_cli.errors import UsageError
from pose3d_cli.evaluation.pinned import KNOWN_FOCAL, PINNED
from pose3d_cli.lifting.config import WINDOW_FRAMES

USUAL = "realistic/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """Pinned ones, or what differs from them."""

    protocol: str = USUAL
    """A name in `pinned.py`."""
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
    straight_knees: bool = False
    """The corpus was read so: legs that a recording's rig bends are unbent."""
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse a name that is none.

        Raises:
            UsageError: nothing is pinned under it.
        """
        if self.protocol not in PINNED:
            raise UsageError(f"no protocol '{self.protocol}'", hint=f"Known: {', '.join(PINNED)}.")

    @property
    def name(self) -> str:
        """The pinned name, with what differs."""
        usual = Conditions(protocol=self.protocol)
        changed = [
            f"{key}={getattr(self, key):g}"
            for key in self.__slots__
            if getattr(self, key) != getattr(usual, key)
        ]
        return " ".join([self.protocol, *changed])

    @property
    def views(self) -> Views:
        """What that means for cameras, bodies and the detector."""
        pinned = PINNED[self.protocol]
        cameras = pinned.cameras
        if self.pitch_deg is not None:
            cameras = replace(cameras, pitch_deg=((1.0, self.pitch_deg, self.pitch_deg),))
        if self.roll_deg is not None:
            lean = self.roll_deg
            cameras = replace(cameras, roll_deg=((0.5, -lean, -lean), (0.5, lean, lean)))
        return Views(
            noise=self.noise,
            bodies=replace(pinned.bodies, vary=not self.own_bones),
            cameras=cameras,
            errors=pinned.errors,
            known_focal=KNOWN_FOCAL,
        )
