"""Find one person fast: look around where they were, at the whole picture only when that may err.

The whole picture is looked at once a second, and at once when the person is not where they were
expected, is faint, or when somebody else is so near that they could be mistaken for each other. Then
everybody is reported, and the tracker decides who is who; this module never does so silently.

A few frames are looked at side by side, all where the frame before them says: two, or three closely
while the whole of another is looked at. What is seen is judged in order, so that each frame is measured
by what the one before it told.
"""

from collections.abc import Generator, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Protocol, runtime_checkable

from pose3d_cli.detect.pursuit import Pursuit, Region
from pose3d_cli.sequences import Detections, Frame

CROP_PX = 320
"""Longer side of what the network sees of a part of the picture."""
AT_ONCE = 2
"""Looks at a time."""
WHOLE_COSTS = 3
"""Looks at a part of the picture that take as long as one at all of it."""


@runtime_checkable
class Looking(Protocol):
    """A detector that can look at a part of a picture."""

    name: str
    sha256: str
    licence: str

    def look(
        self, frame: Frame, *, region: Region | None = None, longest_px: int = 640
    ) -> Detections:
        """Return who is in a part of a frame, all of it by default."""
        ...


class CroppingDetector:
    """Reports the most prominent person of a clip, and everybody in every whole look."""

    def __init__(self, detector: Looking) -> None:
        self._detector = detector
        self.name = f"{detector.name}-crop{CROP_PX}"
        self.sha256, self.licence = detector.sha256, detector.licence

    def detect(self, frames: Iterable[Frame]) -> Generator[Detections, None, None]:
        """Yield who is in each frame, in order, holding at most eight frames at a time.

        While some are looked at, what was found before is told, and the next ones are fetched.
        """
        remaining, known = iter(frames), Pursuit()
        told: list[Detections] = []
        following = list(islice(remaining, AT_ONCE))
        with ThreadPoolExecutor(AT_ONCE) as threads:
            while together := following:
                regions = list(known.regions(together))
                if regions.count(None) == 1:
                    together += islice(remaining, WHOLE_COSTS - 1)
                    regions = list(known.regions(together))
                looks = threads.map(self._look, together, regions)
                yield from told
                following = list(islice(remaining, AT_ONCE))
                known, told = self._judged(known, together, regions, looks, threads)
        yield from told

    def _judged(
        self,
        known: Pursuit,
        frames: Sequence[Frame],
        regions: Sequence[Region | None],
        looks: Iterable[Detections],
        threads: ThreadPoolExecutor,
    ) -> tuple[Pursuit, list[Detections]]:
        """Return what is known after these frames and who is in each, after a second look if in doubt."""
        told: list[Detections] = []
        again: dict[int, Detections] = {}
        for i, (frame, region, look) in enumerate(zip(frames, regions, looks, strict=True)):
            if region and (close := known.after_close(look)):
                known, shown = close
            else:
                if region and frame.index not in again:
                    # A doubt seldom comes alone, and there is a thread for the next frame.
                    doubtful = [f for f, r in zip(frames[i:], regions[i:], strict=True) if r]
                    wholes = threads.map(self._look, doubtful[:AT_ONCE])
                    again |= {whole.index: whole for whole in wholes}
                shown = again[frame.index] if region else look
                known = known.after_whole(shown)
            told.append(shown)
        return known, told

    def _look(self, frame: Frame, region: Region | None = None) -> Detections:
        if region is None:
            return self._detector.look(frame)
        return self._detector.look(frame, region=region, longest_px=CROP_PX)
