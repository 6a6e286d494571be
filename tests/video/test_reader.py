import gc
import itertools
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from pose3d_cli.filming import Filming
from pose3d_cli.video.drawn import is_drawn
from pose3d_cli.video.reader import probe, read_frames
from pose3d_cli.video.selection import Stretch

Film = Callable[..., Path]
NTSC = Fraction(30000, 1001)
RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


def solid(colour: tuple[int, int, int], size_px: tuple[int, int] = (64, 48)) -> np.ndarray:
    return np.full((size_px[1], size_px[0], 3), colour, np.uint8)


def mean_colour(path: Path) -> np.ndarray:
    return np.asarray(next(read_frames(probe(path))).rgb.mean(axis=(0, 1)))


def test_the_ntsc_rate_is_exact(film: Film) -> None:
    assert probe(film(ticks=range(40))).fps == NTSC


def test_notes_of_a_file_may_be_in_any_encoding(film: Film) -> None:
    """As of many clips of HMDB51."""
    path = film("old.avi")
    written = path.read_bytes()
    assert b"Lavf" in written
    path.write_bytes(written.replace(b"Lavf", "Übér".encode("latin-1")))
    assert len(list(read_frames(probe(path)))) == 5
    assert not is_drawn(path)


def test_times_are_the_exact_fractions_of_the_file(film: Film) -> None:
    frames = list(read_frames(probe(film(ticks=range(6)))))
    assert [frame.time_s for frame in frames] == [n / NTSC for n in range(6)]
    assert [frame.index for frame in frames] == list(range(6))


@pytest.mark.parametrize("name", ["late.mkv", "late.ts", "late.mp4"])
def test_times_count_from_where_players_begin(film: Film, name: str) -> None:
    """Camcorders and streams count from anywhere."""
    tick_s = Fraction(1, 90_000)
    ticks = range(35_000 * 90_000, 35_000 * 90_000 + 40 * 3003, 3003)
    clip = probe(film(name, ticks=ticks, tick_s=tick_s))
    times_s = [float(frame.time_s) for frame in read_frames(clip)]
    np.testing.assert_allclose(times_s, np.arange(40) / float(NTSC), atol=0.0011)
    part = read_frames(clip, selection=Stretch(start_s=2 / NTSC))
    assert [float(frame.time_s) for frame in part] == times_s[2:]


def test_sound_before_the_first_picture_counts(film: Film) -> None:
    frames = read_frames(probe(film(ticks=range(10, 15), sound="aac")))
    times_s = [float(frame.time_s) for frame in frames]
    np.testing.assert_allclose(times_s, np.arange(10, 15) / float(NTSC), atol=0.001)


def test_a_variable_rate_is_kept_and_averaged(film: Film) -> None:
    ticks = [0, 3003, 9009, 9010, 90000]
    clip = probe(film(ticks=ticks, tick_s=Fraction(1, 90000), options={"bf": "0"}))
    assert [f.time_s for f in read_frames(clip)] == [Fraction(t, 90000) for t in ticks]
    assert 4 < clip.fps < 5


def test_a_rate_blurred_by_millisecond_times_is_still_the_usual_one(film: Film) -> None:
    ticks = [round(n * 1000 / NTSC) for n in range(45)]
    assert probe(film(ticks=ticks, tick_s=Fraction(1, 1000))).fps == NTSC


@pytest.mark.parametrize("rate", [Fraction(15, 2), Fraction(40)])
def test_an_unusual_rate_is_exact_in_a_short_film_too(film: Film, rate: Fraction) -> None:
    """Its last picture is shown for another time than the others, which changes the average."""
    tick_s = 1 / (rate * 200)
    assert probe(film(ticks=range(0, 4000, 200), tick_s=tick_s)).fps == rate


