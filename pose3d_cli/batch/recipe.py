"""What is done to every clip: plain values, so that workers anywhere can be told, and a hash of it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from pose3d_cli import __version__

if TYPE_CHECKING:
    from pose3d_cli.detect.store import DetectionStore
    from pose3d_cli.export.bvh_style import BvhStyle
    from pose3d_cli.pipeline import Models, Settings
    from pose3d_cli.render import RenderSettings


@runtime_checkable
class Choices(Protocol):
    """What a user chose for every clip; can be pickled, and loads nothing until it is asked."""

    def settings(self) -> "Settings":
        """Return how clips are lifted."""
        ...

    def render_settings(self) -> "RenderSettings":
        """Return how results are drawn."""
        ...

    def bvh_style(self) -> "BvhStyle":
        """Return how BVHs are written."""
        ...

    def load(self) -> "Models":
        """Load the networks, which takes seconds.

        Raises:
            WeightsError: a file is gone or damaged.
            DeviceError: the device or the back end is not available.
        """
        ...

    def store(self) -> "DetectionStore | None":
        """Return where detections are kept, if they are."""
        ...

    def identity(self) -> Mapping[str, Any]:
        """Return all that outputs depend on but for the weights' content."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Everything that decides what the outputs of a clip are."""

    how: Choices
    weights: tuple[str, ...]
    """Hashes of the networks' files."""
    formats: tuple[str, ...]
    """Suffixes without their first dot: ``"json"``, ``"angles.csv"``."""

    @property
    def sha256(self) -> str:
        """The hash of everything but where the weights lie."""
        values = {
            "pose3d": __version__,
            "formats": self.formats,
            "weights": self.weights,
            "how": self.how.identity(),
        }
        return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
