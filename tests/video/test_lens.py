import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pose3d_cli.geometry.camera import Camera
from pose3d_cli.pipeline import Settings, estimate
from pose3d_cli.video.lens import FILM_DIAGONAL_MM, FOCAL_KEY, focal_35mm, focal_px
from pose3d_cli.watch import Unwatched


def atom(kind: bytes, *inside: bytes) -> bytes:
    content = b"".join(inside)
    return struct.pack(">I4s", 8 + len(content), kind) + content


def table(value: bytes, of_type: int, *, iso: bool = False) -> bytes:
    """A table of metadata in which the second key is the focal length."""
    keys = [atom(b"mdta", name) for name in (b"com.apple.quicktime.camera.lens_model", FOCAL_KEY)]
    values = [
        atom(struct.pack(">I", i), atom(b"data", struct.pack(">II", kind, 0), content))
        for i, (kind, content) in enumerate(
            ((1, b"iPhone 13 back camera 5.1mm"), (of_type, value)), 1
        )
    ]
    return atom(
        b"meta",
        bytes(4 * iso),
        atom(b"hdlr", bytes(8), b"mdta", bytes(13)),
        atom(b"keys", struct.pack(">II", 0, 2), *keys),
        atom(b"ilst", *values),
    )


def recording(tmp_path: Path, *in_track: bytes, in_film: bytes = b"") -> Path:
    path = tmp_path / "film.mov"
    track = atom(b"trak", atom(b"tkhd", bytes(84)), *in_track)
    sound = atom(b"trak", atom(b"tkhd", bytes(84)))
    moov = atom(b"moov", atom(b"mvhd", bytes(100)), sound, track, in_film)
    path.write_bytes(atom(b"ftyp", b"qt  ") + atom(b"mdat", bytes(1000)) + moov)
    return path


@pytest.mark.parametrize(
    ("value", "of_type"),
    [
        (b"26", 1),
        (b"26.00mm", 1),
        (b"\x1a", 21),
        (struct.pack(">I", 26), 22),
        (struct.pack(">i", 26), 67),
        (struct.pack(">f", 26.0), 23),
        (struct.pack(">d", 26.0), 24),
    ],
)
def test_the_focal_length_is_read_however_it_is_written(
    tmp_path: Path, value: bytes, of_type: int
) -> None:
    assert focal_35mm(recording(tmp_path, table(value, of_type))) == 26.0
    assert focal_35mm(recording(tmp_path, in_film=table(value, of_type, iso=True))) == 26.0


def test_it_is_told_in_pixels_by_the_diagonal(tmp_path: Path) -> None:
    path = recording(tmp_path, table(b"43.27", 1))
    assert focal_px(path, width_px=400, height_px=300) == pytest.approx(500)
    assert focal_px(path, width_px=300, height_px=400) == pytest.approx(500)


@pytest.mark.parametrize("value", [b"", b"wide", b"0", b"-26", b"1e9"])
def test_nonsense_is_no_focal_length(tmp_path: Path, value: bytes) -> None:
    assert focal_35mm(recording(tmp_path, table(value, 1))) is None


def test_files_without_it_do_not_tell(tmp_path: Path) -> None:
    assert focal_35mm(recording(tmp_path)) is None
    assert focal_px(tmp_path, width_px=10, height_px=10) is None
    assert focal_35mm(tmp_path / "none.mp4") is None


@given(
    damage=st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=4),
    cut=st.integers(0, 500),
)
def test_damaged_tables_never_raise(
    tmp_path_factory: pytest.TempPathFactory, damage: list[tuple[int, int]], cut: int
) -> None:
    path = recording(tmp_path_factory.mktemp("damaged"), table(b"26", 1))
    content = bytearray(path.read_bytes()[1020:])
    for at, byte in damage:
        content[at % len(content)] = byte
    path.write_bytes(content[: max(cut, 8)])
    found = focal_35mm(path)
    assert found is None or 5 <= found <= 2000


def test_a_phone_s_clip_is_seen_through_its_lens(
    film: Callable[..., Path], walker: Any, models: Callable[..., Any]
) -> None:
    path = film(size_px=(320, 240), ticks=range(12))
    content = bytearray(path.read_bytes())
    lens = table(b"40", 1)
    moov = content.index(b"moov") - 4
    track = content.index(b"trak", moov) - 4
    assert content.index(b"mdat") < moov  # so that no picture moves
    for atom_at in (track, moov):
        (size,) = struct.unpack_from(">I", content, atom_at)
        struct.pack_into(">I", content, atom_at, size + len(lens))
    end = track + struct.unpack_from(">I", content, track)[0] - len(lens)
    path.write_bytes(content[:end] + lens + content[end:])

    told = Camera(320, 240, 40.0 / FILM_DIAGONAL_MM * 400, "metadata")
    seen_by = models(replace(walker, camera=told))

    assert estimate(path, seen_by, Settings(), watch=Unwatched()).camera == told