def test_a_long_irregular_rate_is_not_rounded_to_a_usual_one(film: Film) -> None:
    ticks = [(1001 * n) // 30 for n in range(900)]
    clip = probe(film(size_px=(16, 16), ticks=ticks[:-30], tick_s=Fraction(1, 1003)))
    assert clip.fps not in (30, NTSC)
    assert clip.fps == pytest.approx(30 * 1003 / 1001, rel=1e-4)


def test_a_single_picture_is_a_clip(film: Film) -> None:
    clip = probe(film(ticks=[0]))
    assert [f.time_s for f in read_frames(clip)] == [0]


def test_repeated_times_are_spread_so_that_time_always_increases(film: Film) -> None:
    path = film("clip.mkv", codec="ffv1", ticks=[0, 33, 33, 100], tick_s=Fraction(1, 1000))
    times_s = [f.time_s for f in read_frames(probe(path))]
    assert times_s[0] == 0
    assert times_s[1] == Fraction(33, 1000) < times_s[2] < times_s[3] == Fraction(100, 1000)


def test_a_file_without_times_is_evenly_spaced(film: Film) -> None:
    clip = probe(film("clip.h264"))
    assert [f.time_s for f in read_frames(clip)] == [n / clip.fps for n in range(5)]


@pytest.mark.parametrize("rotation_deg", [0, 90, 180, 270])
@pytest.mark.parametrize("mirrored", [False, True])
def test_metadata_turns_pictures_as_turning_by_hand_does(
    film: Film, *, rotation_deg: int, mirrored: bool
) -> None:
    stored = next(read_frames(probe(film("stored.mp4")))).rgb
    clip = probe(film("turned.mp4", rotation_deg=rotation_deg, mirrored=mirrored))
    rgb = next(read_frames(clip)).rgb
    by_hand = np.rot90(stored, k=-rotation_deg // 90)
    np.testing.assert_array_equal(rgb, by_hand[:, ::-1] if mirrored else by_hand)
    assert rgb.flags.c_contiguous
    assert (clip.height_px, clip.width_px) == rgb.shape[:2]
    assert clip.rotation_deg == rotation_deg


@pytest.mark.parametrize("turn_deg", [0, 90, 180, 270])
@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("by_file", [{}, {"rotation_deg": 90}, {"rotation_deg": 90, "mirrored": 1}])
def test_users_turn_what_the_file_shows(
    film: Film, by_file: dict[str, Any], *, turn_deg: int, mirrored: bool
) -> None:
    path = film(**by_file)
    shown = next(read_frames(probe(path))).rgb
    clip = probe(path, Filming(turn_deg=turn_deg, mirrored=mirrored))
    rgb = next(read_frames(clip)).rgb
    by_hand = np.rot90(shown, k=-turn_deg // 90)
    np.testing.assert_array_equal(rgb, by_hand[:, ::-1] if mirrored else by_hand)
    assert (clip.height_px, clip.width_px) == rgb.shape[:2]


def test_slow_motion_plays_at_the_rate_of_the_file_and_was_filmed_at_another(film: Film) -> None:
    path = film()
    clip = probe(path, Filming(slow_motion=Fraction(8)))
    assert (clip.fps, clip.played_fps) == (8 * NTSC, NTSC)
    assert clip.claimed_frames == probe(path).claimed_frames
    assert [f.time_s for f in read_frames(clip)] == [n / NTSC for n in range(5)]
    part = Stretch(start_s=1 / NTSC, fps=NTSC / 2).of(clip)
    assert (part.fps, part.claimed_frames) == (4 * NTSC, 2)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("odd444.mp4", {"size_px": (63, 47), "pix_fmt": "yuv444p"}),
        ("odd420.mkv", {"size_px": (63, 47), "codec": "ffv1"}),
        ("narrow.mkv", {"size_px": (47, 101), "codec": "ffv1"}),
    ],
)
def test_any_size_can_be_read(film: Film, name: str, kind: dict[str, object]) -> None:
    clip = probe(film(name, **kind))
    assert (clip.width_px, clip.height_px) == kind["size_px"]
    for frame in read_frames(clip):
        assert frame.rgb.shape == (clip.height_px, clip.width_px, 3)
        assert frame.rgb.flags.c_contiguous


@pytest.mark.parametrize("colour", [RED, GREEN, BLUE, WHITE, (90, 140, 40)])
@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("plain.mp4", {}),
        ("bt709.mp4", {"matrix": "ITU709", "tags": {"colorspace": 1}}),
        ("bt2020.mp4", {"matrix": "BT2020", "tags": {"colorspace": 9}}),
        ("full_range.mp4", {"tags": {"color_range": 2}}),
        ("ten_bits.mkv", {"codec": "ffv1", "pix_fmt": "yuv420p10le"}),
        ("yuv444.mp4", {"pix_fmt": "yuv444p"}),
        ("rgb.mkv", {"codec": "ffv1", "pix_fmt": "bgr0"}),
        ("large_and_unnamed.mp4", {"matrix": "ITU709", "size_px": (1280, 48)}),
    ],
)
def test_colours_follow_the_matrix_and_range_of_the_file(
    film: Film, name: str, kind: dict[str, tuple[int, int]], colour: tuple[int, int, int]
) -> None:
    picture = solid(colour, kind.get("size_px", (64, 48)))
    np.testing.assert_allclose(
        mean_colour(film(name, pictures=[picture], ticks=[0], **kind)), colour, atol=4
    )


