from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from pose3d_cli.datasets.bodies import Bodies
from pose3d_cli.datasets.cameras import Cameras
from pose3d_cli.datasets.mocap import Corpus
from pose3d_cli.datasets.synthetic import Batch, h36m, h36m_confidence, look_at, synthesise
from pose3d_cli.datasets.views import Views
from pose3d_cli.geometry.camera import TYPICAL_FOCAL
from pose3d_cli.geometry.remap import h36m_confidence_from_coco, h36m_from_coco
from pose3d_cli.skeleton import H36M17

EXACT = Views(noise=0.0, bodies=Bodies(vary=False))
LEVEL = replace(
    EXACT, cameras=Cameras(roll_deg=((1.0, 0.0, 0.0),), pitch_deg=((1.0, -5.0, 5.0),), handheld=0.0)
)


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


def looked_at(clip: Tensor, views: Views, *, count: int, seed: int = 0) -> Batch:
    frame_s = torch.full((count * len(clip),), 1 / 30)
    return look_at(
        clip.repeat(count, 1, 1, 1), frame_s=frame_s, views=views, generator=generator(seed)
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


def test_everything_is_finite_and_the_truth_relative_to_the_root(corpus: Corpus) -> None:
    batch = drawn(corpus)

    for values in (batch.rays, batch.exact_rays, batch.confidence, batch.truth_m):
        assert torch.isfinite(values).all()
    assert torch.equal(batch.truth_m[:, :, 0], torch.zeros(16, 12, 3))


def test_a_place_for_the_root_in_each_frame_explains_the_exact_joints(t_pose: Tensor) -> None:
    """Where COCO and Human3.6M agree, the truth is what projects to the exact 2D."""
    batch = looked_at(t_pose, EXACT, count=20)

    limbs = [2, 3, 5, 6, 12, 13, 15, 16]
    relative, rays = batch.truth_m[:, 1, limbs], batch.exact_rays[:, 1, limbs]
    # x = (X + tx) / (Z + tz) is linear in the root's place t.
    rows = torch.zeros(len(rays), 2 * len(limbs), 3)
    rows[:, 0::2, 0] = rows[:, 1::2, 1] = 1
    rows[:, :, 2] = -rays.flatten(1)
    right = (rays * relative[..., 2:] - relative[..., :2]).flatten(1)[..., None]
    root = torch.linalg.lstsq(rows.double(), right.double()).solution
    residual = rows.double() @ root - right
    assert residual.abs().max() < 1e-5
    assert (root[:, 2] > 0.5).all()


def test_exact_joints_are_what_a_perfect_detector_sees_whatever_the_noise(t_pose: Tensor) -> None:
    known = replace(Views(), known_focal=1.0)
    exact, noisy = (
        looked_at(t_pose, replace(known, noise=noise), count=10) for noise in (0.0, 1.0)
    )

    torch.testing.assert_close(exact.rays, exact.exact_rays)
    zoom = noisy.exact_rays / exact.exact_rays
    torch.testing.assert_close(zoom, zoom[:, :1, :1, :1].expand_as(zoom), atol=1e-3, rtol=1e-3)
    assert torch.equal(exact.truth_m, noisy.truth_m)


def test_unknown_focal_lengths_are_taken_for_typical_ones(t_pose: Tensor) -> None:
    wide = replace(LEVEL, cameras=replace(LEVEL.cameras, focal=((1.0, 0.6, 0.6),)), noise=1.0)
    unknown, known = (
        looked_at(t_pose, replace(wide, known_focal=known), count=20) for known in (0.0, 1.0)
    )

    ratio = (unknown.exact_rays.abs().mean() / known.exact_rays.abs().mean()).item()
    assert abs(ratio - 0.6 / TYPICAL_FOCAL) < 0.02


def test_joints_are_made_of_keypoints_as_in_use() -> None:
    points = torch.rand(2, 3, 17, 2, generator=generator())
    confidence = torch.rand(2, 3, 17, generator=generator())

    torch.testing.assert_close(h36m(points), torch.from_numpy(h36m_from_coco(points.numpy())))
    expected = h36m_confidence_from_coco(confidence.numpy())
    torch.testing.assert_close(h36m_confidence(confidence), torch.from_numpy(expected))


def test_half_of_the_clips_are_mirrored(t_pose: Tensor) -> None:
    t_pose[:, :, 13, 2] += 0.5  # the left hand is up

    truth = looked_at(t_pose, LEVEL, count=150).truth_m

    left, right = H36M17.index("left_wrist"), H36M17.index("right_wrist")
    assert 0.43 < (truth[:, 0, right, 1] < truth[:, 0, left, 1]).float().mean() < 0.57


@pytest.mark.parametrize("views", [LEVEL, Views()])
def test_mirrored_or_not_the_face_is_in_front(t_pose: Tensor, views: Views) -> None:
    truth = looked_at(t_pose, views, count=50).truth_m

    joints = ("left_shoulder", "right_shoulder", "thorax", "pelvis", "nose")
    left, right, thorax, pelvis, nose = (truth[:, :, H36M17.index(joint)] for joint in joints)
    ahead = torch.linalg.cross(left - right, thorax - pelvis)
    assert (((nose - thorax) * ahead).sum(-1) > 0).all()


def test_left_is_right_in_the_picture_of_somebody_who_faces_the_camera(t_pose: Tensor) -> None:
    batch = looked_at(t_pose, LEVEL, count=100)

    left, right, nose = (H36M17.index(j) for j in ("left_wrist", "right_wrist", "nose"))
    towards = batch.truth_m[:, 0, nose, 2] < -0.05  # the face is nearer than the pelvis
    assert towards.any()
    left_of = batch.exact_rays[:, 0, left, 0] > batch.exact_rays[:, 0, right, 0]
    assert left_of[towards].all()
