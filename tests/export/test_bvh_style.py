from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import get_args, get_type_hints

import numpy as np
import pytest

from pose3d_cli.cli.bvh_options import BvhOptions
from pose3d_cli.export.bvh import write_bvh
from pose3d_cli.export.bvh_names import BvhNames, joint_names
from pose3d_cli.export.bvh_reader import motion_from_bvh, read_bvh
from pose3d_cli.export.bvh_style import BvhStyle
from pose3d_cli.geometry.rotations import quaternion_from_vector
from pose3d_cli.sequences import Motion
from pose3d_cli.skeleton import RIG

MakeMotion = Callable[..., Motion]
Joints = Callable[[Motion], np.ndarray]
PRESETS = get_args(BvhNames)
TURNING = [name for joint, name in enumerate(RIG.joints) if joint in RIG.parents]


def written(path: Path, motion: Motion, style: BvhStyle) -> Motion:
    write_bvh(path / "x.bvh", motion, style=style)
    return motion_from_bvh(read_bvh(path / "x.bvh"), unit_m={"cm": 0.01, "m": 1.0}[style.unit])


def at_rest(motion: Motion) -> Motion:
    standing = np.zeros_like(motion.rotations_wxyz)
    standing[..., 0] = 1
    return replace(motion, rotations_wxyz=standing)


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_names_every_joint_once_and_without_what_importers_stumble_over(
    preset: BvhNames,
) -> None:
    names = joint_names(preset)
    assert sorted(names) == sorted(TURNING)
    assert len(set(names.values())) == len(names)
    assert all(name.isascii() and name.replace("_", "").isalnum() for name in names.values())


@pytest.mark.parametrize(
    ("preset", "names"),
    [
        ("humanik", {"LeftArm": "LeftArm", "Spine1": "Spine1"}),
        ("mixamo-nocolon", {"Hips": "mixamorigHips", "RightLeg": "mixamorigRightLeg"}),
        ("biovision", {"LeftArm": "LeftShoulder", "LeftLeg": "LeftKnee", "Spine": "Chest"}),
        ("cmu", {"Spine": "LowerBack", "RightHand": "RightHand"}),
        ("unreal", {"LeftUpLeg": "thigh_l", "RightShoulder": "clavicle_r", "Hips": "pelvis"}),
        ("vrm", {"LeftForeArm": "leftLowerArm", "RightUpLeg": "rightUpperLeg", "Neck": "neck"}),
    ],
)
def test_presets_have_the_names_of_their_programs(preset: BvhNames, names: dict[str, str]) -> None:
    assert names.items() <= joint_names(preset).items()


def test_the_command_line_offers_every_preset() -> None:
    assert get_args(get_type_hints(BvhOptions)["bvh_names"]) == PRESETS


def test_in_an_a_pose_arms_hang_by_half_a_right_angle(
    moving: MakeMotion, tmp_path: Path, joints_m: Joints
) -> None:
    motion = written(tmp_path, moving(np.arange(2) / 30), BvhStyle(rest="a"))
    places = dict(zip(RIG.joints, joints_m(at_rest(motion))[0], strict=True))
    for side, sign in (("Left", 1), ("Right", -1)):
        arm = places[f"{side}HandEnd"] - places[f"{side}Arm"]
        assert arm[0] * sign == pytest.approx(-arm[1], rel=1e-4)
        assert arm[2] == pytest.approx(0, abs=1e-5)
        leg = places[f"{side}Foot"] - places[f"{side}UpLeg"]
        assert leg[:2] == pytest.approx([0, -0.87], abs=1e-4)


@pytest.mark.parametrize("rest", ["t", "a"])
def test_a_reference_frame_is_the_rest_pose_on_the_floor_before_the_motion(
    rest: str, moving: MakeMotion, tmp_path: Path, joints_m: Joints
) -> None:
    motion = moving(np.arange(5) / 30, fps=Fraction(30))
    style = BvhStyle(rest="a" if rest == "a" else "t", reference_frame=True)
    read = written(tmp_path, motion, style)
    assert len(read.root_m) == 6
    np.testing.assert_allclose(read.rotations_wxyz[0], at_rest(read).rotations_wxyz[0])
    first_m, *_ = joints_m(read)
    assert first_m[:, 1].min() == pytest.approx(0, abs=1e-5)
    np.testing.assert_allclose(first_m[0, [0, 2]], motion.root_m[0, [0, 2]], atol=1e-5)
    np.testing.assert_allclose(joints_m(read)[1:], joints_m(motion), atol=5e-5)


def test_in_place_keeps_height_and_turns(moving: MakeMotion, tmp_path: Path) -> None:
    motion = moving(np.arange(30) / 30, fps=Fraction(30))
    read = written(tmp_path, motion, BvhStyle(in_place=True))
    assert np.ptp(motion.root_m[:, 2]) > 0.3
    assert np.all(read.root_m[:, [0, 2]] == 0)
    np.testing.assert_allclose(read.root_m[:, 1], motion.root_m[:, 1], atol=1e-6)
    aligned = (read.rotations_wxyz * motion.rotations_wxyz).sum(-1)
    np.testing.assert_allclose(np.abs(aligned), 1, atol=1e-9)


def test_knees_at_right_angles_lock_only_without_mixed_orders(
    moving: MakeMotion, tmp_path: Path
) -> None:
    """A knee swings through 90° while the shin shakes a little: ZXY has its lock there."""
    time_s = np.arange(60) / 60
    vectors = np.zeros((60, len(RIG), 3))
    knee = RIG.index("LeftLeg")
    vectors[:, knee, 0] = np.radians(90 + 10 * np.sin(7 * time_s))
    vectors[:, knee, 1:] = np.radians(3 * np.sin(np.outer(time_s, [23, 31])))
    motion = replace(
        moving(time_s, fps=Fraction(60), reach_rad=0.0),
        rotations_wxyz=quaternion_from_vector(vectors),
    )
    steps_deg = {}
    for order in ("zxy", "mixed"):
        path = tmp_path / f"{order}.bvh"
        write_bvh(path, motion, style=BvhStyle(order="mixed" if order == "mixed" else "zxy"))
        steps_deg[order] = np.abs(np.diff(read_bvh(path).rows[:, 3:], axis=0)).max()
    assert steps_deg["mixed"] < 5
    assert steps_deg["zxy"] > 20
