"""From joints in the picture to joints in space: the SasMamba network and what feeds it.

lifter ← checkpoint ← model ← fused ← blocks ← {scan, structure_conv}; windows, normalise and config are
at the bottom and know no network.
"""

from typing import Protocol, runtime_checkable

from pose3d_cli.geometry.camera import Camera
from pose3d_cli.sequences import Pose2DSequence, Pose3DSequence


@runtime_checkable
class Lifter(Protocol):
    """Anything that turns a person's joints in the picture into poses in space."""

    @property
    def name(self) -> str:
        """What the network is called."""
        ...

    @property
    def sha256(self) -> str:
        """Hash of its weights, in hexadecimal."""
        ...

    @property
    def licence(self) -> str:
        """What its weights may be used for."""
        ...

    def lift(self, poses: Pose2DSequence, *, camera: Camera) -> Pose3DSequence:
        """Return one root-relative pose for every frame, in the axes of the camera."""
        ...
