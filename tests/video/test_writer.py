import itertools
import tempfile
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from pose3d_cli.errors import OutputError
from pose3d_cli.sequences import Clip, Frame
from pose3d_cli.video.reader import probe, read_frames
from pose3d_cli.video.writer import TimedPicture, write_video

Film = Callable[..., Path]
NTSC = Fraction(30000, 1001)


def solid(
    colour: tuple[int, int, int] = (90, 90, 90), size_px: tuple[int, int] = (32, 16)
) -> np.ndarray:
    return np.full((size_px[1], size_px[0], 3), colour, np.uint8)


def times_s(path: Path) -> list[Fraction]:
    return [frame.time_s for frame in read_frames(probe(path))]


def copied(clip: Clip, path: Path) -> Path:
    """Write a clip's own pictures anew."""
    pictures = ((frame.rgb, frame.time_s) for frame in read_frames(clip))
    write_video(path, pictures, fps=clip.fps, source=clip)
    return path


def sound_of(path: Path) -> list[tuple[Fraction, bytes]]:
    with av.open(str(path)) as container:
        packets = container.demux(audio=0)
        return [(p.pts * p.time_base, bytes(p)) for p in packets if p.pts is not None]


def onset_s(path: Path) -> float:
    """When the tone can first be heard, on the clock of the pictures' first one."""
    first_s = times_s(path)[0]
    with av.open(str(path)) as container:
        for frame in container.decode(audio=0):
            samples = np.abs(frame.to_ndarray().reshape(-1))
            scale = 1 if samples.dtype.kind == "f" else np.iinfo(samples.dtype).max
            channels = 1 if frame.format.is_planar else frame.layout.nb_channels
            loud = np.flatnonzero(samples[: frame.samples * channels] > 0.2 * scale)
            if loud.size:
                assert frame.time is not None
                return frame.time + int(loud[0]) / channels / frame.sample_rate - float(first_s)
    raise AssertionError("silence")


@hypothesis_settings(max_examples=25, deadline=None)
@given(
    ticks=st.sets(st.integers(0, 10**8), min_size=1, max_size=7).map(sorted),
    fps=st.sampled_from(
        [NTSC, Fraction(24000, 1001), Fraction(25), Fraction(60), Fraction(239, 8)]
    ),
)
def test_times_come_back_exactly_counted_from_the_first(ticks: list[int], fps: Fraction) -> None:
    wanted_s = [Fraction(tick, 90000) for tick in ticks]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "out.mp4"
        write_video(path, ((solid(), time_s) for time_s in wanted_s), fps=fps)
        assert times_s(path) == [time_s - wanted_s[0] for time_s in wanted_s]


@pytest.mark.parametrize("fps", [NTSC, Fraction(24000, 1001), Fraction(60000, 1001), Fraction(25)])
def test_a_constant_rate_comes_back_exactly(tmp_path: Path, fps: Fraction) -> None:
    path = tmp_path / "out.mp4"
    write_video(path, ((solid(), n / fps) for n in range(50)), fps=fps)
    assert probe(path).fps == fps
    assert times_s(path) == [n / fps for n in range(50)]


def test_ten_minutes_at_the_ntsc_rate_do_not_drift(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    last = 10 * 60 * 30
    wanted_s = [n / NTSC for n in (0, 1, last - 1, last)]
    write_video(path, [(solid(), time_s) for time_s in wanted_s], fps=NTSC)
    assert times_s(path) == wanted_s
    assert times_s(path)[-1] == Fraction(6006, 10)


@pytest.mark.parametrize("fps", [NTSC, Fraction(25)])
def test_a_single_picture_lasts_one_interval(tmp_path: Path, fps: Fraction) -> None:
    path = tmp_path / "out.mp4"
    write_video(path, [(solid(), Fraction(7))], fps=fps)
    assert times_s(path) == [0]
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert stream.duration is not None
        assert stream.time_base is not None
        assert stream.duration * stream.time_base == 1 / fps


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("ntsc.mp4", {"ticks": range(7)}),
        ("odd_clock.mp4", {"ticks": [0, 100, 517, 518, 15360], "tick_s": Fraction(1, 15361)}),
        ("milliseconds.mkv", {"ticks": range(7)}),
        ("late_start.mp4", {"ticks": range(10, 15), "sound": "aac"}),
    ],
)
def test_the_times_of_the_source_are_kept(
    film: Film, tmp_path: Path, name: str, kind: dict[str, object]
) -> None:
    clip = probe(film(name, **kind))
    out = copied(clip, tmp_path / "out.mp4")
    assert times_s(out) == times_s(clip.path)


