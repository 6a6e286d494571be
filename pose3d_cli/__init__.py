"""Lift people in ordinary video to 3D motion.

    from pose3d_cli import lift
    result = lift("clip.mp4", outputs=["result.mp4"])

Importing the package costs nothing: what is heavy is imported by the first call.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pose3d_cli.api import lift as lift

__version__ = "0.1.0"
__all__ = ["lift"]
