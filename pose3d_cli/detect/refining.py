"""Look again at everybody, closely, upright, and in a mirror: slower, and nearer to the truth.

After a look at the whole picture the network sees each of the most prominent people a second and a
third time: alone, as large as it takes, turned upright if they lean, and the mirror image of that.
Networks know upright people best (COCO has few others), and what they get wrong about the left is
often right in a mirror, so the mean of both is better than either (as in every benchmark of pose
networks since Newell et al. 2016, "Stacked Hourglass Networks", section 4).
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
from jaxtyping import Float, Int

from pose3d_cli.detect.closeup import CLOSE_PX, CloseUp, Pose, close_up
from pose3d_cli.detect.cropping import Looking
from pose3d_cli.detect.pursuit import Region
from pose3d_cli.sequences import Detections, Frame
from pose3d_cli.skeleton import COCO17
from pose3d_cli.streams import mapped

MOST_PEOPLE = 4
"""In one frame; the others stay as they were found."""
PROMINENT_SCORE = 0.25
SAME_PERSON = 0.15
"""Mean distance of keypoints, in sizes of the person, within which two looks mean the same person."""
APART = 0.05
"""Distance, likewise, beyond which the mirror contradicts; a mean would be neither's place."""

_MIRROR = list(COCO17.mirror)


class RefiningDetector:
    """Reports whom a detector finds, and where they are more exactly."""

    def __init__(self, detector: Looking, *, workers: int) -> None:
        """Look through a detector, at that many frames at a time."""
        self._detector, self._workers = detector, workers
        self.name = f"{detector.name}-refined"
        self.sha256, self.licence = detector.sha256, detector.licence

    def detect(self, frames: Iterable[Frame]) -> Iterator[Detections]:
        """Yield who is in each frame, in order, holding a few frames at a time."""
        return mapped(self.look, frames, workers=self._workers)

    def look(
        self, frame: Frame, *, region: Region | None = None, longest_px: int = 640
    ) -> Detections:
        """Return who is in a part of a frame, all of it by default, seen twice more from near."""
        found = self._detector.look(frame, region=region, longest_px=longest_px)
        keypoints_px, confidence = found.keypoints_px.copy(), found.confidence.copy()
        for person in _prominent(found):
            before = Pose(found.keypoints_px[person], found.confidence[person])
            view = close_up(frame.rgb, before, found.boxes_px[person])
            if view is not None:
                closer = self._closer(frame, view, before)
                keypoints_px[person], confidence[person] = closer.points_px, closer.confidence
        height_px, width_px = frame.rgb.shape[:2]
        inside = ((keypoints_px > 0) & (keypoints_px < (width_px, height_px))).all(axis=-1)
        return replace(
            found,
            keypoints_px=np.clip(keypoints_px, 0, (width_px, height_px)),
            confidence=np.where(inside, confidence, 0.0),
        )

    def _closer(self, frame: Frame, view: CloseUp, before: Pose) -> Pose:
        """Return what the two closer looks agree on; what was known where they see nobody."""
        plain = self._detector.look(replace(frame, rgb=view.rgb), longest_px=CLOSE_PX)
        mirror_image = np.ascontiguousarray(view.rgb[:, ::-1])
        mirrored = self._detector.look(replace(frame, rgb=mirror_image), longest_px=CLOSE_PX)
        unmirrored_px = mirrored.keypoints_px[:, _MIRROR] * (-1, 1) + (view.rgb.shape[1], 0)
        poses = [
            _same(view.back(plain.keypoints_px), plain.confidence, before),
            _same(view.back(unmirrored_px), mirrored.confidence[:, _MIRROR], before),
        ]
        seen = [pose for pose in poses if pose is not None]
        if len(seen) == 2:
            return _agreed(*seen, before=before)
        return seen[0] if seen else before


def _prominent(found: Detections) -> Int[np.ndarray, " n"]:
    areas = np.prod(found.boxes_px[:, 2:] - found.boxes_px[:, :2], axis=1)
    worth = np.where(found.scores >= PROMINENT_SCORE, areas * found.scores, 0.0)
    most = np.argsort(-worth)[:MOST_PEOPLE]
    return np.asarray(most[worth[most] > 0])


def _same(
    points_px: Float[np.ndarray, "p 17 2"], confidence: Float[np.ndarray, "p 17"], before: Pose
) -> Pose | None:
    """Return who of those found is the person from before."""
    if not len(points_px):
        return None
    off = np.linalg.norm(points_px - before.points_px, axis=-1)[:, before.sure].mean(axis=1)
    best = int(off.argmin())
    if off[best] > SAME_PERSON * before.size_px:
        return None
    return Pose(points_px[best], confidence[best])


def _agreed(one: Pose, other: Pose, *, before: Pose) -> Pose:
    """Return the mean; where they are apart, whichever is nearer to before, half as certain."""
    size_px = before.size_px
    weights = np.stack([one.confidence, other.confidence]) + 1e-6
    points_px = np.stack([one.points_px, other.points_px])
    mean_px = (weights[..., None] * points_px).sum(axis=0) / weights.sum(axis=0)[:, None]
    apart = np.linalg.norm(one.points_px - other.points_px, axis=-1) > APART * size_px
    off_px = np.linalg.norm(points_px - before.points_px, axis=-1)
    nearer_px = np.where((off_px[0] <= off_px[1])[:, None], one.points_px, other.points_px)
    confidence = np.stack([one.confidence, other.confidence]).mean(axis=0)
    return Pose(
        np.where(apart[:, None], nearer_px, mean_px), np.where(apart, 0.5, 1.0) * confidence
    )