@pytest.mark.parametrize(
    "colour", [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0), (90, 140, 40)]
)
def test_colours_survive(tmp_path: Path, colour: tuple[int, int, int]) -> None:
    path = tmp_path / "out.mp4"
    write_video(path, [(solid(colour), Fraction(0))], fps=NTSC)
    (frame,) = read_frames(probe(path))
    np.testing.assert_allclose(frame.rgb.mean(axis=(0, 1)), colour, atol=3)


def test_thin_coloured_lines_keep_their_mean_colour(tmp_path: Path) -> None:
    picture = solid((0, 0, 0), (64, 48))
    picture[:, 1::2] = (255, 0, 0)
    path = tmp_path / "out.mp4"
    write_video(path, [(picture, Fraction(0))], fps=NTSC, crf=1)
    (frame,) = read_frames(probe(path))
    red, green, blue = frame.rgb.mean(axis=(0, 1))
    assert red > 2.5 * max(green, blue)


@pytest.mark.parametrize("size_px", [(31, 16), (32, 15), (31, 15), (18, 64)])
def test_odd_sides_are_padded_by_one_line(tmp_path: Path, size_px: tuple[int, int]) -> None:
    width, height = size_px
    ramp = np.linspace(20, 220, width * height).reshape(height, width, 1)
    picture = np.repeat(ramp, 3, axis=2).astype(np.uint8)
    path = tmp_path / "out.mp4"
    write_video(path, [(picture, Fraction(0))], fps=NTSC, crf=1)
    clip = probe(path)
    assert (clip.width_px, clip.height_px) == (width + width % 2, height + height % 2)
    (frame,) = read_frames(clip)
    np.testing.assert_allclose(frame.rgb[:height, :width].astype(int), picture, atol=12)


def test_a_turned_source_is_written_upright(film: Film, tmp_path: Path) -> None:
    clip = probe(film(rotation_deg=90))
    out = probe(copied(clip, tmp_path / "out.mp4"))
    assert (out.width_px, out.height_px, out.rotation_deg) == (48, 64, 0)
    pairs = zip(read_frames(clip), read_frames(out), strict=True)
    assert all(np.abs(a.rgb.astype(int) - b.rgb).mean() < 4 for a, b in pairs)


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("a.mp4", "aac"),
        ("a.mp4", "libmp3lame"),
        ("a.mp4", "alac"),
        ("a.mp4", "ac3"),
        ("a.mkv", "flac"),
        ("a.webm", "libopus"),
    ],
)
def test_sound_that_fits_is_copied_bit_by_bit(
    film: Film, tmp_path: Path, name: str, codec: str
) -> None:
    video = {"codec": "libvpx-vp9"} if name.endswith("webm") else {}
    clip = probe(film(name, sound=codec, **video))
    copy = sound_of(copied(clip, tmp_path / "out.mp4"))
    original = sound_of(clip.path)
    assert [data for _, data in copy] == [data for _, data in original]
    for (time_s, _), (original_s, _) in zip(copy, original, strict=True):
        assert abs(time_s - original_s) <= Fraction(1, 1000)


