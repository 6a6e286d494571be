"""Lift people in ordinary video to 3D motion.

    from pose3d_cli import lift
    result = lift("clip.mp4", outputs=["result.mp4"])

Importing the package costs nothing: what is heavy is imported by the first call.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pose3d_cli.api import lift as lift
    from pose3d_cli.api import lift_keypoints as lift_keypoints

__version__ = "0.1.0"
__all__ = ["lift", "lift_keypoints"]


def __getattr__(name: str) -> Any:
    """Import a function when it is asked for (PEP 562)."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from pose3d_cli import api

    return getattr(api, name)
