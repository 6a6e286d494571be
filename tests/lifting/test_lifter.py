import tracemalloc
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from threading import current_thread

import numpy as np
import pytest
import torch
from torch import Tensor

from pose3d_cli.errors import WeightsError
from pose3d_cli.geometry.camera import Camera
from pose3d_cli.lifting import lifter as module
from pose3d_cli.lifting.checkpoint import save_checkpoint
from pose3d_cli.lifting.config import SasMambaConfig
from pose3d_cli.lifting.lifter import Network, SasMambaLifter
from pose3d_cli.lifting.model import SasMamba
from pose3d_cli.lifting.normalise import INPUT_CONVENTION
from pose3d_cli.sequences import Pose2DSequence
from pose3d_cli.skeleton import COCO17, H36M17

CAMERA = Camera(640, 480, 700.0, "option")


@pytest.fixture(scope="module")
def network() -> SasMamba:
    torch.manual_seed(2)
    return SasMamba(SasMambaConfig(width=16, depth=1, in_channels=3)).eval()


@pytest.fixture
def lifter(network: SasMamba) -> SasMambaLifter:
    return SasMambaLifter(network, "random", "0" * 64, "CC0-1.0")


def seen(frames: int) -> Pose2DSequence:
    """Return somebody in the left half of the picture who moves smoothly."""
    rng = np.random.default_rng(3)
    phase = np.linspace(0, frames / 20, frames)[:, None, None] + rng.uniform(0, 6, (17, 2))
    keypoints = rng.normal(size=(17, 2)) * 60 + [200, 240] + 5 * np.sin(phase)
    return Pose2DSequence(
        skeleton=H36M17,
        first_frame=0,
        times_s=np.arange(frames) / 30,
        fps=Fraction(30),
        keypoints_px=keypoints,
        confidence=rng.uniform(0.5, 1, (frames, 17)),
        observed=np.ones((frames, 17), bool),
    )


@pytest.mark.parametrize("frames", [1, 2, 3, 9, 243, 244, 500])
def test_clips_of_any_length_have_a_pose_for_every_frame(
    lifter: SasMambaLifter, frames: int
) -> None:
    poses = lifter.lift(seen(frames), camera=CAMERA)

    assert poses.positions_m.shape == (frames, 17, 3)
    assert np.isfinite(poses.positions_m).all()
    np.testing.assert_array_equal(poses.positions_m[:, 0], 0)


def test_a_mirrored_picture_has_mirrored_poses(lifter: SasMambaLifter) -> None:
    poses = seen(30)
    twins = list(H36M17.mirror)
    flipped = replace(
        poses,
        keypoints_px=([CAMERA.width_px, 0] + poses.keypoints_px * [-1, 1])[:, twins],
        confidence=poses.confidence[:, twins],
    )

    expected = lifter.lift(poses, camera=CAMERA).positions_m[:, twins] * [-1, 1, 1]

    actual = lifter.lift(flipped, camera=CAMERA).positions_m
    np.testing.assert_allclose(actual, expected, atol=1e-5)
    assert np.abs(expected).max() > 0.05


def test_joints_that_were_filled_in_count_as_unseen(lifter: SasMambaLifter) -> None:
    poses = seen(20)
    filled = poses.observed.copy()
    filled[:, 3] = False
    doubtful = poses.confidence.copy()
    doubtful[:, 3] = 0

    by_mask = lifter.lift(replace(poses, observed=filled), camera=CAMERA)
    by_confidence = lifter.lift(replace(poses, confidence=doubtful), camera=CAMERA)

    np.testing.assert_array_equal(by_mask.positions_m, by_confidence.positions_m)


