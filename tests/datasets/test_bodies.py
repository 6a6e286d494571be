import torch
from torch import Tensor

from pose3d_cli.datasets.bodies import coco_points, mirrored, with_varied_bones
from pose3d_cli.skeleton import COCO17, H36M17


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(4)


def bones(positions: Tensor) -> Tensor:
    return torch.stack([positions[:, :, j] - positions[:, :, p] for p, j in H36M17.bones], dim=2)


def test_other_bones_keep_their_directions(t_pose: Tensor) -> None:
    bent = t_pose + 0.05 * torch.randn(t_pose.shape, generator=generator())

    varied = with_varied_bones(bent, generator=generator())

    cosine = torch.nn.functional.cosine_similarity(bones(varied), bones(bent), dim=-1)
    assert cosine.min() > 1 - 1e-5


def test_bones_are_alike_on_both_sides_and_stay_as_they_are(t_pose: Tensor) -> None:
    varied = with_varied_bones(t_pose, generator=generator())

    length = bones(varied).norm(dim=-1)
    torch.testing.assert_close(length, length[:, :1].expand_as(length))
    by_joint = dict(zip((j for _, j in H36M17.bones), length[:, 0].unbind(1), strict=True))
    for left, right in H36M17.mirror_pairs:
        torch.testing.assert_close(by_joint[left], by_joint[right])


def test_bodies_differ_between_clips_and_not_wildly(t_pose: Tensor) -> None:
    varied = with_varied_bones(t_pose.repeat(50, 1, 1, 1), generator=generator())

    height = varied[:, 0, 10, 2] - varied[:, 0, 3, 2]
    assert 0.02 < height.std() < 0.2
    assert 1.1 < height.min() < height.max() < 2.1


def test_mirroring_twice_changes_nothing(t_pose: Tensor) -> None:
    bent = t_pose + 0.1 * torch.randn(t_pose.shape, generator=generator())

    assert torch.equal(mirrored(mirrored(bent)), bent)


def test_somebody_symmetric_is_their_own_mirror_image(t_pose: Tensor) -> None:
    torch.testing.assert_close(mirrored(t_pose), t_pose)


def test_coco_sees_left_on_the_left_and_hips_closer_than_joints(t_pose: Tensor) -> None:
    points = coco_points(t_pose.repeat(200, 1, 1, 1), generator=generator())[:, 0]

    for left, right in COCO17.mirror_pairs:
        assert (points[:, left, 0] > 0).all()
        assert (points[:, right, 0] < 0).all()
    hips = points[:, COCO17.index("left_hip"), 0] - points[:, COCO17.index("right_hip"), 0]
    shoulders = points[:, 5, 0] - points[:, 6, 0]
    assert abs(hips.mean() / 0.26 - 0.8) < 0.03
    assert abs(shoulders.mean() / 0.30 - 1.12) < 0.03
    torch.testing.assert_close(points[:, COCO17.index("left_hip"), 2], torch.full((400,), 1.02))


def test_coco_marks_limbs_and_face_where_the_recording_has_them(t_pose: Tensor) -> None:
    points = coco_points(t_pose, generator=generator())

    same = {"nose": 17, "left_eye": 18, "right_ear": 21, "left_wrist": 13, "right_elbow": 15}
    same |= {"left_ankle": 6, "right_knee": 2}
    for name, point in same.items():
        assert torch.equal(points[:, :, COCO17.index(name)], t_pose[:, :, point])
