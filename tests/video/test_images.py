"""A folder of pictures is a video."""

from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from pose3d_cli.batch.inputs import find_clips
from pose3d_cli.errors import InputError
from pose3d_cli.video.reader import probe, read_frames


def pictures(folder: Path, names: list[str]) -> Path:
    folder.mkdir(parents=True)
    for number, name in enumerate(names):
        cv2.imwrite(str(folder / name), np.full((48, 64, 3), 20 * number, np.uint8))
    return folder


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".JPEG"])
def test_pictures_come_in_the_order_of_their_numbers(suffix: str, tmp_path: Path) -> None:
    names = [f"a {number}{suffix}" for number in (1, 2, 9, 10, 100)]
    folder = pictures(tmp_path / "it's 100% ü", names)
    (folder / "notes.txt").touch()
    (folder / f".hidden{suffix}").touch()

    clip = probe(folder)
    frames = list(read_frames(clip))

    assert (clip.width_px, clip.height_px, clip.fps, clip.has_audio) == (
        64,
        48,
        Fraction(30),
        False,
    )
    assert [frame.time_s for frame in frames] == [Fraction(i, 30) for i in range(5)]
    assert [round(frame.rgb.mean() / 20) for frame in frames] == [0, 1, 2, 3, 4]


def test_a_folder_without_pictures_or_with_several_kinds_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="without pictures"):
        probe(tmp_path)
    with pytest.raises(InputError, match="mixes"):
        probe(pictures(tmp_path / "mixed", ["1.png", "2.jpg"]))


def test_what_comes_before_a_damaged_picture_is_kept(tmp_path: Path) -> None:
    folder = pictures(tmp_path / "a", [f"{i}.png" for i in range(6)])
    (folder / "3.png").write_bytes((folder / "3.png").read_bytes()[:40])

    assert 3 <= len(list(read_frames(probe(folder)))) <= 5


def test_a_batch_takes_a_folder_of_pictures_for_a_clip(tmp_path: Path) -> None:
    pictures(tmp_path / "in" / "shots" / "a", ["1.png", "2.png"])

    (clip,) = find_clips([str(tmp_path / "in")], out_dir=tmp_path / "out")

    assert (clip.path, clip.name) == (tmp_path / "in" / "shots" / "a", "shots/a")
