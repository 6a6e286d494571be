"""From frames to one person's joints: find people, follow them, mend the tracks, rename the joints.

``detector.detect(frames)`` → ``follow`` → ``main_person`` → ``untangle`` → ``fill_gaps`` →
``coco_to_h36m``. Only a detector knows a network; everything after it is plain geometry.
"""

from collections.abc import Iterable, Iterator
from typing import Protocol, runtime_checkable

from pose3d_cli.sequences import Detections, Frame


@runtime_checkable
class PoseDetector(Protocol):
    """Finds everybody in a picture, with the keypoints of ``COCO17``."""

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
        """What its weights may be used for, in the words of whoever made them."""
        ...

    def detect(self, frames: Iterable[Frame]) -> Iterator[Detections]:
        """Yield who is in each frame, in order, holding only a few frames at a time."""
        ...
