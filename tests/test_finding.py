"""A run that is stopped goes on; a stretch of a clip is looked at, drawn and heard as in the clip."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields, replace
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from pose3d_cli.detect import PoseDetector
from pose3d_cli.detect.cropping import CroppingDetector
from pose3d_cli.detect.store import CHUNK_FRAMES, DetectionStore
from pose3d_cli.finding import SEEN_AGAIN, find
from pose3d_cli.outputs import write
from pose3d_cli.pipeline import Models, Settings, estimate
from pose3d_cli.sequences import Detections, Frame
from pose3d_cli.video.reader import probe, read_frames
from pose3d_cli.video.selection import EVERYTHING, Stretch
from pose3d_cli.watch import Unwatched

Film = Callable[..., Path]

FRAMES = 2 * CHUNK_FRAMES + 20
NTSC = Fraction(30000, 1001)


class Counting:
    """Passes frames to another detector, counts them, and may be killed."""

    def __init__(self, detector: PoseDetector, *, killed_at: int | None = None) -> None:
        self.name, self.sha256 = detector.name, detector.sha256
        self.licence = detector.licence
        self.frames = 0
        self._detector, self._killed_at = detector, killed_at

    def detect(self, frames: Iterable[Frame]) -> Iterator[Detections]:
        for found in self._detector.detect(frames):
            self.frames += 1
            if found.index == self._killed_at:
                raise SystemExit
            yield found


def same(one: Detections, other: Detections) -> bool:
    pairs = [(getattr(one, field.name), getattr(other, field.name)) for field in fields(one)]
    return all(np.array_equal(a, b) if a is not None else b is None for a, b in pairs)


@pytest.fixture
def store(tmp_path: Path) -> DetectionStore:
    return DetectionStore(tmp_path / "runs")


def test_the_same_run_goes_on_where_it_was_killed_and_says_the_same(
    film: Film, walker: Any, models: Callable[..., Models], store: DetectionStore
) -> None:
    clip = probe(film(size_px=(320, 240), ticks=range(FRAMES)))
    detector = models(walker).detector
    once = list(find(clip, detector, stretch=EVERYTHING, store=None))

    killed = Counting(detector, killed_at=CHUNK_FRAMES + 50)
    with pytest.raises(SystemExit):
        list(find(clip, killed, stretch=EVERYTHING, store=store))
    second = Counting(detector)
    twice = list(find(clip, second, stretch=EVERYTHING, store=store))
    third = Counting(detector)
    thrice = list(find(clip, third, stretch=EVERYTHING, store=store))

    assert len(once) == len(twice) == len(thrice) == FRAMES
    assert all(map(same, once, twice))
    assert all(map(same, once, thrice))
    assert second.frames == FRAMES - CHUNK_FRAMES + SEEN_AGAIN
    assert third.frames == 0


class Looking:
    """Sees the walker a little differently when it looks closely, as networks do."""

    name, sha256, licence = "looking", "0" * 64, "CC0-1.0"

    def __init__(self, detector: PoseDetector) -> None:
        self._detector = detector

    def look(self, frame: Frame, *, region: Any = None, longest_px: int = 640) -> Detections:
        (found,) = self._detector.detect([frame])
        closely = region is not None and longest_px < 640
        return replace(found, confidence=found.confidence * (0.9 if closely else 1.0))


@pytest.mark.slow
def test_a_detector_that_follows_somebody_says_the_same_after_a_kill(
    film: Film, walker: Any, models: Callable[..., Models], store: DetectionStore
) -> None:
    clip = probe(film(size_px=(320, 240), ticks=range(CHUNK_FRAMES + 60)))
    detector = CroppingDetector(Looking(models(replace(walker, speed_m_s=0.0)).detector))
    once = list(find(clip, detector, stretch=EVERYTHING, store=None))

    killed = find(clip, detector, stretch=EVERYTHING, store=store)
    assert len(list(islice(killed, CHUNK_FRAMES + 40))) == CHUNK_FRAMES + 40
    killed.close()
    twice = list(find(clip, detector, stretch=EVERYTHING, store=store))

    assert len({one.confidence.max() for one in once}) == 2  # looked at in both ways
    assert all(map(same, once, twice))


class Nearsighted(Counting):
    """Can look closely, and notes when; sees nobody then."""

    def __init__(self, detector: PoseDetector) -> None:
        super().__init__(detector)
        self.looks_s: list[Fraction] = []

    def look(self, frame: Frame, *, region: Any = None, longest_px: int = 640) -> Detections:
        assert region is None
        assert longest_px == max(frame.rgb.shape)
        self.looks_s.append(frame.time_s)
        return Detections(
            index=frame.index,
            time_s=frame.time_s,
            boxes_px=np.zeros((0, 4)),
            scores=np.zeros(0),
            keypoints_px=np.zeros((0, 17, 2)),
            confidence=np.zeros((0, 17)),
        )


def test_who_is_lost_for_a_moment_is_looked_for_there_and_only_once(
    film: Film, walker: Any, models: Callable[..., Models], store: DetectionStore
) -> None:
    clip = film(size_px=(320, 240), ticks=range(170), options={"g": "30"})
    lost = {*range(20, 24), *range(150, 152)}
    planted = models(replace(walker, speed_m_s=0.0), seen_in=set(range(170)) - lost)
    first, second = (Nearsighted(planted.detector) for _ in range(2))

    results = [
        estimate(
            clip,
            replace(planted, detector=one),
            Settings(focal_px=300.0),
            watch=Unwatched(),
            store=store,
        )
        for one in (first, second)
    ]

    assert first.looks_s == [frame / NTSC for frame in sorted(lost)]
    assert not second.looks_s
    for result in results:
        observed = result.people[0].poses_2d.observed.any(axis=1)
        assert set(np.flatnonzero(~observed).tolist()) == lost


@pytest.fixture
def long_clip(film: Film) -> Path:
    """Four seconds with a key frame each half second, and a second of sound."""
    return film(
        size_px=(320, 240),
        ticks=range(120),
        sound="aac",
        sound_delay_s=Fraction(5, 2),
        options={"g": "15", "bf": "2"},
    )


@pytest.mark.parametrize("start", [0.0, 0.5, 2.4, 3.0])
def test_a_stretch_has_the_pictures_and_times_of_the_whole(long_clip: Path, start: float) -> None:
    clip = probe(long_clip)
    stretch = Stretch(start_s=Fraction(start), end_s=Fraction(start) + Fraction(1, 2))
    whole = [f for f in read_frames(clip) if start <= f.time_s < start + 0.5]

    part = list(read_frames(clip, selection=stretch))

    assert [frame.index for frame in part] == list(range(len(whole)))
    assert [frame.time_s for frame in part] == [frame.time_s for frame in whole]
    assert all(np.array_equal(a.rgb, b.rgb) for a, b in zip(part, whole, strict=True))


def test_later_frames_are_the_same_when_the_ones_before_are_left_out(long_clip: Path) -> None:
    clip = probe(long_clip)
    whole = list(read_frames(clip))

    part = list(read_frames(clip, first=100))

    assert [frame.index for frame in part] == list(range(100, 120))
    assert [frame.time_s for frame in part] == [frame.time_s for frame in whole[100:]]


def test_a_lower_rate_takes_evenly_spaced_pictures(long_clip: Path) -> None:
    stretch = Stretch(fps=NTSC / 2)

    part = list(read_frames(probe(long_clip), selection=stretch))

    assert [frame.time_s for frame in part] == [n / NTSC for n in range(0, 120, 2)]
    assert stretch.of(probe(long_clip)).fps == NTSC / 2


def test_a_higher_rate_changes_nothing(long_clip: Path) -> None:
    clip = probe(long_clip)
    stretch = Stretch(fps=Fraction(60))

    assert len(list(read_frames(clip, selection=stretch))) == 120
    assert stretch.of(clip) == clip


def test_the_video_of_a_stretch_shows_and_sounds_as_the_clip_does_there(
    long_clip: Path, walker: Any, models: Callable[..., Models]
) -> None:
    settings = Settings(
        focal_px=300.0, stretch=Stretch(start_s=Fraction(5, 2), end_s=Fraction(13, 4))
    )
    target = long_clip.with_name("out.mp4")

    result = estimate(long_clip, models(walker), settings, watch=Unwatched())
    write(result, [target], watch=Unwatched())

    times = [frame.time_s for frame in read_frames(probe(target))]
    first = Fraction(75) / NTSC  # 2.5025 s
    assert result.times_s[0] == float(first)
    assert times == [n / NTSC for n in range(23)]
    with av.open(str(target)) as written, av.open(str(long_clip)) as source:
        heard = [
            (p.pts * p.time_base, bytes(p)) for p in written.demux(audio=0) if p.pts is not None
        ]
        there = [(p.pts * p.time_base - first, bytes(p)) for p in source.demux(audio=0) if p.pts]
    expected = [(time_s, packet) for time_s, packet in there if 0 <= time_s < 23 / NTSC]
    assert [packet for _, packet in heard] == [packet for _, packet in expected]
    assert len(heard) > 30
    for (time_s, _), (expected_s, _) in zip(heard, expected, strict=True):
        assert abs(time_s - expected_s) < Fraction(1, 48_000)


@pytest.mark.parametrize(("rate", "frames"), [(NTSC, 18_000), (Fraction(24000, 1001), 15_000)])
def test_ten_minutes_drift_by_less_than_a_thousandth_of_a_frame(
    rate: Fraction, frames: int
) -> None:
    ticks = 1 / Fraction(rate.numerator)
    timed = [(number * rate.denominator * ticks, None) for number in range(frames)]

    (*_, (last_s, _)) = Stretch(fps=rate).chosen(timed)

    assert last_s == (frames - 1) / rate


def test_a_new_selection_is_another_run(
    film: Film, walker: Any, models: Callable[..., Models], store: DetectionStore
) -> None:
    clip = probe(film(size_px=(320, 240), ticks=range(20)))
    first, second = (Counting(models(walker).detector) for _ in range(2))

    list(find(clip, first, stretch=EVERYTHING, store=store))
    list(find(clip, second, stretch=replace(EVERYTHING, fps=Fraction(10)), store=store))

    assert (first.frames, second.frames) == (20, 7)
