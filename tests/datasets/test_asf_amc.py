from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from pose3d_cli.datasets.asf_amc import read_amc, read_asf
from pose3d_cli.errors import InputError

ASF = """# an arm on a root
:version 1.10
:name test
:units
  mass 1.0
  length 0.45
  angle deg
:root
   order TX TY TZ RX RY RZ
   axis XYZ
   position 0 0 0
   orientation 0 0 0
:bonedata
  begin
     id 1
     name upper
     direction 0 1 0
     length 2
     axis 10 20 30 XYZ
    dof rx ry rz
    limits (-180 180)
           (-180 180)
           (-180 180)
  end
  begin
     id 2
     name fixed
     direction 1 0 0
     length 1
     axis 0 0 90 XYZ
  end
  begin
     id 3
     name tip
     direction 0 0 1
     length 1
     axis 0 0 90 XYZ
    dof rx
    limits (-180 180)
  end
:hierarchy
  begin
    root upper
    upper fixed
    fixed tip
  end
"""
AMC = """#!OML:ASF
:FULLY-SPECIFIED
:DEGREES
1
root 1 2 3 0 0 0
upper 0 0 0
tip 0
2
root 1 2 3 0 90 0
upper 15 -25 35
tip 40
"""


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    asf, amc = tmp_path / "arm.asf", tmp_path / "arm_01.amc"
    asf.write_text(ASF)
    amc.write_text(AMC)
    return asf, amc


def test_joints_are_where_their_bones_begin(files: tuple[Path, Path]) -> None:
    motion = read_amc(files[1], read_asf(files[0]), fps=120.0)

    assert motion.names == ("root", "upper", "fixed", "tip")
    assert motion.parents == (-1, 0, 1, 2)
    np.testing.assert_allclose(motion.positions[0, 1], [1, 2, 3])
    np.testing.assert_allclose(motion.positions[0, 2], [1, 4, 3])
    np.testing.assert_allclose(motion.positions[0, 3], [2, 4, 3])
    np.testing.assert_allclose(motion.rotations[0], np.tile(np.eye(3), (4, 1, 1)), atol=1e-12)


def test_bones_turn_about_their_own_axes(files: tuple[Path, Path]) -> None:
    motion = read_amc(files[1], read_asf(files[0]), fps=120.0)

    # "XYZ": about x first, then y, then z, all of the world: SciPy's lower-case axes.
    root = Rotation.from_euler("xyz", [0, 90, 0], degrees=True)
    axis = Rotation.from_euler("xyz", [10, 20, 30], degrees=True)
    upper = root * axis * Rotation.from_euler("xyz", [15, -25, 35], degrees=True) * axis.inv()
    np.testing.assert_allclose(motion.rotations[1, 1], upper.as_matrix(), atol=1e-9)
    fixed = np.array([1, 2, 3]) + upper.apply([0, 2, 0])
    np.testing.assert_allclose(motion.positions[1, 2], fixed, atol=1e-9)
    np.testing.assert_allclose(motion.positions[1, 3], fixed + upper.apply([1, 0, 0]), atol=1e-9)
    about_y = Rotation.from_euler("y", 40, degrees=True)  # its x axis is the world's y
    np.testing.assert_allclose(motion.rotations[1, 3], (upper * about_y).as_matrix(), atol=1e-9)


@pytest.mark.parametrize(
    ("old", "new"),
    [("upper 15 -25 35", "upper 15 -25"), ("tip 40\n", ""), ("tip 40", "toe 40"), ("90 0", "x 0")],
)
def test_a_motion_of_another_skeleton_is_refused(
    files: tuple[Path, Path], old: str, new: str
) -> None:
    files[1].write_text(AMC.replace(old, new))

    with pytest.raises(InputError, match=r"arm_01\.amc is no AMC"):
        read_amc(files[1], read_asf(files[0]), fps=120.0)


@pytest.mark.parametrize("text", ["", ":FULLY-SPECIFIED\n", AMC.replace("40", "nan")])
def test_a_motion_without_frames_or_places_is_refused(files: tuple[Path, Path], text: str) -> None:
    files[1].write_text(text)

    with pytest.raises(InputError, match=r"arm_01\.amc is no AMC"):
        read_amc(files[1], read_asf(files[0]), fps=120.0)


def test_a_root_that_cannot_travel_is_refused(files: tuple[Path, Path]) -> None:
    files[0].write_text(ASF.replace("order TX TY TZ RX RY RZ", "order RX RY RZ"))
    files[1].write_text(AMC.replace("root 1 2 3", "root"))

    with pytest.raises(InputError, match=r"arm_01\.amc is no AMC"):
        read_amc(files[1], read_asf(files[0]), fps=120.0)


@pytest.mark.parametrize("text", ["", "HIERARCHY", ASF.replace("length 2", "length two")])
def test_what_is_no_skeleton_is_refused(files: tuple[Path, Path], text: str) -> None:
    files[0].write_text(text)

    with pytest.raises(InputError, match=r"arm\.asf is no ASF"):
        read_asf(files[0])


def test_missing_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.asf"):
        read_asf(tmp_path / "none.asf")
