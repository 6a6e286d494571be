import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from pose3d_cli.export.bvh import write_bvh, write_people_bvh
from pose3d_cli.export.bvh_reader import motion_from_bvh, read_bvh
from pose3d_cli.export.json_file import read_json, write_json
from pose3d_cli.geometry.rotations import quaternion_from_vector
from pose3d_cli.sequences import Motion, Result
from pose3d_cli.skeleton import RIG, Skeleton

MakeMotion = Callable[..., Motion]
Joints = Callable[[Motion], np.ndarray]
RATES = [Fraction(24000, 1001), Fraction(25), Fraction(30000, 1001), Fraction(30), Fraction(120)]


def still(moving: MakeMotion, *, joint: str, turned_deg: tuple[float, float, float]) -> Motion:
    """Two frames of a T-pose with one joint turned."""
    motion = moving(np.arange(2) / 30, fps=Fraction(30), reach_rad=0.0)
    vectors = np.zeros((2, len(RIG), 3))
    vectors[:, RIG.index(joint)] = np.radians(turned_deg)
    return replace(motion, rotations_wxyz=quaternion_from_vector(vectors))


@pytest.mark.parametrize("reach_rad", [0.6, 3.0])
@pytest.mark.parametrize("seed", range(3))
def test_the_file_puts_every_joint_where_the_motion_does(
    seed: int, reach_rad: float, moving: MakeMotion, tmp_path: Path, joints_m: Joints
) -> None:
    motion = moving(np.arange(90) / 30, seed=seed, fps=Fraction(30), reach_rad=reach_rad)
    write_bvh(tmp_path / "x.bvh", motion)
    read = motion_from_bvh(read_bvh(tmp_path / "x.bvh"))
    apart_mm = np.linalg.norm(joints_m(read) - joints_m(motion), axis=-1) * 1000
    assert apart_mm.max() < 0.05


def test_the_hierarchy_is_the_rig(moving: MakeMotion, tmp_path: Path) -> None:
    motion = moving(np.arange(2) / 30, fps=Fraction(30))
    write_bvh(tmp_path / "x.bvh", motion)
    bvh = read_bvh(tmp_path / "x.bvh")
    assert (bvh.names, bvh.parents) == (RIG.joints, RIG.parents)
    np.testing.assert_allclose(bvh.offsets, motion.offsets_m * 100, atol=1e-9)
    rotations = ("Zrotation", "Xrotation", "Yrotation")
    assert bvh.channels[0] == ("Xposition", "Yposition", "Zposition", *rotations)
    ends = {joint for joint, name in enumerate(RIG.joints) if name.endswith("End")}
    assert all(
        bvh.channels[joint] == (() if joint in ends else rotations) for joint in range(1, len(RIG))
    )


@pytest.mark.parametrize(
    ("axis", "channel"), [(0, "Xrotation"), (1, "Yrotation"), (2, "Zrotation")]
)
def test_a_turn_about_one_axis_is_one_angle(
    axis: int, channel: str, moving: MakeMotion, tmp_path: Path
) -> None:
    turned_deg = tuple(np.eye(3)[axis] * 30)
    write_bvh(tmp_path / "x.bvh", still(moving, joint="LeftForeArm", turned_deg=turned_deg))
    bvh = read_bvh(tmp_path / "x.bvh")
    names = [
        (joint, name)
        for joint, channels in zip(bvh.names, bvh.channels, strict=True)
        for name in channels
    ]
    angles = {key: value for key, value in zip(names, bvh.rows[0], strict=True) if value}
    angles = {key: value for key, value in angles.items() if key[1].endswith("rotation")}
    assert angles == {("LeftForeArm", channel): 30.0}


def test_with_all_rotations_at_zero_it_is_a_t_pose_that_faces_z(
    moving: MakeMotion, tmp_path: Path, joints_m: Joints
) -> None:
    write_bvh(tmp_path / "x.bvh", still(moving, joint="Hips", turned_deg=(0, 0, 0)))
    read = motion_from_bvh(read_bvh(tmp_path / "x.bvh"))
    places = dict(zip(RIG.joints, joints_m(read)[0], strict=True))
    assert places["LeftHand"][0] > places["LeftArm"][0] > 0 > places["RightHand"][0]
    assert places["LeftHand"][1] == pytest.approx(places["LeftArm"][1])
    assert places["Head"][1] > places["Hips"][1] > places["LeftFoot"][1]
    assert places["LeftFootEnd"][2] > places["LeftFoot"][2]


@pytest.mark.parametrize("fps", RATES, ids=str)
def test_the_frame_time_is_exact_to_ten_decimals(
    fps: Fraction, moving: MakeMotion, tmp_path: Path
) -> None:
    write_bvh(tmp_path / "x.bvh", moving(np.arange(3) / float(fps), fps=fps))
    text = (tmp_path / "x.bvh").read_text()
    assert f"Frames: 3\nFrame Time: {float(1 / fps):.10f}\n" in text
    assert motion_from_bvh(read_bvh(tmp_path / "x.bvh")).fps == fps


