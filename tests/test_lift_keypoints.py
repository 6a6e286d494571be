"""``from pose3d_cli import lift_keypoints``."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pose3d_cli import api, lift_keypoints
from pose3d_cli.detect.keypoint_layouts import PLACES
from pose3d_cli.errors import NoPersonError, OutputError, UsageError
from pose3d_cli.geometry.camera import Camera
from pose3d_cli.pipeline import Models

FPS = 25.0
SIZE_PX = 320, 240


@pytest.fixture
def known(walker: Any) -> Any:
    return replace(walker, camera=Camera.assumed(*SIZE_PX))


@pytest.fixture
def keypoints(known: Any) -> np.ndarray:
    """What an exact detector says of two seconds of a walk: 50 frames of x, y, confidence."""
    places_px = known.camera.project(known.camera_m(np.arange(50) / FPS))
    return np.concatenate([places_px, np.full((50, 17, 1), 0.9)], axis=-1)


@pytest.fixture
def lift(models: Callable[..., Models], known: Any) -> Callable[..., Any]:
    lifter = models(known).lifter

    def lifting(keypoints: np.ndarray, **how: Any) -> Any:
        return lift_keypoints(keypoints, size_px=SIZE_PX, fps=FPS, lifter=lifter, **how)

    return lifting


def test_keypoints_become_motion_and_files(
    lift: Callable[..., Any], keypoints: np.ndarray, known: Any, tmp_path: Path
) -> None:
    result = lift(keypoints, outputs=[tmp_path / "a.json", str(tmp_path / "a.bvh")])

    (person,) = result.people
    hips_m = known.world_m(person.motion.times_s)[:, [11, 12]].mean(1)
    travelled_m = np.linalg.norm(hips_m[-1] - hips_m[0])
    root_m = person.world.positions_m[:, 0]
    assert np.linalg.norm(root_m[-1] - root_m[0]) == pytest.approx(travelled_m, rel=0.1)
    assert json.loads((tmp_path / "a.json").read_text())["source"]["fps"] == {"num": 25, "den": 1}
    assert (tmp_path / "a.bvh").is_file()


def test_the_3d_view_is_drawn_without_a_clip(
    lift: Callable[..., Any], keypoints: np.ndarray, tmp_path: Path
) -> None:
    lift(keypoints[:9], outputs=[tmp_path / "a.mp4", tmp_path / "a.png", tmp_path / "a.html"])

    assert all(
        (tmp_path / f"a.{suffix}").stat().st_size > 1000 for suffix in ("mp4", "png", "html")
    )


@pytest.mark.parametrize("count", PLACES)
def test_other_programs_keypoints_are_found_by_their_number(
    lift: Callable[..., Any], keypoints: np.ndarray, count: int
) -> None:
    theirs = np.full((len(keypoints), count, 3), np.nan)
    theirs[:, PLACES[count]] = keypoints

    world_m = lift(theirs).people[0].world.positions_m

    np.testing.assert_array_equal(world_m, lift(keypoints).people[0].world.positions_m)


def test_without_confidence_all_that_is_finite_counts_as_seen(
    lift: Callable[..., Any], keypoints: np.ndarray
) -> None:
    keypoints[10:14, 9] = np.nan

    seen = lift(keypoints[..., :2]).people[0].poses_2d

    assert seen.observed.mean() > 0.99
    assert not seen.observed[10:14, 13].any()  # COCO's left wrist
    assert np.isfinite(seen.keypoints_px).all()


def test_the_clip_is_as_long_as_the_array_and_the_person_as_they_are_seen(
    lift: Callable[..., Any], keypoints: np.ndarray
) -> None:
    keypoints[:5], keypoints[20:23], keypoints[40:] = np.nan, np.nan, np.nan

    result = lift(keypoints)

    (person,) = result.people
    assert len(result.times_s) == 50
    assert (person.poses_2d.first_frame, len(person.motion.times_s)) == (5, 35)
    np.testing.assert_allclose(person.motion.times_s, result.times_s[5:40])


@pytest.mark.parametrize("shape", [(17, 3), (5, 16, 3), (5, 17, 4), (1, 5, 17, 3)])
def test_another_shape_is_told(lift: Callable[..., Any], shape: tuple[int, ...]) -> None:
    with pytest.raises(UsageError, match="of shape"):
        lift(np.ones(shape))


def test_shares_of_the_picture_are_told_from_pixels(
    lift: Callable[..., Any], keypoints: np.ndarray
) -> None:
    with pytest.raises(UsageError, match="smaller than 4 pixels"):
        lift(keypoints / [*SIZE_PX, 1])


def test_nobody_is_nobody(lift: Callable[..., Any], keypoints: np.ndarray) -> None:
    keypoints[..., 2] = 0

    with pytest.raises(NoPersonError):
        lift(keypoints)


def test_what_is_there_is_not_replaced(
    lift: Callable[..., Any], keypoints: np.ndarray, tmp_path: Path
) -> None:
    (tmp_path / "a.json").write_text("mine")

    with pytest.raises(OutputError, match="exists"):
        lift(keypoints, outputs=[tmp_path / "a.json"])
    lift(keypoints, outputs=[tmp_path / "a.json"], overwrite=True)


def test_the_usual_lifter_is_ours_and_needs_no_detector(
    keypoints: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "YoloPoseDetector", lambda *_, **__: pytest.fail("a detector"))

    result = lift_keypoints(keypoints[:9], size_px=SIZE_PX, fps=FPS, focal_px=400.0)

    assert [model.name for model in result.models] == ["keypoints", "sasmamba-small"]
    assert (result.camera.focal_px, result.camera.focal_source) == (400.0, "option")
