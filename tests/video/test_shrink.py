from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pose3d_cli.video.reader import probe, read_frames
from pose3d_cli.video.shrink import HEIGHT_PX, write_small


@pytest.mark.parametrize(
    ("size_px", "expected_px"),
    [((64, 48), (64, 48)), ((600, 1080), (300, HEIGHT_PX))],
)
def test_it_is_no_higher_than_it_may_be_and_has_every_frame_at_its_time(
    size_px: tuple[int, int],
    expected_px: tuple[int, int],
    film: Callable[..., Path],
    tmp_path: Path,
) -> None:
    clip = probe(film("clip.mp4", size_px=size_px, ticks=[0, 1, 2, 5, 6], sound="aac"))
    write_small(tmp_path / "small.mp4", read_frames(clip), clip=clip)
    small = probe(tmp_path / "small.mp4")
    assert (small.width_px, small.height_px) == expected_px
    assert small.has_audio
    before, after = (list(read_frames(of)) for of in (clip, small))
    before_s, after_s = (
        np.array([float(frame.time_s - frames[0].time_s) for frame in frames])
        for frames in (before, after)
    )
    np.testing.assert_allclose(after_s, before_s, atol=1e-6)
