"""Facts about what is written: every format, whole or not at all, with the clip's own times."""

import contextlib
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import av
import cv2
import numpy as np
import pytest

from pose3d_cli import outputs, pipeline
from pose3d_cli.errors import InputError, UsageError
from pose3d_cli.export import FORMATS
from pose3d_cli.export.blender import BY_BLENDER
from pose3d_cli.export.bvh_reader import read_bvh
from pose3d_cli.export.json_file import read_json
from pose3d_cli.geometry.remap import h36m_from_coco
from pose3d_cli.motion.settings import MotionSettings
from pose3d_cli.outputs import PICTURES, check_formats, write
from pose3d_cli.pipeline import Settings, estimate
from pose3d_cli.render import Encoding, RenderSettings
from pose3d_cli.sequences import Person, Result
from pose3d_cli.video.reader import probe, read_frames

Item = TypeVar("Item")
MakeModels = Callable[..., pipeline.Models]

NTSC = Fraction(30000, 1001)
FRAMES = 45
NO_SMOOTHING = Settings(focal_px=300.0, motion=MotionSettings(cutoff_hz=0.0, pin_feet=False))


class Watched:
    """Remembers what was counted, and what was left before its end."""

    def __init__(self, *, interrupted_at: int | None = None) -> None:
        self.counts: dict[str, int] = {}
        self.ended: list[str] = []
        self.stages: list[str] = []
        self._interrupted_at = interrupted_at

    def each(self, label: str, items: Iterable[Item], *, total: int) -> Generator[Item, None, None]:
        assert total >= 0
        try:
            for count, item in enumerate(items, start=1):
                self.counts[label] = count
                if label == "Drawing video" and count == self._interrupted_at:
                    raise KeyboardInterrupt
                yield item
        finally:
            self.ended.append(label)

    def stage(self, label: str) -> AbstractContextManager[None]:
        self.stages.append(label)
        return contextlib.nullcontext()


def only(result: Result) -> Person:
    (person,) = result.people
    return person


@pytest.fixture
def passing_by(clip: Path, walker: Any, models: MakeModels) -> Result:
    """Somebody who is seen from frame 12 to frame 39."""
    return estimate(clip, models(walker, seen_in=range(12, 40)), NO_SMOOTHING, watch=Watched())


@pytest.mark.parametrize(("encoding", "entropy_coding"), [("small", 1), ("quick", 0)])
def test_quick_videos_are_encoded_with_less_work(
    clip: Path, result: Result, encoding: Encoding, entropy_coding: int
) -> None:
    target, look = clip.with_name("out.mp4"), RenderSettings(height_px=120, encoding=encoding)

    write(result, [target], look=look, watch=Watched())

    # x264 notes in the stream how it was made.
    assert f" cabac={entropy_coding} ".encode() in target.read_bytes()


def test_somebody_who_comes_late_is_exported_at_their_own_times(
    clip: Path, passing_by: Result, walker: Any
) -> None:
    targets = [clip.with_name("out.json"), clip.with_name("out.bvh")]
    write(passing_by, targets, watch=Watched())

    person, times_s = only(read_json(targets[0])), passing_by.times_s[12:40]
    assert person.poses_2d.first_frame == 12
    np.testing.assert_allclose(person.motion.times_s, times_s, atol=1e-6)
    truth_px = walker.camera.project(h36m_from_coco(walker.camera_m(times_s)))
    np.testing.assert_allclose(person.poses_2d.keypoints_px, truth_px, atol=0.5)
    assert walker.off_m(person).max() < 0.01
    assert len(read_bvh(targets[1]).rows) == len(passing_by.times_s)


