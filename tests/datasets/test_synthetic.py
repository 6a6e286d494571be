import math
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from pose3d_cli.datasets import detector, synthetic
from pose3d_cli.datasets.mocap import Corpus
from pose3d_cli.datasets.synthetic import Batch, Views, draw_windows, look_at, synthesise
from pose3d_cli.skeleton import H36M17

EXACT = Views(noise=0.0, vary_bones=False)
LEVEL = Views(noise=0.0, vary_bones=False, roll_sd_deg=0.0)


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def drawn(corpus: Corpus, *, seed: int = 0, views: Views | None = None) -> Batch:
    return synthesise(
        corpus,
        chances=corpus.chances({"A": 1.0, "B": 1.0}),
        clips=16,
        frames=12,
        views=views or Views(),
        generator=generator(seed),
    )


def test_the_same_seed_gives_the_same_batch(corpus: Corpus) -> None:
    first, second, other = drawn(corpus), drawn(corpus), drawn(corpus, seed=1)

    assert torch.equal(first.rays, second.rays)
    assert torch.equal(first.confidence, second.confidence)
    assert not torch.equal(first.rays, other.rays)


class _Waits(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Fails on whatever makes a GPU and its host wait for each other."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = func.overloadpacket.__name__
        masks = [a for a in tree_leaves(args) if isinstance(a, Tensor) and a.dtype == torch.bool]
        assert name not in {"_local_scalar_dense", "nonzero", "masked_select", "multinomial"}
        assert name != "lift_fresh"  # a new constant, to be copied from the host
        assert not (name.startswith("index") and masks)
        return func(*args, **kwargs or {})


def test_nothing_waits_for_a_gpu(corpus: Corpus) -> None:
    drawn(corpus)  # fills the tables
    chances = corpus.chances({"A": 1.0, "B": 1.0})
    seeded = generator()

    with _Waits():  # type: ignore[no-untyped-call]
        batch = synthesise(
            corpus, chances=chances, clips=16, frames=12, views=Views(), generator=seeded
        )

    assert batch.rays.shape == (16, 12, 17, 2)


def test_the_truth_is_relative_to_the_root(corpus: Corpus) -> None:
    assert torch.equal(drawn(corpus).truth_m[:, :, 0], torch.zeros(16, 12, 3))


def test_windows_of_short_clips_hold_their_last_pose(corpus: Corpus) -> None:
    only_short = torch.tensor([0.0, 1.0, 0.0])

    windows = draw_windows(
        corpus, chances=only_short, clips=3, frames=12, speed=1.0, generator=generator()
    )

    torch.testing.assert_close(windows[:, :5], corpus.positions_m[30:35].expand(3, -1, -1, -1))
    assert torch.equal(windows[:, 5:], windows[:, 4:5].expand(-1, 7, -1, -1))


def test_windows_never_run_into_the_next_clip(corpus: Corpus) -> None:
    marked = Corpus(
        torch.repeat_interleave(torch.tensor([1.0, 2.0, 3.0]), corpus.length)[:, None, None].expand(
            -1, 24, 3
        ),
        corpus.start,
        corpus.length,
        corpus.source,
        corpus.fps,
    )

    windows = draw_windows(
        marked,
        chances=torch.ones(3) / 3,
        clips=200,
        frames=20,
        speed=1.5,
        generator=generator(),
    )

    assert torch.equal(windows, windows[:, :1].expand_as(windows))


@pytest.mark.parametrize("views", [EXACT, LEVEL])
def test_a_distance_for_each_frame_explains_what_an_exact_detector_sees(
    t_pose: Tensor, views: Views
) -> None:
    """Where COCO and Human3.6M agree, there is one root position that projects every joint."""
    batch = look_at(t_pose.repeat(20, 1, 1, 1), views=views, generator=generator())

    limbs = [2, 3, 5, 6, 12, 13, 15, 16]
    relative, rays = batch.truth_m[:, 0, limbs], batch.rays[:, 0, limbs]
    # x = (X + tx) / (Z + tz) is linear in the root's place t.
    rows = torch.zeros(len(rays), 2 * len(limbs), 3)
    rows[:, 0::2, 0] = rows[:, 1::2, 1] = 1
    rows[:, :, 2] = -rays.flatten(1)
    right = (rays * relative[..., 2:] - relative[..., :2]).flatten(1)[..., None]
    root = torch.linalg.lstsq(rows.double(), right.double()).solution
    residual = rows.double() @ root - right
    assert residual.abs().max() < 1e-5
    assert (root[:, 2] > 0.5).all()


def test_joints_that_coco_lacks_are_means_of_what_the_camera_sees(t_pose: Tensor) -> None:
    rays = look_at(t_pose.repeat(20, 1, 1, 1), views=EXACT, generator=generator()).rays

    def at(*joints: str) -> Tensor:
        return torch.stack([rays[:, :, H36M17.index(joint)] for joint in joints]).mean(0)

    torch.testing.assert_close(at("pelvis"), at("left_hip", "right_hip"))
    torch.testing.assert_close(at("thorax"), at("left_shoulder", "right_shoulder"))
    torch.testing.assert_close(at("spine"), at("pelvis", "thorax"))


def test_cameras_are_turned_but_never_mirror() -> None:
    yaw, pitch, roll = (1.5 * torch.randn(50, generator=generator(seed)) for seed in range(3))

    axes = synthetic._camera_axes(yaw, pitch, roll)

    torch.testing.assert_close(axes @ axes.mT, torch.eye(3).expand(50, 3, 3), atol=1e-5, rtol=0)
    torch.testing.assert_close(torch.linalg.det(axes), torch.ones(50))


def test_a_positive_pitch_looks_down_and_a_positive_roll_turns_clockwise() -> None:
    still, tilted = torch.zeros(1), torch.tensor([0.3])

    level = synthetic._camera_axes(still, still, still)[0]
    torch.testing.assert_close(level @ torch.tensor([0.0, 0, 1]), torch.tensor([0.0, -1, 0]))
    _, down, forward = synthetic._camera_axes(still, tilted, still)[0]
    assert forward[2] < 0
    assert down[2] < 0
    right = synthetic._camera_axes(still, still, tilted)[0, 0]
    assert right[2] < 0  # the camera's right side is lower


def test_half_of_the_clips_are_mirrored(t_pose: Tensor) -> None:
    t_pose[:, :, 13, 2] += 0.5  # the left hand is up

    truth = look_at(t_pose.repeat(300, 1, 1, 1), views=LEVEL, generator=generator()).truth_m

    left, right = H36M17.index("left_wrist"), H36M17.index("right_wrist")
    assert 0.43 < (truth[:, 0, right, 1] < truth[:, 0, left, 1]).float().mean() < 0.57


def test_mirrored_or_not_the_face_is_in_front(t_pose: Tensor) -> None:
    truth = look_at(t_pose.repeat(100, 1, 1, 1), views=Views(), generator=generator()).truth_m

    joints = ("left_shoulder", "right_shoulder", "thorax", "pelvis", "nose")
    left, right, thorax, pelvis, nose = (truth[:, :, H36M17.index(joint)] for joint in joints)
    ahead = torch.linalg.cross(left - right, thorax - pelvis)
    assert (((nose - thorax) * ahead).sum(-1) > 0).all()


def test_level_cameras_see_people_upright(t_pose: Tensor) -> None:
    batch = look_at(t_pose.repeat(100, 1, 1, 1), views=LEVEL, generator=generator())

    head, ankle = H36M17.index("head"), H36M17.index("left_ankle")
    assert (batch.rays[:, :, head, 1] < batch.rays[:, :, ankle, 1]).all()  # y is down
    assert (batch.truth_m[:, :, head, 1] < 0).all()


def test_from_the_front_left_is_right_in_the_picture(
    t_pose: Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The T-pose faces −y; a camera that looks along +y sees its face.
    def along_y(*shape: int, low: float, high: float, generator: torch.Generator) -> Tensor:
        del generator
        is_yaw = high == 2 * math.pi
        return torch.full(shape, math.pi / 2 if is_yaw else max(low, 0.0))

    monkeypatch.setattr(synthetic, "uniform", along_y)
    batch = look_at(t_pose.repeat(30, 1, 1, 1), views=LEVEL, generator=generator())

    left, right, nose = (H36M17.index(j) for j in ("left_wrist", "right_wrist", "nose"))
    assert (batch.rays[:, :, left, 0] > batch.rays[:, :, right, 0]).all()
    assert (batch.truth_m[:, :, left, 0] > 0.5).all()
    assert (batch.truth_m[:, :, nose, 2] < 0).all()  # the face is nearer than the pelvis


def test_a_worse_detector_is_further_off(t_pose: Tensor) -> None:
    def seen(noise: float) -> Tensor:
        views = Views(noise=noise, vary_bones=False)
        return look_at(t_pose.repeat(50, 1, 1, 1), views=views, generator=generator(2)).rays

    exact = seen(0.0)
    errors = [float((seen(noise) - exact).norm(dim=-1).median()) for noise in (0.1, 0.5, 1.0)]
    assert 0 < errors[0] < errors[1] < errors[2]


def test_errors_grow_with_the_person_and_not_with_the_way_they_go(t_pose: Tensor) -> None:
    still = t_pose[:, :1, :17, ::2].expand(-1, 60, -1, -1)
    walking = still + torch.linspace(0, 30, 60).view(1, 60, 1, 1) * torch.tensor([1.0, 0.0])

    def errors(rays: Tensor) -> Tensor:
        seen, confidence = detector.detected(rays, noise=1.0, generator=generator())
        never_swapped = slice(0, 13)
        return (seen - rays)[:, :, never_swapped][confidence[:, :, never_swapped] > 0]

    torch.testing.assert_close(errors(walking), errors(still), atol=1e-4, rtol=0)


def test_legs_are_swapped_in_bursts_and_nothing_else_is() -> None:
    rays = torch.arange(17.0).view(1, 1, 17, 1).expand(400, 40, 17, 2)

    order = detector._with_swapped_legs(rays, generator=generator())[..., 0]

    swapped = (order != rays[..., 0]).any(2)
    assert 0.02 < swapped.any(1).float().mean() < 0.09
    exchanged = torch.tensor([*range(13), 14, 13, 16, 15], dtype=torch.float32)
    assert torch.equal(order[swapped], exchanged.expand(int(swapped.sum()), -1))


def test_an_exact_detector_is_sure_of_everything(t_pose: Tensor) -> None:
    batch = look_at(t_pose, views=EXACT, generator=generator())

    assert torch.equal(batch.confidence, torch.ones_like(batch.confidence))


def test_confidence_is_zero_or_high(corpus: Corpus) -> None:
    confidence = drawn(corpus).confidence

    assert ((confidence == 0) | ((confidence > 0.6) & (confidence <= 1))).all()
    assert 0 < (confidence == 0).float().mean() < 0.4


def test_gaps_in_straight_motion_are_bridged_exactly() -> None:
    time = torch.arange(20.0)
    rays = (torch.tensor([0.1, -0.2]) * time[:, None]).expand(1, 3, 20, 2).transpose(1, 2)
    lost = torch.zeros(1, 20, 3, dtype=torch.bool)
    lost[0, 5:9, 0] = True
    lost[0, 12:17, 0] = True
    lost[0, :4, 1] = True
    garbled = rays.masked_fill(lost[..., None], 99.0)

    bridged = detector._bridged(garbled, lost=lost)

    torch.testing.assert_close(bridged[:, :, 0], rays[:, :, 0])
    torch.testing.assert_close(bridged[0, :4, 1], rays[0, 4:5, 1].expand(4, 2))  # ends are held
    assert torch.equal(bridged[:, :, 2], rays[:, :, 2])


def test_smoothed_noise_keeps_its_variance_and_changes_slowly() -> None:
    noise = torch.randn(4, 400, 17, 2, generator=generator())

    smooth = detector._smoothed(noise)[:, 4:-4]

    assert abs(float(smooth.var()) - 1) < 0.05
    assert float(smooth.diff(dim=1).var()) < 0.3  # 2 for white noise


def test_bursts_are_single_and_last_at_most_25_frames() -> None:
    mask = detector._bursts((500,), frames=81, chance=1.0, generator=generator())

    starts = (mask[:, 1:] & ~mask[:, :-1]).sum(1) + mask[:, 0]
    assert starts.max() == 1
    assert mask.sum(1).max() <= 25
    assert not detector._bursts((500,), frames=81, chance=0.0, generator=generator()).any()
