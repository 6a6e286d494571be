"""Ten minutes at 29.97 frames a second: counted at 30 they would be 18 frames off at the end."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import pytest

from pose3d_cli.video.reader import probe, read_frames
from pose3d_cli.video.writer import write_video

NTSC = Fraction(30000, 1001)
FRAMES = 17_982

pytestmark = pytest.mark.slow


def shown_at_s(path: Path) -> list[Fraction]:
    """Return when each picture of a file is shown, as another program reads it."""
    with av.open(str(path)) as container:
        packets = container.demux(container.streams.video[0])
        return sorted(p.pts * p.time_base for p in packets if p.pts is not None and p.time_base)


def test_the_last_of_ten_minutes_is_shown_when_it_was_filmed(
    film: Callable[..., Path], tmp_path: Path
) -> None:
    clip = probe(film(ticks=range(FRAMES), size_px=(32, 32)))
    copy = tmp_path / "copy.mp4"

    pictures = ((frame.rgb, frame.time_s) for frame in read_frames(clip))
    write_video(copy, pictures, fps=clip.fps, source=clip)

    assert clip.fps == probe(copy).fps == NTSC
    assert shown_at_s(copy) == [number / NTSC for number in range(FRAMES)]
