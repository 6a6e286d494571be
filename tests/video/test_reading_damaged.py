"""Damaged files give what is in them, with a warning; what is no video is refused in one line."""

import logging
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from pose3d_cli.errors import InputError
from pose3d_cli.video.reader import probe, read_frames

Film = Callable[..., Path]
NTSC = Fraction(30000, 1001)


def noise(count: int) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return list(rng.integers(0, 256, (count, 48, 64, 3), np.uint8))


def index_first(path: Path) -> Path:
    """Move the index of an mp4 to its start, where cutting the file leaves it whole."""
    moved = path.with_stem(path.stem + "-moved")
    with (
        av.open(str(path)) as source,
        av.open(str(moved), "w", container_options={"movflags": "+faststart"}) as output,
    ):
        stream = output.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                output.mux(packet)
    return moved


def cut_in_half(path: Path) -> Path:
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    return path


def test_a_cut_off_file_gives_what_is_there_and_a_warning(
    film: Film, caplog: pytest.LogCaptureFixture
) -> None:
    clip = probe(cut_in_half(index_first(film(pictures=noise(40), ticks=range(40)))))
    assert clip.claimed_frames == 40
    frames = list(read_frames(clip))
    assert 5 < len(frames) < 35
    assert [f.time_s for f in frames] == [n / NTSC for n in range(len(frames))]
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert "cut off" in record.getMessage()


def test_a_whole_file_gives_no_warning(film: Film, caplog: pytest.LogCaptureFixture) -> None:
    assert len(list(read_frames(probe(film(pictures=noise(40), ticks=range(40)))))) == 40
    assert not caplog.records


def test_pictures_after_a_damaged_one_are_read(
    film: Film, caplog: pytest.LogCaptureFixture
) -> None:
    path = film("clip.mov", codec="png", pix_fmt="rgb24", pictures=noise(9), ticks=range(9))
    parts = path.read_bytes().split(b"\x89PNG")
    path.write_bytes(b"\x89PNG".join(parts[:3]) + b"\x89GNP" + b"\x89PNG".join(parts[3:]))
    frames = list(read_frames(probe(path)))
    assert len(frames) == 8
    assert [f.time_s * NTSC for f in frames] == [0, 1, 3, 4, 5, 6, 7, 8]
    assert "damaged" in caplog.text


def refusal(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        probe(path)
    assert caught.value.hint
    assert str(path) in str(caught.value)
    return str(caught.value)


def test_an_mp4_without_its_index_is_refused(film: Film) -> None:
    assert "cut off" in refusal(cut_in_half(film(pictures=noise(40), ticks=range(40))))


def test_a_video_without_one_whole_picture_is_refused(film: Film) -> None:
    path = index_first(film(pictures=noise(5)))
    data = path.read_bytes()
    start = data.index(b"mdat") + 4
    path.write_bytes(data[:start] + bytes(len(data) - start))
    assert "not one picture" in refusal(path)


def test_an_unknown_codec_is_refused(film: Film) -> None:
    path = film("clip.mkv")
    path.write_bytes(path.read_bytes().replace(b"V_MPEG4/ISO/AVC", b"V_MPEG9/ISO/AVC"))
    assert "cannot be decoded" in refusal(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    assert "does not exist" in refusal(tmp_path / "none.mp4")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    assert "is a folder" in refusal(tmp_path)


@pytest.mark.parametrize("name", ["text.mp4", "text.txt", "text.srt"])
def test_text_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("1\n00:00:01,000 --> 00:00:02,000\nNot a video.\n" * 20)
    assert "video" in refusal(path)


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "empty.mp4"
    path.touch()
    assert "not a video" in refusal(path)


def test_sound_alone_is_refused(song: Path) -> None:
    assert "no video" in refusal(song)


def test_a_colon_in_a_name_is_no_protocol(film: Film, monkeypatch: pytest.MonkeyPatch) -> None:
    path = film("take 2: 50%.mp4")
    monkeypatch.chdir(path.parent)
    assert len(list(read_frames(probe(Path(path.name))))) == 5
