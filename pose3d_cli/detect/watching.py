"""Beside finding people, note what they look like and where a new scene begins.

Works around any detector, because it only needs the frames that pass on their way in.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace

from pose3d_cli.detect import PoseDetector
from pose3d_cli.detect.looks import looks_of
from pose3d_cli.detect.scenes import LOOK_AHEAD, CutFinder
from pose3d_cli.sequences import Detections, Frame


def watch_people(detector: PoseDetector, frames: Iterable[Frame]) -> Iterator[Detections]:
    """Yield who is in each frame, with ``looks`` and ``starts_scene``.

    Holds the frames that the detector holds, and is two detections late.
    """
    cuts = CutFinder()
    shown: deque[Frame] = deque()

    def noted() -> Iterator[Frame]:
        for frame in frames:
            cuts.look_at(frame.index, frame.rgb)
            shown.append(frame)
            yield frame

    late: deque[Detections] = deque()
    for found in detector.detect(noted()):
        late.append(replace(found, looks=looks_of(shown.popleft().rgb, found)))
        if len(late) > LOOK_AHEAD:
            yield _placed(late.popleft(), cuts)
    for found in late:
        yield _placed(found, cuts)


def _placed(found: Detections, cuts: CutFinder) -> Detections:
    return replace(found, starts_scene=found.index in cuts.first_frames)
