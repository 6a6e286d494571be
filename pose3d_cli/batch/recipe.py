"""What is done to every clip: plain values, so that workers anywhere can be told, and a hash of it."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pose3d_cli import __version__

if TYPE_CHECKING:
    from pose3d_cli.pipeline import Models, Settings
    from pose3d_cli.render import RenderSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """A verified file."""

    path: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Everything that decides what the outputs of a clip are."""

    detector: Weights
    lifter: Weights
    formats: tuple[str, ...]
    """Suffixes without their first dot: ``"json"``, ``"angles.csv"``."""
    person: str
    cutoff_hz: float | None
    flip: bool
    focal_px: float | None
    layout: str
    height_px: int | None
    device: str
    backend: str

    @property
    def sha256(self) -> str:
        """The hash of everything but where the weights lie."""
        values: dict[str, Any] = asdict(self) | {"pose3d": __version__}
        for role in ("detector", "lifter"):
            values[role] = values[role]["sha256"]
        return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()

    def load(self) -> "Models":
        """Load the networks, which takes seconds.

        Raises:
            WeightsError: a file is gone or damaged.
            DeviceError: the device or the back end is not available.
        """
        from pose3d_cli.detect.yolo import YoloPoseDetector
        from pose3d_cli.device import choose_device
        from pose3d_cli.lift.lifter import SasMambaLifter
        from pose3d_cli.pipeline import Models

        device = choose_device(self.device)
        return Models(
            YoloPoseDetector(Path(self.detector.path), device=device, backend=self.backend),
            SasMambaLifter.from_file(Path(self.lifter.path), device=device, flip=self.flip),
        )

    def settings(self) -> "Settings":
        """Return how clips are lifted."""
        from pose3d_cli.motion.settings import MotionSettings
        from pose3d_cli.pipeline import Settings

        motion = MotionSettings(cutoff_hz=self.cutoff_hz)
        return Settings(focal_px=self.focal_px, person=self.person, motion=motion)

    def look(self) -> "RenderSettings":
        """Return how results are drawn."""
        from pose3d_cli.render import RenderSettings

        return RenderSettings(layout=self.layout, height_px=self.height_px)  # type: ignore[arg-type]
