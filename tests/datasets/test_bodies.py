import torch
from torch import Tensor

from pose3d_cli.datasets.bodies import (
    Bodies,
    bones_of,
    coco_points,
    mirrored,
    placed,
    turned,
    with_varied_bones,
)
from pose3d_cli.skeleton import COCO17, H36M17


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(4)


def bones(positions: Tensor) -> Tensor:
    return torch.stack([positions[:, :, j] - positions[:, :, p] for p, j in H36M17.bones], dim=2)


def test_other_bones_keep_their_directions(t_pose: Tensor) -> None:
    bent = t_pose + 0.05 * torch.randn(t_pose.shape, generator=generator())

    varied = with_varied_bones(bent, bodies=Bodies(), generator=generator())

    cosine = torch.nn.functional.cosine_similarity(bones(varied), bones(bent), dim=-1)
    assert cosine.min() > 1 - 1e-5


def test_bones_are_alike_on_both_sides_and_stay_as_they_are(t_pose: Tensor) -> None:
    varied = with_varied_bones(t_pose, bodies=Bodies(), generator=generator())

    length = bones(varied).norm(dim=-1)
    torch.testing.assert_close(length, length[:, :1].expand_as(length))
    by_joint = dict(zip((j for _, j in H36M17.bones), length[:, 0].unbind(1), strict=True))
    for left, right in H36M17.mirror_pairs:
        torch.testing.assert_close(by_joint[left], by_joint[right])


def test_bodies_differ_between_clips_and_not_wildly(t_pose: Tensor) -> None:
    varied = with_varied_bones(t_pose.repeat(50, 1, 1, 1), bodies=Bodies(), generator=generator())

    length = bones(varied)[:, 0].norm(dim=-1)
    assert 0.03 < (length.std(0) / length.mean(0)).max() < 0.3
    height = varied[:, 0, 10, 2] - varied[:, 0, 3, 2]
    assert 0.01 < height.std() < 0.1  # no picture tells it, so it hardly varies
    assert 1.3 < height.min() < height.max() < 1.9


def test_mirroring_twice_changes_nothing(t_pose: Tensor) -> None:
    bent = t_pose + 0.1 * torch.randn(t_pose.shape, generator=generator())

    assert torch.equal(mirrored(mirrored(bent)), bent)


def test_somebody_symmetric_is_their_own_mirror_image(t_pose: Tensor) -> None:
    torch.testing.assert_close(mirrored(t_pose), t_pose)


def test_children_have_larger_heads_and_shorter_legs_for_their_height(t_pose: Tensor) -> None:
    def ratios(children: float) -> tuple[float, float]:
        bodies = Bodies(children=children)
        people = with_varied_bones(
            t_pose.repeat(100, 1, 1, 1), bodies=bodies, generator=generator()
        )
        length = bones_of(people)[:, 0].norm(dim=-1).mean(0)
        return float(length[10] / length[8]), float((length[2] + length[3]) / length[8])

    (head, leg), (adult_head, adult_leg) = ratios(1.0), ratios(0.0)
    assert head > 1.15 * adult_head
    assert leg < 0.95 * adult_leg


def test_trunks_reach_from_human36ms_to_the_long_ones_that_detectors_mark(t_pose: Tensor) -> None:
    people = t_pose[:1].repeat(400, 1, 1, 1)
    alike = {"bone_sd": 0.0, "own_share": 0.0, "children": 0.0, "scale_sd": 0.0}

    def trunk_to_leg(long_trunk: float) -> Tensor:
        bodies = Bodies(long_trunk=long_trunk, **alike)  # type: ignore[arg-type]
        length = bones_of(with_varied_bones(people, bodies=bodies, generator=generator()))
        along: Tensor = length[:, 0].norm(dim=-1)
        return along[:, 7:9].sum(1) / along[:, 2:4].sum(1)

    human36m, longer = trunk_to_leg(0.0), trunk_to_leg(0.4)
    torch.testing.assert_close(human36m, torch.full((400,), (0.2333 + 0.2571) / 0.8974))
    ratio = (longer / human36m).log()
    assert 0 <= ratio.min() < 0.01
    assert 0.39 < ratio.max() < 0.4001
    assert abs(ratio.mean() - 0.2) < 0.02


def test_points_are_the_sums_of_the_bones_that_lead_to_them(t_pose: Tensor) -> None:
    bent = t_pose + 0.1 * torch.randn(t_pose.shape, generator=generator())

    torch.testing.assert_close(placed(bent[:, :, 0], bones_of(bent)), bent)


def test_turning_is_the_product_with_the_matrix() -> None:
    points = torch.randn(2, 3, 5, 3, generator=generator())
    rotation = torch.randn(2, 3, 3, 3, generator=generator())

    torch.testing.assert_close(turned(points, rotation), points @ rotation.mT)
    torch.testing.assert_close(turned(points, rotation[:, :1]), points @ rotation[:, :1].mT)


def test_coco_sees_left_on_the_left_and_hips_closer_than_joints(t_pose: Tensor) -> None:
    points = coco_points(
        t_pose.repeat(200, 1, 1, 1), bodies=Bodies(vary=False), generator=generator()
    )[:, 0]

    for left, right in COCO17.mirror_pairs:
        assert (points[:, left, 0] > 0).all()
        assert (points[:, right, 0] < 0).all()
    hips = points[:, COCO17.index("left_hip"), 0] - points[:, COCO17.index("right_hip"), 0]
    shoulders = points[:, 5, 0] - points[:, 6, 0]
    assert abs(hips.mean() / 0.26 - 0.8) < 0.03
    assert abs(shoulders.mean() / 0.30 - 1.12) < 0.03
    torch.testing.assert_close(points[:, COCO17.index("left_hip"), 2], torch.full((400,), 1.0))


def test_coco_marks_limbs_and_face_where_the_recording_has_them(t_pose: Tensor) -> None:
    points = coco_points(t_pose, bodies=Bodies(vary=False), generator=generator())

    same = {"nose": 17, "left_eye": 18, "right_ear": 21, "left_wrist": 13, "right_elbow": 15}
    same |= {"left_ankle": 6, "right_knee": 2}
    for name, point in same.items():
        assert torch.equal(points[:, :, COCO17.index(name)], t_pose[:, :, point])