def test_the_text_keeps_to_what_every_importer_reads(moving: MakeMotion, tmp_path: Path) -> None:
    motion = moving(np.arange(300) / 30, fps=Fraction(30), reach_rad=1e-5)
    write_bvh(tmp_path / "x.bvh", motion)
    text = (tmp_path / "x.bvh").read_bytes().decode("ascii")
    lines = text.split("\n")
    assert lines[0] == "HIERARCHY"
    assert lines[1] == "ROOT Hips"
    assert lines[3] == "\tOFFSET 0.0000 0.0000 0.0000"
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert "\r" not in text
    assert ":" not in re.sub("Frames:|Frame Time:", "", text)
    assert all(line == line.rstrip() and line for line in lines[:-1])
    numbers = " ".join(lines[lines.index("MOTION") + 3 :]).split()
    assert all(re.fullmatch(r"-?\d+\.\d{4}", number) for number in numbers)
    assert "0.0001" in numbers
    assert "-0.0000" not in numbers


def test_only_the_root_has_position_channels(moving: MakeMotion, tmp_path: Path) -> None:
    write_bvh(tmp_path / "x.bvh", moving(np.arange(2) / 30, fps=Fraction(30)))
    assert (tmp_path / "x.bvh").read_text().count("position") == 3


def test_angles_do_not_jump_between_frames(moving: MakeMotion, tmp_path: Path) -> None:
    motion = moving(np.arange(480) / 240, fps=Fraction(240), reach_rad=1.2)
    write_bvh(tmp_path / "x.bvh", motion)
    angles_deg = read_bvh(tmp_path / "x.bvh").rows[:, 3:]
    assert np.abs(np.diff(angles_deg, axis=0)).max() < 60


def test_from_memory_and_from_json_it_is_the_same_file(result: Result, tmp_path: Path) -> None:
    write_json(tmp_path / "result.json", result)
    direct = write_people_bvh(tmp_path / "direct.bvh", result)
    later = write_people_bvh(tmp_path / "later.bvh", read_json(tmp_path / "result.json"))
    assert len(direct) == len(later) == len(result.people)
    for one, other in zip(direct, later, strict=True):
        assert one.read_bytes() == other.read_bytes()


def test_the_json_joints_are_where_the_file_puts_them(
    pair: Result, tmp_path: Path, joints_m: Joints
) -> None:
    write_json(tmp_path / "result.json", pair)
    paths = write_people_bvh(tmp_path / "x.bvh", pair)
    for path, person in zip(paths, read_json(tmp_path / "result.json").people, strict=True):
        in_bvh_m = joints_m(motion_from_bvh(read_bvh(path)))[person.poses_2d.first_frame :]
        names = {"left_wrist": "LeftHand", "right_ankle": "RightFoot", "head": "HeadEnd"}
        for joint, name in names.items():
            in_json_m = person.world.positions_m[:, person.world.skeleton.index(joint)]
            np.testing.assert_allclose(in_bvh_m[:, RIG.index(name)], in_json_m, atol=1e-4)


def test_files_of_people_are_as_long_as_the_clip_and_play_together(
    results: Callable[..., Result], tmp_path: Path, joints_m: Joints
) -> None:
    fps = Fraction(30)
    trio = results(np.arange(9) / 30, people=3, fps=fps)
    gone = trio.people[2]
    short = replace(
        gone,
        motion=replace(
            gone.motion,
            times_s=gone.motion.times_s[:3],
            root_m=gone.motion.root_m[:3],
            rotations_wxyz=gone.motion.rotations_wxyz[:3],
        ),
    )
    people = (*trio.people[:2], short)
    paths = write_people_bvh(tmp_path / "x.bvh", replace(trio, people=people))
    for path, person in zip(paths, people, strict=True):
        read_m = joints_m(motion_from_bvh(read_bvh(path)))
        assert len(read_m) == 9
        there_m = joints_m(person.motion)
        first, after = person.poses_2d.first_frame, person.poses_2d.first_frame + len(there_m)
        np.testing.assert_allclose(read_m[first:after], there_m, atol=5e-5)
        np.testing.assert_array_equal(read_m[:first], read_m[[first] * first])
        np.testing.assert_array_equal(read_m[after:], read_m[[after - 1] * (9 - after)])


def test_a_motion_with_nan_is_not_written(moving: MakeMotion, tmp_path: Path) -> None:
    motion = moving(np.arange(3) / 30, fps=Fraction(30))
    with pytest.raises(ValueError, match="NaN"):
        write_bvh(tmp_path / "x.bvh", replace(motion, root_m=motion.root_m * np.nan))
    assert list(tmp_path.iterdir()) == []


def test_joints_that_are_listed_level_by_level_are_nested_all_the_same(tmp_path: Path) -> None:
    vee = Skeleton("vee", ("Root", "A", "B", "AEnd", "BEnd"), (-1, 0, 0, 1, 2), mirror_pairs=())
    motion = Motion(
        skeleton=vee,
        times_s=np.zeros(1),
        fps=Fraction(30),
        offsets_m=np.array([[0.0, 0, 0], [1, 0, 0], [2, 0, 0], [3, 0, 0], [4, 0, 0]]),
        root_m=np.zeros((1, 3)),
        rotations_wxyz=quaternion_from_vector(np.radians([[[0, 0, 10 * j] for j in range(5)]])),
    )
    write_bvh(tmp_path / "x.bvh", motion)
    bvh = read_bvh(tmp_path / "x.bvh")
    assert bvh.names == ("Root", "A", "AEnd", "B", "BEnd")
    assert bvh.offsets[:, 0].tolist() == [0, 100, 300, 200, 400]
    assert bvh.rows[0, 3:].tolist() == [0, 0, 0, 10, 0, 0, 20, 0, 0]