def test_somebody_who_comes_late_is_drawn_only_while_they_are_there(
    clip: Path, passing_by: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    def drawn(result: Result) -> list[np.ndarray]:
        pictures: list[np.ndarray] = []
        monkeypatch.setattr(
            outputs,
            "write_video",
            lambda _path, timed, **_: pictures.extend(picture for picture, _ in timed),
        )
        write(result, [clip.with_name("out.mp4")], watch=Watched())
        return pictures

    person = only(passing_by)
    never = replace(person, poses_2d=replace(person.poses_2d, first_frame=1000))

    differs = [
        not np.array_equal(picture, plain)
        for picture, plain in zip(
            drawn(passing_by), drawn(replace(passing_by, people=(never,))), strict=True
        )
    ]
    assert differs == [12 <= frame < 40 for frame in range(FRAMES)]


def test_every_frame_is_counted_in_both_passes_and_the_rest_is_timed(
    clip: Path, walker: Any, models: MakeModels
) -> None:
    watch = Watched()
    result = estimate(clip, models(walker), NO_SMOOTHING, watch=watch)
    write(result, [clip.with_name("out.mp4"), clip.with_name("out.json")], watch=watch)

    assert watch.counts == {"Finding people": FRAMES, "Drawing video": FRAMES}
    assert set(watch.stages) == {"Lifting to 3D", "Solving motion", "Writing files"}


def test_all_files_are_written_and_named(clip: Path, result: Result) -> None:
    names = ("out.MP4", "out.json", "out.json.gz", "out.bvh")
    targets = [clip.with_name(name) for name in names]

    assert write(result, targets, watch=Watched()) == tuple(targets)

    assert sorted(path.name for path in clip.parent.iterdir()) == sorted(["clip.mp4", *names])
    assert only(read_json(targets[1])).world.positions_m.shape == (FRAMES, 17, 3)
    assert len(read_bvh(targets[3]).rows) == FRAMES


def test_bvh_is_the_same_from_the_clip_and_from_its_json(clip: Path, result: Result) -> None:
    first, target, second = (clip.with_name(name) for name in ("a.bvh", "a.json", "b.bvh"))
    write(result, [first, target], watch=Watched())
    write(read_json(target), [second], watch=Watched())

    assert first.read_bytes() == second.read_bytes()


def sound_of(path: Path) -> list[tuple[Fraction, bytes]]:
    with av.open(str(path)) as container:
        packets = container.demux(container.streams.audio[0])
        return [(p.pts * p.time_base, bytes(p)) for p in packets if p.pts is not None]


def test_the_video_has_the_frames_the_times_and_the_sound_of_the_clip(
    clip: Path, result: Result
) -> None:
    target = clip.with_name("out.mp4")
    write(result, [target], watch=Watched())

    written = probe(target)
    assert written.fps == NTSC
    times = [[f.time_s for f in read_frames(of)] for of in (result.clip, written)]
    assert times[0] == times[1]
    assert len(times[0]) == FRAMES
    assert sound_of(target) == sound_of(clip)


def test_an_interrupt_while_drawing_leaves_no_file(clip: Path, result: Result) -> None:
    watch = Watched(interrupted_at=5)

    with pytest.raises(KeyboardInterrupt):
        write(result, [clip.with_name("out.mp4")], watch=watch)

    assert list(clip.parent.iterdir()) == [clip]


def test_a_pass_that_fails_has_ended_for_whoever_watches(
    clip: Path, result: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_path: Path, pictures: Iterator[object], **_: object) -> None:
        next(pictures)
        raise OSError("disk full")

    monkeypatch.setattr(outputs, "write_video", broken)
    watch = Watched()

    with pytest.raises(OSError, match="disk full") as caught:
        write(result, [clip.with_name("out.mp4")], watch=watch)

    # While the error is at hand, its traceback keeps alive whatever was not closed.
    assert caught.traceback
    assert watch.ended == ["Drawing video"]


def test_a_clip_that_is_gone_when_it_is_drawn_is_an_input_error(clip: Path, result: Result) -> None:
    clip.unlink()

    with pytest.raises(InputError):
        write(result, [clip.with_name("out.mp4")], watch=Watched())

    assert list(clip.parent.iterdir()) == []


@pytest.mark.parametrize("name", ["out.avi", "out", ".mp4.txt", "out.gz"])
def test_unknown_formats_are_refused_with_all_that_are_known(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_formats([Path("fine.bvh"), Path(name)])

    assert name in str(caught.value)
    assert caught.value.hint == f"Choose from {', '.join((*PICTURES, *FORMATS, *BY_BLENDER))}."


@pytest.mark.parametrize("name", ["out.mp4", "OUT.MP4", "a.json", "a.json.gz", "b.Bvh"])
def test_known_formats_pass(name: str) -> None:
    check_formats([Path(name)])


def test_a_folder_of_pictures_is_in_the_page_as_a_video(clip: Path, result: Result) -> None:
    folder = clip.with_name("pictures")
    folder.mkdir()
    for number, frame in enumerate(islice(read_frames(result.clip), 3)):
        cv2.imwrite(str(folder / f"{number}.png"), frame.rgb)
    page = clip.with_name("out.html")

    write(replace(result, clip=replace(result.clip, path=folder)), [page], watch=Watched())

    assert "A smaller copy of the video is inside" in page.read_text(encoding="utf-8")
