"""From joints in the picture to joints in space: the SasMamba network and what feeds it.

lifter ← checkpoint ← model ← blocks ← {scan, structure_conv}; windows, normalise and config are
at the bottom and know no network.
"""

import importlib
import sys
from types import ModuleType
from typing import Any, Protocol, runtime_checkable

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


class _Callable(ModuleType):
    """``from pose3d_cli import lift`` finds this package, and means the function of that name."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Lift a video: see ``pose3d_cli.api.lift``."""
        # By name, at the call: what is above this package is not its own to know.
        return importlib.import_module("pose3d_cli.api").lift(*args, **kwargs)


sys.modules[__name__].__class__ = _Callable
