import torch

from pose3d_cli.datasets.mocap import Corpus
from pose3d_cli.datasets.playback import Playback, Windows, draw_windows

AS_RECORDED = Playback(rate_hz=((1.0, 30.0, 30.0),), speed=1.0)


def drawn(corpus: Corpus, playback: Playback, *, clip: int, frames: int = 12) -> Windows:
    chances = torch.zeros(len(corpus.source))
    chances[clip] = 1
    return draw_windows(
        corpus,
        chances=chances,
        clips=200,
        frames=frames,
        playback=playback,
        generator=torch.Generator().manual_seed(0),
    )


def clock(*lengths: int) -> Corpus:
    """Clips in which every coordinate counts frames, from 0, 1000, 2000…"""
    length = torch.tensor(lengths)
    frames = torch.cat([1000.0 * i + torch.arange(n) for i, n in enumerate(lengths)])
    positions = frames[:, None, None].expand(-1, 24, 3)
    return Corpus(positions, length.cumsum(0) - length, length, ("A",) * len(lengths), 30.0)


def test_recorded_frames_are_recorded_frames() -> None:
    corpus = clock(12)

    windows = drawn(corpus, AS_RECORDED, clip=0)

    expected = corpus.positions_m.expand(200, -1, -1, -1)
    torch.testing.assert_close(windows.positions_m, expected, atol=1e-4, rtol=0)
    torch.testing.assert_close(windows.frame_s, torch.full((200,), 1 / 30))


def test_short_clips_are_played_to_and_fro() -> None:
    windows = drawn(clock(50, 5), AS_RECORDED, clip=1).positions_m[:, :, 0, 0]

    assert (windows >= 1000 - 1e-3).all()
    assert (windows <= 1004 + 1e-3).all()
    steps = windows.diff(dim=1).abs()
    assert steps.max() < 1.3
    assert windows.diff(dim=1).min(1).values.max() < 0  # every window goes back somewhere


def test_windows_never_run_into_the_next_clip() -> None:
    windows = drawn(clock(40, 40, 40), Playback(), clip=1, frames=60).positions_m

    assert (windows >= 1000 - 1e-3).all()
    assert (windows <= 1039 + 1e-3).all()


def test_motion_is_as_fast_at_every_frame_rate() -> None:
    fast = Playback(rate_hz=((1.0, 24.0, 24.0), (1.0, 120.0, 120.0)), speed=1.0)
    windows = drawn(clock(400), fast, clip=0)

    per_frame = windows.positions_m[:, :, 0, 0].diff(dim=1)
    torch.testing.assert_close(
        per_frame / windows.frame_s[:, None], torch.full_like(per_frame, 30), atol=0.3, rtol=0
    )
    assert {round(1 / s) for s in windows.frame_s.tolist()} == {24, 120}


def test_speed_varies_both_ways_and_no_further() -> None:
    windows = drawn(clock(400), Playback(rate_hz=((1.0, 30.0, 30.0),), speed=1.5), clip=0)

    pace = windows.positions_m[:, 1, 0, 0] - windows.positions_m[:, 0, 0, 0]
    assert 1 / 1.51 < pace.min() < 0.75
    assert 1.3 < pace.max() < 1.51


def test_slow_motion_of_a_curve_stays_on_the_curve() -> None:
    time = torch.arange(60.0)
    wave = torch.sin(0.3 * time)
    corpus = Corpus(
        wave[:, None, None].expand(-1, 24, 3), torch.tensor([0]), torch.tensor([60]), ("A",), 30.0
    )

    slow = drawn(corpus, Playback(rate_hz=((1.0, 120.0, 120.0),), speed=1.0), clip=0, frames=30)
    values = slow.positions_m[:, :, 0, 0]

    # A sine's second difference is −ω² of itself; corners at recorded frames would be far off.
    bend = values.diff(dim=1, n=2) + (0.3 / 4) ** 2 * values[:, 1:-1]
    assert bend.abs().quantile(0.9) < 2e-3