@pytest.mark.parametrize("delay_s", [Fraction(0), Fraction(1, 2)])
@pytest.mark.parametrize(
    ("name", "codec"), [("a.mp4", "aac"), ("a.ts", "aac"), ("a.mov", "pcm_s16le"), ("a.avi", "ac3")]
)
def test_sound_stays_in_sync(
    film: Film, tmp_path: Path, name: str, codec: str, delay_s: Fraction
) -> None:
    clip = probe(film(name, sound=codec, sound_delay_s=delay_s))
    out = copied(clip, tmp_path / "out.mp4")
    assert onset_s(out) == pytest.approx(onset_s(clip.path), abs=0.005)


def test_sound_that_does_not_fit_becomes_aac(film: Film, tmp_path: Path) -> None:
    clip = probe(film("a.mov", sound="pcm_s16le"))
    with av.open(str(copied(clip, tmp_path / "out.mp4"))) as container:
        assert container.streams.audio[0].codec_context.name == "aac"


def test_sound_that_nobody_can_decode_is_left_out(
    film: Film, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = film("a.mkv", sound="pcm_s16le")
    path.write_bytes(path.read_bytes().replace(b"A_PCM/INT/LIT", b"A_XXX/INT/LIT"))
    out = copied(probe(path), tmp_path / "out.mp4")
    assert not probe(out).has_audio
    assert len(times_s(out)) == 5
    assert "left out" in caplog.text


def test_it_plays_in_a_browser_while_it_loads(film: Film, tmp_path: Path) -> None:
    out = copied(probe(film(sound="aac")), tmp_path / "out.mp4")
    data = out.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    with av.open(str(out)) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.codec_tag) == ("h264", "avc1")
        assert (stream.pix_fmt, stream.profile) == ("yuv420p", "High")


def test_pictures_are_taken_as_they_are_needed(tmp_path: Path) -> None:
    alive = 0

    class Counted(np.ndarray):
        def __del__(self) -> None:
            nonlocal alive
            alive -= 1

    def pictures() -> Iterator[TimedPicture]:
        nonlocal alive
        for n in range(300):
            alive += 1
            assert alive < 10
            yield solid().view(Counted), n / NTSC

    write_video(tmp_path / "out.mp4", pictures(), fps=NTSC)
    assert alive < 10


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_nothing_remains_of_an_interrupted_video(
    tmp_path: Path, error: type[BaseException]
) -> None:
    def pictures() -> Iterator[TimedPicture]:
        for n in range(60):
            yield solid(), n / NTSC
        raise error

    with pytest.raises(error):
        write_video(tmp_path / "out.mp4", pictures(), fps=NTSC)
    assert not list(tmp_path.iterdir())


def test_a_video_that_exists_survives_an_interruption(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    path.write_text("precious")
    with pytest.raises(ValueError, match="no pictures"):
        write_video(path, [], fps=NTSC)
    assert path.read_text() == "precious"


def test_a_missing_folder_is_reported(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot write"):
        write_video(tmp_path / "none" / "out.mp4", [(solid(), Fraction(0))], fps=NTSC)


def test_times_that_do_not_increase_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="does not come after"):
        write_video(tmp_path / "out.mp4", [(solid(), Fraction(0))] * 2, fps=NTSC)


def test_a_size_that_changes_is_refused(tmp_path: Path) -> None:
    sizes_px = ((32, 16), (64, 48))
    pictures = ((solid(size_px=size), Fraction(n)) for n, size in enumerate(sizes_px))
    with pytest.raises(ValueError, match="another size"):
        write_video(tmp_path / "out.mp4", pictures, fps=NTSC)


def test_a_damaged_source_can_be_written_with_what_is_left(film: Film, tmp_path: Path) -> None:
    path = film("a.ts", sound="aac", ticks=range(30))
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 2 // 3])
    frames: list[Frame] = list(read_frames(probe(path)))
    out = copied(probe(path), tmp_path / "out.mp4")
    assert len(times_s(out)) == len(frames) > 5
    assert all(a < b for a, b in itertools.pairwise(times_s(out)))
