"""Lift people in ordinary video to 3D motion.

    from pose3d_cli import lift
    result = lift("clip.mp4", outputs=["result.mp4"])

Importing the package costs nothing: what is heavy is imported by the first call.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pose3d_cli.api import lift as lift

__version__ = "0.1.0"
__all__ = ["lift"]


def __getattr__(name: str) -> Any:
    """Import the function when it is asked for (PEP 562)."""
    if name != "lift":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from pose3d_cli.api import lift

    return lift