def test_grey_pictures_become_rgb(film: Film) -> None:
    path = film("g.mkv", codec="ffv1", pix_fmt="gray", pictures=[solid((70, 70, 70))], ticks=[0])
    np.testing.assert_allclose(mean_colour(path), 70, atol=2)


def test_oblong_pixels_are_made_square(film: Film) -> None:
    clip = probe(film(size_px=(72, 48), options={"aspect": "4/3"}))
    assert (clip.width_px, clip.height_px) == (96, 48)
    assert next(read_frames(clip)).rgb.shape == (48, 96, 3)


def test_a_size_that_changes_on_the_way_is_scaled_to_the_first(film: Film, tmp_path: Path) -> None:
    joined = tmp_path / "joined.ts"
    parts = [film("a.ts"), film("b.ts", size_px=(32, 32))]
    joined.write_bytes(b"".join(part.read_bytes() for part in parts))
    frames = list(read_frames(probe(joined)))
    assert len(frames) == 10
    assert {frame.rgb.shape for frame in frames} == {(48, 64, 3)}
    assert all(a.time_s < b.time_s for a, b in itertools.pairwise(frames))


def test_sound_is_noticed(film: Film) -> None:
    assert probe(film("loud.mp4", sound="aac")).has_audio
    assert not probe(film("silent.mp4")).has_audio


def test_the_claimed_number_of_pictures_is_never_trusted(film: Film) -> None:
    clip = probe(film())
    assert clip.claimed_frames == 5
    for lie in (0, 3, 999):
        assert len(list(read_frames(replace(clip, claimed_frames=lie)))) == 5


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_pictures_do_not_wait_for_the_garbage_collector(film: Film) -> None:
    gc.collect()
    gc.disable()
    try:
        for _ in read_frames(probe(film(ticks=range(20)))):
            pass
        waiting = sum(type(item) is av.VideoFrame for item in gc.get_objects())
    finally:
        gc.enable()

    assert waiting < 5  # some whose side data were looked at, of 20


def test_closing_the_iterator_closes_the_file(film: Film) -> None:
    path = film(ticks=range(30))

    def is_open() -> bool:
        files = Path("/proc/self/fd")
        return any(os.path.realpath(file) == str(path) for file in files.iterdir())

    frames = read_frames(probe(path))
    assert not is_open()
    next(frames)
    assert is_open()
    frames.close()  # type: ignore[attr-defined]  # a generator, typed as what callers need
    assert not is_open()
