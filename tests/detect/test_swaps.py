"""Left and right are put back where a detector mixed them up, and nowhere else."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from pose3d_cli.detect.swaps import untangle
from pose3d_cli.sequences import Track2D
from pose3d_cli.skeleton import COCO17, H36M17

FPS = 30
FRAMES = 90
TIMES_S = np.arange(FRAMES) / FPS
ARMS, LEGS = list(range(5, 11)), list(range(11, 17))
SIDEWAYS = np.full(FRAMES, np.pi / 2)
"""Heading of somebody who walks to the right; 0 faces the camera."""


def walker(
    heading: np.ndarray, *, stride_hz: float = 1.0, swing: float = 0.5, noise_px: float = 0
) -> Track2D:
    """Somebody 340 px tall who strides with swinging arms, seen in perspective from 4 m."""
    phase = 2 * np.pi * stride_hz * TIMES_S
    left_up_forward_m = np.zeros((FRAMES, 17, 3))

    def put(name: str, left: float, up: np.ndarray | float, forward: np.ndarray | float) -> None:
        place = np.broadcast_arrays(np.full(FRAMES, left), up, forward)
        left_up_forward_m[:, COCO17.index(name)] = np.stack(place, axis=-1)

    put("nose", 0, 1.6, 0.1)
    for name, side in (("left", 1.0), ("right", -1.0)):
        thigh, arm = side * swing * np.sin(phase), -side * swing * np.sin(phase)
        shin = thigh - 0.1 - np.maximum(0, 0.6 * side * np.cos(phase))
        put(f"{name}_eye", 0.03 * side, 1.63, 0.08)
        put(f"{name}_ear", 0.07 * side, 1.62, 0)
        put(f"{name}_shoulder", 0.18 * side, 1.4, -0.03 * side * np.sin(phase))
        elbow = 1.4 - 0.28 * np.cos(arm), 0.28 * np.sin(arm)
        put(f"{name}_elbow", 0.22 * side, *elbow)
        wrist = elbow[0] - 0.25 * np.cos(arm + 0.3), elbow[1] + 0.25 * np.sin(arm + 0.3)
        put(f"{name}_wrist", 0.22 * side, *wrist)
        put(f"{name}_hip", 0.1 * side, 0.92, 0.02 * side * np.sin(phase))
        knee = 0.92 - 0.43 * np.cos(thigh), 0.43 * np.sin(thigh)
        put(f"{name}_knee", 0.1 * side, *knee)
        put(
            f"{name}_ankle",
            0.1 * side,
            knee[0] - 0.42 * np.cos(shin),
            knee[1] + 0.42 * np.sin(shin),
        )

    left, up, forward = np.moveaxis(left_up_forward_m, -1, 0)
    cos, sin = np.cos(heading)[:, None], np.sin(heading)[:, None]
    depth = 1 + (left * sin - forward * cos) / 4
    x_px = 600 + 200 * (left * cos + forward * sin) / depth
    keypoints_px = np.stack([x_px, 600 - 200 * up / depth], axis=-1)
    keypoints_px += np.random.default_rng(0).normal(0, noise_px, keypoints_px.shape)
    return Track2D(
        skeleton=COCO17,
        first_frame=0,
        times_s=TIMES_S,
        fps=Fraction(FPS),
        boxes_px=np.concatenate(
            [keypoints_px.min(axis=1) - 10, keypoints_px.max(axis=1) + 10], axis=1
        ),
        keypoints_px=keypoints_px,
        confidence=np.full((FRAMES, 17), 0.9),
        seen=np.ones(FRAMES, bool),
    )


def mixed_up(track: Track2D, joints: list[int], *, frames: range) -> Track2D:
    keypoints_px, confidence = track.keypoints_px.copy(), track.confidence.copy()
    mirror = [COCO17.mirror[joint] for joint in joints]
    for row in frames:
        keypoints_px[row, joints] = track.keypoints_px[row, mirror]
        confidence[row, joints] = track.confidence[row, mirror]
    return replace(track, keypoints_px=keypoints_px, confidence=confidence)


HONEST = {
    "walks to the right": walker(SIDEWAYS),
    "walks to the camera": walker(np.zeros(FRAMES)),
    "walks away": walker(np.full(FRAMES, np.pi)),
    "runs past": walker(SIDEWAYS, stride_hz=1.6, swing=0.9),
    "turns round once": walker(np.clip(TIMES_S - 1, 0, 1) * np.pi),
    "spins": walker(2 * np.pi * TIMES_S / 0.7, swing=0.2),
    "walks and trembles": walker(SIDEWAYS, noise_px=10),
}


@pytest.mark.parametrize("track", HONEST.values(), ids=HONEST)
def test_whoever_is_detected_right_is_not_changed(track: Track2D) -> None:
    np.testing.assert_array_equal(untangle(track).keypoints_px, track.keypoints_px)


@pytest.mark.parametrize("joints", [ARMS, LEGS, ARMS + LEGS], ids=["arms", "legs", "both"])
@pytest.mark.parametrize("frames", [range(40, 41), range(22, 26), range(50, 62)], ids=str)
@pytest.mark.parametrize("who", ["walks to the camera", "walks away", "spins"])
def test_a_planted_mix_up_is_undone(who: str, joints: list[int], frames: range) -> None:
    track = HONEST[who]
    repaired = untangle(mixed_up(track, joints, frames=frames))
    np.testing.assert_array_equal(repaired.keypoints_px, track.keypoints_px)


def test_legs_mixed_up_in_mid_stride_are_untangled_in_a_side_view() -> None:
    track = HONEST["walks to the right"]  # its legs are furthest apart at frames 22 and 37
    repaired = untangle(mixed_up(track, LEGS, frames=range(20, 25)))
    np.testing.assert_array_equal(repaired.keypoints_px, track.keypoints_px)


def test_confidence_moves_with_its_joint() -> None:
    track = HONEST["walks to the camera"]
    confidence = track.confidence.copy()
    confidence[:, COCO17.index("left_ankle")] = 0.5
    track = replace(track, confidence=confidence)
    repaired = untangle(mixed_up(track, LEGS, frames=range(40, 44)))
    np.testing.assert_array_equal(repaired.confidence, confidence)


def test_untangling_twice_is_untangling_once() -> None:
    once = untangle(mixed_up(HONEST["walks to the right"], LEGS, frames=range(20, 27)))
    np.testing.assert_array_equal(untangle(once).keypoints_px, once.keypoints_px)


@pytest.mark.parametrize("frames", [range(60, FRAMES), range(30, 60)], ids=str)
def test_what_lasts_is_believed(frames: range) -> None:
    lasting = mixed_up(HONEST["walks to the camera"], ARMS + LEGS, frames=frames)
    np.testing.assert_array_equal(untangle(lasting).keypoints_px, lasting.keypoints_px)


def test_holes_stay_holes_and_hide_nothing() -> None:
    track = HONEST["walks to the camera"]
    keypoints_px, seen = track.keypoints_px.copy(), track.seen.copy()
    keypoints_px[[10, 11, 12, 43]], seen[[10, 11, 12, 43]] = np.nan, False
    holed = replace(track, keypoints_px=keypoints_px, seen=seen)
    repaired = untangle(mixed_up(holed, LEGS, frames=range(40, 46)))
    np.testing.assert_array_equal(repaired.keypoints_px, keypoints_px)


def test_unseen_legs_do_not_keep_arms_from_being_untangled() -> None:
    track = HONEST["walks to the camera"]
    confidence = track.confidence.copy()
    confidence[:, LEGS] = 0.05
    track = replace(track, confidence=confidence)
    repaired = untangle(mixed_up(track, ARMS, frames=range(40, 46)))
    np.testing.assert_array_equal(repaired.keypoints_px, track.keypoints_px)


@pytest.mark.parametrize("frames", [1, 2, 3])
def test_very_short_tracks_are_unchanged(frames: int) -> None:
    track = HONEST["walks to the camera"]
    track = replace(
        track,
        times_s=track.times_s[:frames],
        boxes_px=track.boxes_px[:frames],
        keypoints_px=track.keypoints_px[:frames],
        confidence=track.confidence[:frames],
        seen=track.seen[:frames],
    )
    np.testing.assert_array_equal(untangle(track).keypoints_px, track.keypoints_px)


def test_other_skeletons_are_refused() -> None:
    with pytest.raises(ValueError, match="h36m17"):
        untangle(replace(HONEST["spins"], skeleton=H36M17))
