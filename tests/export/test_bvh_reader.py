from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from pose3d_cli.errors import InputError
from pose3d_cli.export.bvh_reader import motion_from_bvh, read_bvh
from pose3d_cli.geometry.kinematics import joint_positions

ARM = """HIERARCHY
ROOT Shoulder
{
  OFFSET 0 10 0
  CHANNELS 6 Xposition Yposition Zposition Yrotation Zrotation Xrotation
  JOINT Elbow
  {
    OFFSET 30 0 0
    CHANNELS 3 Zrotation Xrotation Yrotation
    End Site
    {
      OFFSET 20 0 0
    }
  }
}
MOTION
Frames: 2
Frame Time: 0.0083333
1 2 3 0 0 0 0 0 0
1 2 3 0 90 0 90 0 0
"""


def wrote(text: str, folder: Path) -> Path:
    path = folder / "arm.bvh"
    path.write_text(text)
    return path


def test_a_hand_written_file_is_read_as_it_says(tmp_path: Path) -> None:
    bvh = read_bvh(wrote(ARM, tmp_path))
    assert bvh.names == ("Shoulder", "Elbow", "ElbowEnd")
    assert bvh.parents == (-1, 0, 1)
    assert bvh.offsets.tolist() == [[0, 10, 0], [30, 0, 0], [20, 0, 0]]
    assert bvh.channels[1:] == (("Zrotation", "Xrotation", "Yrotation"), ())
    assert bvh.frame_time_s == 0.0083333
    assert bvh.rows[1].tolist() == [1, 2, 3, 0, 90, 0, 90, 0, 0]


def test_its_motion_bends_the_arm_as_planted(tmp_path: Path) -> None:
    motion = motion_from_bvh(read_bvh(wrote(ARM, tmp_path)))
    places_m = joint_positions(
        motion.offsets_m,
        parents=motion.skeleton.parents,
        root_m=motion.root_m,
        rotations_wxyz=motion.rotations_wxyz,
    )
    straight = [[0.01, 0.12, 0.03], [0.31, 0.12, 0.03], [0.51, 0.12, 0.03]]
    bent = [[0.01, 0.12, 0.03], [0.01, 0.42, 0.03], [-0.19, 0.42, 0.03]]
    np.testing.assert_allclose(places_m, [straight, bent], atol=1e-12)
    assert motion.fps == Fraction(120)


def test_joints_that_stretch_make_no_motion(tmp_path: Path) -> None:
    stretching = ARM.replace("CHANNELS 3 Zrotation", "CHANNELS 4 Xposition Zrotation")
    stretching = stretching.replace("0 0 0\n1", "0 0 0 0\n1").replace("90 0 0\n", "90 0 0 0\n")
    with pytest.raises(ValueError, match="Elbow has the channels Xposition Zrotation"):
        motion_from_bvh(read_bvh(wrote(stretching, tmp_path)))


@pytest.mark.parametrize(
    ("whole", "damaged", "line"),
    [
        ("HIERARCHY", "HIERACHY", 1),
        ("ROOT Shoulder", "JOINT Shoulder", 2),
        ("ROOT Shoulder\n{", "ROOT Shoulder\n(", 3),
        ("OFFSET 0 10 0", "OFFSET 0 10", 4),
        ("OFFSET 30 0 0", "OFFSET 30 0 0,5", 8),
        ("CHANNELS 3", "CHANNELS 4", 9),
        ("CHANNELS 3 Zrotation", "CHANNELS 3 Zspin", 9),
        ("CHANNELS 3 Zrotation", "CHANNELS 3 Yrotation", 9),
        ("JOINT Elbow", "JOINT Shoulder", 6),
        ("MOTION", "", 16),
        ("Frames: 2", "Frames: many", 17),
        ("Frames: 2", "Frames: 1", 19),
        ("Frames: 2", "Frames: 1.5", 20),
        ("Frames: 2", "Frames: 3", 21),
        ("0.0083333", "0", 18),
        ("0.0083333", "", 18),
        ("1 2 3 0 0 0 0 0 0", "1 2 3 0 0 0 0 0", 19),
        ("1 2 3 0 0 0 0 0 0", "1 2 3 nan 0 0 0 0 0", 19),
    ],
)
def test_damage_is_refused_with_its_line(
    whole: str, damaged: str, line: int, tmp_path: Path
) -> None:
    assert whole in ARM
    with pytest.raises(InputError, match=rf"arm\.bvh, line {line}: "):
        read_bvh(wrote(ARM.replace(whole, damaged, 1), tmp_path))


def test_a_file_that_ends_anywhere_but_at_the_end_is_refused(tmp_path: Path) -> None:
    lines = ARM.splitlines(keepends=True)
    for count in range(len(lines)):
        with pytest.raises(InputError, match="ends too early"):
            read_bvh(wrote("".join(lines[:count]), tmp_path))


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "arm.bvh").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="cannot read"):
        read_bvh(tmp_path / "arm.bvh")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot read"):
        read_bvh(tmp_path / "none.bvh")
