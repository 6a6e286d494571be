"""The ways of peers make pictures such as ours is compared with: frame and skeleton, as large."""

from pathlib import Path

import numpy as np
import pytest

from bench.pipeline.peers import JOINTS, SIZE_PX, WAYS

GREEN = np.array([40, 200, 40])


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
def test_each_way_shows_the_frame_and_the_skeleton(way: str, tmp_path: Path) -> None:
    frame = np.full((1080, 1920, 3), GREEN, np.uint8)

    picture = WAYS[way](frame, JOINTS, tmp_path).astype(int)

    ours = SIZE_PX[0] * SIZE_PX[1]
    assert 0.8 * ours < picture.shape[0] * picture.shape[1] < 1.2 * ours
    left, right = np.split(picture, [picture.shape[1] // 2], axis=1)
    shows_frame = (np.abs(left - GREEN) < 10).all(axis=-1)
    assert shows_frame.mean() > 0.2
    strength = right.max(axis=-1) - right.min(axis=-1)
    assert ((strength > 100) & ~(np.abs(right - GREEN) < 60).all(axis=-1)).sum() > 1000
