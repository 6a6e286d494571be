"""Where somebody is expected in a frame in which they were not seen: between before and after."""

from bisect import bisect_right, insort

import numpy as np
from jaxtyping import Bool

from pose3d_cli.detect.trails import Sighting, moved
from pose3d_cli.sequences import Track2D


class Course:
    """Where one person was: what is believed of their track, and what was found since."""

    def __init__(self, track: Track2D, *, doubtful: Bool[np.ndarray, " f"]) -> None:
        """Believe what was seen, but for doubtful frames."""
        self._track = track
        believed = np.flatnonzero(track.seen & ~doubtful)
        self._frames: list[int] = (track.first_frame + believed).tolist()
        self._found: dict[int, Sighting] = {}
        self._turns_rad: dict[int, float] = {}

    def add(self, sighting: Sighting, *, turn_rad: float) -> None:
        """Believe a sighting in a picture that was turned by so much."""
        insort(self._frames, sighting.frame)
        self._found[sighting.frame], self._turns_rad[sighting.frame] = sighting, turn_rad

    def around(self, frame: int) -> tuple[Sighting, Sighting]:
        """Return the sighting in a frame twice; where there is none, those before and after it."""
        place = bisect_right(self._frames, frame)
        before = self._frames[max(place - 1, 0)]
        after = frame if before == frame else self._frames[min(place, len(self._frames) - 1)]
        return self._in(before), self._in(after)

    def covers(self, frame: int) -> bool:
        """Return whether the track goes that far."""
        return 0 <= frame - self._track.first_frame < len(self._track.seen)

    def expected(self, frame: int) -> Sighting:
        """Return somebody on the straight way between two sightings, posed as in the nearer one.

        Frame and time stay the nearer one's.
        """
        before, after = self.around(frame)
        way = (self._time_s(frame) - before.time_s) / max(after.time_s - before.time_s, 1e-9)
        nearer = before if way <= 0.5 else after
        middle_px = (1 - way) * before.centre_px + way * after.centre_px
        return moved(nearer, middle_px - nearer.centre_px)

    def turn_rad(self, frame: int) -> float:
        """Return how far the picture was turned in which they were seen in a frame."""
        return self._turns_rad.get(frame, 0.0)

    def _time_s(self, frame: int) -> float:
        return float(self._track.times_s[frame - self._track.first_frame])

    def _in(self, frame: int) -> Sighting:
        if frame in self._found:
            return self._found[frame]
        track, row = self._track, frame - self._track.first_frame
        return Sighting(
            frame=frame,
            scene=track.scene,
            time_s=self._time_s(frame),
            box_px=track.boxes_px[row],
            score=1.0,
            keypoints_px=track.keypoints_px[row],
            confidence=track.confidence[row],
            looks=None,
        )
