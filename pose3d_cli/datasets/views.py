"""How the world varies that a lifter learns from: one frozen value for each concern."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pose3d_cli.datasets.bodies import Bodies
from pose3d_cli.datasets.cameras import Cameras
from pose3d_cli.datasets.detector_errors import DetectorErrors
from pose3d_cli.datasets.playback import Playback

_PARTS = {
    "playback": Playback,
    "bodies": Bodies,
    "cameras": Cameras,
    "errors": DetectorErrors,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Views:
    """How people, cameras and detectors vary."""

    noise: float = 1.0
    """Multiplies all errors of the detector; 0 gives exact keypoints and focal lengths."""
    playback: Playback = field(default_factory=Playback)
    bodies: Bodies = field(default_factory=Bodies)
    cameras: Cameras = field(default_factory=Cameras)
    errors: DetectorErrors = field(default_factory=DetectorErrors)
    known_focal: float = 0.3
    """Share of cameras whose focal length is known to 3 %; else a typical one is assumed."""


def views_of(table: Mapping[str, Any]) -> Views:
    """Return views as a TOML file declares them: ``[views]``, ``[views.cameras]`` and so on.

    Raises:
        TypeError: a key is unknown.
    """
    return Views(
        **{
            key: _PARTS[key](**{name: _frozen(part) for name, part in value.items()})
            if key in _PARTS
            else value
            for key, value in table.items()
        }
    )


def _frozen(value: Any) -> Any:
    """Return lists as tuples, and whole numbers inside them as those that they stand for."""
    if isinstance(value, list):
        return tuple(_frozen(item) for item in value)
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value
