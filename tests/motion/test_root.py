from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from pose3d_cli.geometry.camera import Camera
from pose3d_cli.motion.root import NEAREST_M, place_root
from pose3d_cli.sequences import Motion


def error_mm(root_m: np.ndarray, truth_m: np.ndarray) -> np.ndarray:
    """Root mean square along x, y and z."""
    return np.asarray(np.sqrt(np.square(root_m - truth_m).mean(0)) * 1000)


@pytest.mark.parametrize("frames", [1, 2, 3, 7, 90])
def test_exact_keypoints_give_the_exact_path(
    walk: Callable[..., Motion], film: Callable[..., Any], camera: Camera, frames: int
) -> None:
    seen = film(walk(frames=frames, heading_rad=0.5))
    root = place_root(seen.poses_3d, seen_as=seen.poses_2d, camera=camera)
    np.testing.assert_allclose(root, seen.positions_camera_m[:, 0], atol=1e-5)


@pytest.mark.parametrize("fps", [Fraction(24), Fraction(30), Fraction(60)])
def test_keypoints_two_pixels_off_cost_millimetres(
    walk: Callable[..., Motion], film: Callable[..., Any], camera: Camera, fps: Fraction
) -> None:
    seen = film(walk(frames=int(4 * fps), fps=fps, heading_rad=0.5), noise_px=2)
    root = place_root(seen.poses_3d, seen_as=seen.poses_2d, camera=camera)
    across, up, deep = error_mm(root, seen.positions_camera_m[:, 0])
    assert max(across, up) < 3
    assert deep < 15


def test_the_path_is_smoother_than_single_frames_would_have_it(
    walk: Callable[..., Motion], film: Callable[..., Any], camera: Camera
) -> None:
    seen = film(walk(heading_rad=0.5), noise_px=2)
    truth = seen.positions_camera_m[:, 0]
    path = place_root(seen.poses_3d, seen_as=seen.poses_2d, camera=camera)
    apart = [
        place_root(
            replace(seen.poses_3d, times_s=np.zeros(1), positions_m=relative[None]),
            seen_as=replace(
                seen.poses_2d,
                times_s=np.zeros(1),
                keypoints_px=pixels[None],
                confidence=np.ones((1, 17)),
                observed=np.ones((1, 17), bool),
            ),
            camera=camera,
        )[0]
        for relative, pixels in zip(
            seen.poses_3d.positions_m, seen.poses_2d.keypoints_px, strict=True
        )
    ]
    assert error_mm(path, truth)[2] < 0.5 * error_mm(np.array(apart), truth)[2]
    jerk = [np.abs(np.diff(z, 3)).mean() for z in (path[:, 2], np.array(apart)[:, 2])]
    assert jerk[0] < 0.1 * jerk[1]


def test_unobserved_frames_lie_between_their_neighbours(
    walk: Callable[..., Motion], film: Callable[..., Any], camera: Camera
) -> None:
    seen = film(walk(heading_rad=0.5))
    observed, pixels = seen.poses_2d.observed.copy(), seen.poses_2d.keypoints_px.copy()
    observed[40:55] = False
    pixels[40:55] = 0.0
    guessed = replace(seen.poses_2d, observed=observed, keypoints_px=pixels)
    root = place_root(seen.poses_3d, seen_as=guessed, camera=camera)
    np.testing.assert_allclose(root, seen.positions_camera_m[:, 0], atol=0.08)


def test_one_wild_keypoint_hardly_moves_the_path(
    walk: Callable[..., Motion], film: Callable[..., Any], camera: Camera
) -> None:
    seen = film(walk(), noise_px=1)
    wild = seen.poses_2d.keypoints_px.copy()
    wild[30:60, 16] += 300
    root = place_root(
        seen.poses_3d, seen_as=replace(seen.poses_2d, keypoints_px=wild), camera=camera
    )
    assert error_mm(root, seen.positions_camera_m[:, 0]).max() < 25


def test_doubtful_keypoints_count_less(
    walk: Callable[..., Motion], film: Callable[..., Any], camera: Camera
) -> None:
    seen = film(walk(), noise_px=1)
    pixels, confidence = seen.poses_2d.keypoints_px.copy(), np.ones((90, 17))
    pixels[:, [3, 6]] += 40
    confidence[:, [3, 6]] = 0.05
    trusting = replace(seen.poses_2d, keypoints_px=pixels)
    doubting = replace(trusting, confidence=confidence)
    errors = [
        error_mm(
            place_root(seen.poses_3d, seen_as=by, camera=camera), seen.positions_camera_m[:, 0]
        )
        for by in (trusting, doubting)
    ]
    assert np.linalg.norm(errors[1]) < 0.3 * np.linalg.norm(errors[0])


@pytest.mark.parametrize("distance_m", [1.5, 30.0])
def test_near_and_far_people_are_found(
    walk: Callable[..., Motion], film: Callable[..., Any], camera: Camera, distance_m: float
) -> None:
    seen = film(walk(speed_m_s=0.1), distance_m=distance_m)
    root = place_root(seen.poses_3d, seen_as=seen.poses_2d, camera=camera)
    np.testing.assert_allclose(root, seen.positions_camera_m[:, 0], atol=1e-4)


def test_nobody_is_behind_the_camera(
    walk: Callable[..., Motion], film: Callable[..., Any], camera: Camera
) -> None:
    seen = film(walk())
    for nonsense in (np.zeros((90, 17, 2)), seen.poses_2d.keypoints_px * -50):
        by = replace(seen.poses_2d, keypoints_px=nonsense)
        root = place_root(seen.poses_3d, seen_as=by, camera=camera)
        depth = (root[:, None] + seen.poses_3d.positions_m)[..., 2]
        assert depth.min() >= NEAREST_M - 1e-9


def test_somebody_who_was_never_observed_is_still_somewhere(
    walk: Callable[..., Motion], film: Callable[..., Any], camera: Camera
) -> None:
    seen = film(walk())
    unseen = replace(seen.poses_2d, observed=np.zeros((90, 17), bool))
    assert np.isfinite(place_root(seen.poses_3d, seen_as=unseen, camera=camera)).all()
