"""Facts about the whole journey: what was planted in front of the camera comes out in the files."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pose3d_cli import pipeline
from pose3d_cli.cli.results import check_video, read_result
from pose3d_cli.errors import NoPersonError
from pose3d_cli.export.bvh_reader import read_bvh
from pose3d_cli.export.json_file import read_json
from pose3d_cli.filming import Filming
from pose3d_cli.geometry.camera import Camera
from pose3d_cli.geometry.remap import h36m_from_coco
from pose3d_cli.motion.settings import MotionSettings
from pose3d_cli.outputs import write
from pose3d_cli.pipeline import Settings, estimate
from pose3d_cli.render import RenderSettings
from pose3d_cli.sequences import Person, Result
from pose3d_cli.skeleton import H36M17
from pose3d_cli.video.reader import probe, read_frames
from pose3d_cli.watch import Unwatched

Film = Callable[..., Path]
MakeModels = Callable[..., pipeline.Models]

NTSC = Fraction(30000, 1001)
FRAMES = 45
SIZE_PX = (320, 240)
SLIDING = MotionSettings(pin_feet=False)
"""The planted walker's feet slide, as nobody's do."""
NO_SMOOTHING = Settings(focal_px=300.0, motion=MotionSettings(cutoff_hz=0.0, pin_feet=False))


def only(result: Result) -> Person:
    (person,) = result.people
    return person


def seen_px(person: Person, camera: Camera) -> np.ndarray:
    """Return where the camera sees the fitted joints."""
    back = person.world.camera_from_world
    return camera.project(person.world.positions_m @ back[:3, :3].T + back[:3, 3])


def lengths_m(positions_m: np.ndarray) -> np.ndarray:
    parents, joints = np.array(H36M17.bones).T
    return np.asarray(np.linalg.norm(positions_m[:, joints] - positions_m[:, parents], axis=-1))


def test_the_motion_is_the_planted_one(result: Result, walker: Any) -> None:
    assert walker.off_m(only(result)).max() < 0.001


def test_smoothing_at_the_usual_rate_keeps_a_walk(
    clip: Path, walker: Any, models: MakeModels
) -> None:
    usual = Settings(focal_px=300.0, motion=SLIDING)
    smoothed = estimate(clip, models(walker), usual, watch=Unwatched())

    assert walker.off_m(only(smoothed)).max() < 0.01


def test_the_person_walks_as_far_and_the_way_they_did(result: Result, walker: Any) -> None:
    root_m = only(result).motion.root_m
    way_m = root_m[-1] - root_m[0]

    assert np.linalg.norm(way_m) == pytest.approx(1.2 * result.times_s[-1], abs=0.01)
    assert np.arctan2(way_m[0], way_m[2]) == pytest.approx(walker.heading_rad, abs=0.01)


def test_the_person_stands_upright_on_the_floor(result: Result) -> None:
    joints_m = only(result).world.positions_m
    up_m = joints_m[:, H36M17.index("thorax")] - joints_m[:, H36M17.index("pelvis")]
    ankles_m = joints_m[:, [H36M17.index("left_ankle"), H36M17.index("right_ankle")]]

    assert (up_m[:, 1] / np.linalg.norm(up_m, axis=-1)).min() > 0.999
    assert 0.0 < ankles_m[..., 1].min() < 0.1


def test_bones_keep_the_planted_lengths(result: Result, walker: Any) -> None:
    measured = lengths_m(only(result).world.positions_m)

    assert np.ptp(measured, axis=0).max() < 1e-9
    assert np.abs(measured - lengths_m(walker.joints_m(result.times_s))).max() < 0.005


def test_the_fitted_joints_are_seen_where_they_were_planted(result: Result, walker: Any) -> None:
    truth_px = walker.camera.project(h36m_from_coco(walker.camera_m(result.times_s)))

    assert np.abs(seen_px(only(result), result.camera) - truth_px).max() < 0.1


def test_a_mirrored_clip_gives_the_mirrored_motion(
    clip: Path, result: Result, walker: Any, models: MakeModels
) -> None:
    mirrored = models(replace(walker, mirrored=True))
    other = only(estimate(clip, mirrored, NO_SMOOTHING, watch=Unwatched())).world.positions_m

    expected = only(result).world.positions_m[:, list(H36M17.mirror)] * [-1, 1, 1]
    np.testing.assert_allclose(other, expected, atol=1e-6)


def test_somebody_filmed_from_above_is_upright_once_the_pitch_is_told(
    clip: Path, walker: Any, models: MakeModels
) -> None:
    tilted = replace(walker, pitch_rad=0.25)
    upright = replace(NO_SMOOTHING.motion, camera_pitch_rad=0.25)
    settings = replace(NO_SMOOTHING, motion=upright)

    found = only(estimate(clip, models(tilted), settings, watch=Unwatched()))

    assert walker.off_m(found).max() < 0.001


def test_times_and_rate_are_exact(result: Result) -> None:
    assert result.clip.fps == NTSC
    assert only(result).motion.fps == NTSC
    expected = [float(frame / NTSC) for frame in range(FRAMES)]
    assert result.times_s.tolist() == expected
    assert only(result).motion.times_s.tolist() == expected


def test_a_variable_rate_keeps_its_times(film: Film, walker: Any, models: MakeModels) -> None:
    ticks = np.cumsum(np.random.default_rng(0).integers(20, 50, FRAMES)).tolist()
    clip = film(size_px=SIZE_PX, ticks=ticks, tick_s=Fraction(1, 1000))

    result = estimate(clip, models(walker), NO_SMOOTHING, watch=Unwatched())
    write(result, [clip.with_name("out.mp4")], watch=Unwatched())

    assert result.times_s.tolist() == [(tick - ticks[0]) / 1000 for tick in ticks]
    assert walker.off_m(only(result)).max() < 0.02
    written = [frame.time_s for frame in read_frames(probe(clip.with_name("out.mp4")))]
    assert written == [Fraction(tick - ticks[0], 1000) for tick in ticks]


def test_provenance_names_both_networks(result: Result) -> None:
    assert [(model.role, model.name, model.licence) for model in result.models] == [
        ("detector", "fake-detector", "CC0-1.0"),
        ("lifter", "oracle", "CC0-1.0"),
    ]


def test_an_unknown_focal_length_is_assumed_and_said_so(
    clip: Path, walker: Any, models: MakeModels
) -> None:
    usual = replace(walker, camera=Camera.assumed(*SIZE_PX))

    result = estimate(clip, models(usual), Settings(motion=SLIDING), watch=Unwatched())

    assert result.camera == Camera(320, 240, 384.0, "assumed")


def test_nobody_is_an_error_that_names_the_clip(
    clip: Path, walker: Any, models: MakeModels
) -> None:
    with pytest.raises(NoPersonError, match=r"clip\.mp4"):
        estimate(clip, models(walker, seen_in=()), Settings(focal_px=300.0), watch=Unwatched())


@pytest.mark.parametrize("frames", [1, 2, 3])
def test_a_clip_of_a_few_frames_is_enough(
    frames: int, film: Film, walker: Any, models: MakeModels
) -> None:
    clip = film(size_px=SIZE_PX, ticks=range(frames))

    result = estimate(clip, models(walker), Settings(focal_px=300.0), watch=Unwatched())
    paths = [clip.with_name(f"out{suffix}") for suffix in (".mp4", ".json", ".bvh")]
    write(result, paths, watch=Unwatched())

    assert len(only(result).motion.times_s) == frames
    assert len(list(read_frames(probe(paths[0])))) == frames
    assert len(read_bvh(paths[2]).rows) == frames


@pytest.mark.parametrize(
    ("kind", "size_px"),
    [
        ({"size_px": (320, 240), "rotation_deg": 90}, (240, 320)),
        ({"size_px": (320, 240), "rotation_deg": 180}, (320, 240)),
        ({"size_px": (321, 241), "pix_fmt": "yuv444p"}, (321, 241)),
    ],
    ids=["portrait", "upside down", "odd"],
)
def test_the_upright_picture_is_what_counts(
    kind: dict[str, Any], size_px: tuple[int, int], film: Film, walker: Any, models: MakeModels
) -> None:
    clip = film(ticks=range(10), **kind)
    there = replace(walker, camera=Camera(*size_px, 300.0, "option"))

    result = estimate(clip, models(there), NO_SMOOTHING, watch=Unwatched())
    write(result, [clip.with_name("out.mp4")], watch=Unwatched())

    assert (result.clip.width_px, result.clip.height_px) == size_px
    assert there.off_m(only(result)).max() < 0.01
    written = probe(clip.with_name("out.mp4"))
    assert written.rotation_deg == 0
    assert written.width_px > written.height_px * size_px[0] / size_px[1]


def test_files_that_lost_which_way_was_up_are_turned_wherever_they_are_shown(
    film: Film, walker: Any, models: MakeModels
) -> None:
    clip = film(size_px=(320, 240), ticks=range(10))
    there = replace(walker, camera=Camera(240, 320, 300.0, "option"))
    filming = Filming(turn_deg=90, mirrored=True)
    result = estimate(
        clip, models(there), replace(NO_SMOOTHING, filming=filming), watch=Unwatched()
    )
    out = clip.with_name("out.json")
    write(result, [out], watch=Unwatched())
    assert (result.clip.width_px, result.clip.height_px) == (240, 320)

    again = read_result(out, video=clip)
    check_video(again, of=out)
    targets = [clip.with_name("out.mp4"), clip.with_name("out.html")]
    write(again, targets, look=RenderSettings(layout="overlay"), watch=Unwatched())

    shown = probe(targets[0])
    assert shown.width_px * 320 == shown.height_px * 240
    # Browsers would show the clip as it is stored.
    assert "A smaller copy of the video is inside" in targets[1].read_text(encoding="utf-8")


def test_slow_motion_is_solved_as_in_life_and_drawn_as_it_plays(
    clip: Path, walker: Any, models: MakeModels
) -> None:
    filming = Filming(slow_motion=Fraction(4))
    networks = models(walker, slower=4)
    result = estimate(clip, networks, replace(NO_SMOOTHING, filming=filming), watch=Unwatched())
    paths = [clip.with_name(f"out{suffix}") for suffix in (".mp4", ".json", ".bvh", ".trc")]
    write(result, paths, watch=Unwatched())

    assert walker.off_m(only(result)).max() < 0.001
    assert result.clip.fps == only(result).motion.fps == 4 * NTSC
    assert read_bvh(paths[2]).frame_time_s == pytest.approx(float(1 / NTSC) / 4)
    assert float(paths[3].read_text().splitlines()[2].split()[0]) == pytest.approx(float(4 * NTSC))
    written = [probe(paths[0]), probe(clip)]
    assert written[0].fps == NTSC
    times = [[frame.time_s for frame in read_frames(one)] for one in written]
    assert times[0] == times[1]
    again = read_json(paths[1])
    assert again.clip.filming == filming
    write(
        replace(again, clip=replace(again.clip, path=clip)),
        [clip.with_name("b.mp4")],
        watch=Unwatched(),
    )
    assert [f.time_s for f in read_frames(probe(clip.with_name("b.mp4")))] == times[0]


def test_a_moment_out_of_sight_is_bridged_and_marked(
    clip: Path, walker: Any, models: MakeModels
) -> None:
    seen = [frame for frame in range(FRAMES) if not 20 <= frame < 25]

    person = only(estimate(clip, models(walker, seen_in=seen), NO_SMOOTHING, watch=Unwatched()))

    assert person.poses_2d.observed.any(axis=1).tolist() == [f in seen for f in range(FRAMES)]
    assert walker.off_m(person).max() < 0.05