def test_windows_are_lifted_the_same_together_and_alone(
    lifter: SasMambaLifter, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = lifter.lift(seen(600), camera=CAMERA)
    monkeypatch.setattr(module, "WINDOWS_AT_ONCE", 3)

    together = lifter.lift(seen(600), camera=CAMERA)

    np.testing.assert_allclose(together.positions_m, alone.positions_m, atol=1e-5)


@pytest.mark.parametrize(("device", "calls"), [("cpu", 2), ("cpu:0", 1)])
def test_a_gpu_lifts_mirror_images_in_the_same_call(
    lifter: SasMambaLifter, device: str, calls: int
) -> None:
    expected = lifter.lift(seen(30), camera=CAMERA)
    network = Counted(lifter.model)

    actual = replace(lifter, model=network, device=device).lift(seen(30), camera=CAMERA)

    assert network.calls == calls  # any device but "cpu" is taken for a GPU
    np.testing.assert_allclose(actual.positions_m, expected.positions_m, atol=1e-5)


class Counted:
    """A network that notes how often it is called, in which threads, and with how many helpers."""

    def __init__(self, network: Network) -> None:
        self.network, self.config, self.calls = network, network.config, 0
        self.threads, self.helpers = set[str](), set[int]()

    def __call__(self, inputs: Tensor) -> Tensor:
        """Ask the network."""
        self.calls += 1
        self.threads.add(current_thread().name)
        self.helpers.add(torch.get_num_threads())
        return self.network(inputs)


class Unmoved:
    """A network that says the same of every window, at once."""

    config = SasMambaConfig(width=16, depth=1, in_channels=3)

    def __call__(self, inputs: Tensor) -> Tensor:
        """Return where the joints are in the picture, and no depth."""
        return inputs * inputs.new_tensor([1, 1, 0])


def test_a_frame_more_takes_no_more_memory_than_six_poses() -> None:
    lifter = SasMambaLifter(Unmoved(), "unmoved", "0" * 64, "CC0-1.0")
    pose_bytes = 17 * 3 * 8
    short, long = 3000, 9000
    lifter.lift(seen(500), camera=CAMERA)  # imports what takes memory once

    more = _most_bytes(lifter, seen(long)) - _most_bytes(lifter, seen(short))

    assert more < 6 * pose_bytes * (long - short)


def _most_bytes(lifter: SasMambaLifter, poses: Pose2DSequence) -> int:
    tracemalloc.start()
    try:
        lifter.lift(poses, camera=CAMERA)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_somebody_who_stands_still_does_not_jump_where_windows_meet(
    lifter: SasMambaLifter,
) -> None:
    still = seen(500)
    still = replace(
        still,
        keypoints_px=np.repeat(still.keypoints_px[:1], 500, axis=0),
        confidence=np.repeat(still.confidence[:1], 500, axis=0),
    )
    in_one_window = lifter.lift(_first(243, still), camera=CAMERA).positions_m
    steps = np.abs(np.diff(lifter.lift(still, camera=CAMERA).positions_m, axis=0))

    # Windows fade into each other over 114 frames; what they differ by is spread over those.
    drift = np.ptp(in_one_window, axis=0).max() * 2 / 114
    assert steps.max() <= np.abs(np.diff(in_one_window, axis=0)).max() + drift


def _first(frames: int, poses: Pose2DSequence) -> Pose2DSequence:
    return replace(
        poses,
        times_s=poses.times_s[:frames],
        keypoints_px=poses.keypoints_px[:frames],
        confidence=poses.confidence[:frames],
        observed=poses.observed[:frames],
    )


def test_without_flipping_left_and_right_are_not_treated_alike(lifter: SasMambaLifter) -> None:
    poses = seen(30)
    once = replace(lifter, flip=False).lift(poses, camera=CAMERA).positions_m
    both = lifter.lift(poses, camera=CAMERA).positions_m
    assert np.abs(once - both).max() > 0.01


def test_other_joints_are_refused(lifter: SasMambaLifter) -> None:
    with pytest.raises(ValueError, match="h36m17"):
        lifter.lift(replace(seen(5), skeleton=COCO17), camera=CAMERA)


def test_a_checkpoint_says_what_it_is(network: SasMamba, tmp_path: Path) -> None:
    path = tmp_path / "tiny.safetensors"
    save_checkpoint(path, network, about={"input": INPUT_CONVENTION, "licence": "CC0-1.0"})

    loaded = SasMambaLifter.from_file(path, device="cpu")

    assert (loaded.name, loaded.licence, len(loaded.sha256)) == ("tiny", "CC0-1.0", 64)
    assert loaded.model.config == network.config


def test_weights_for_other_inputs_are_refused(network: SasMamba, tmp_path: Path) -> None:
    path = tmp_path / "other.safetensors"
    save_checkpoint(path, network, about={"input": "whole-picture/1"})

    with pytest.raises(WeightsError, match=r"whole-picture/1"):
        SasMambaLifter.from_file(path, device="cpu")


def test_the_lifter_says_where_it_doubts(lifter: SasMambaLifter) -> None:
    poses = seen(30)
    found = lifter.lift(poses, camera=CAMERA)
    alone = replace(lifter, flip=False)
    plain = alone.lift(poses, camera=CAMERA)
    assert found.doubt_m is not None
    off = np.linalg.norm(found.positions_m - plain.positions_m, axis=-1)
    # Of two answers, each is as far from their mean as their standard deviation.
    np.testing.assert_allclose(found.doubt_m, off, atol=1e-3)
    assert plain.doubt_m is None


def test_a_window_and_its_mirror_image_have_a_core_each(lifter: SasMambaLifter) -> None:
    network, before = Counted(lifter.model), torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        found = replace(lifter, model=network).lift(seen(30), camera=CAMERA)
    finally:
        torch.set_num_threads(before)

    assert network.calls == 2
    assert network.helpers == {1}
    assert current_thread().name not in network.threads
    expected = lifter.lift(seen(30), camera=CAMERA)
    np.testing.assert_array_equal(found.positions_m, expected.positions_m)
