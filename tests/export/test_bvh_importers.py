"""Programs that are not ours read our files, and put every joint where the motion does."""

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import bvh as bvh_package  # type: ignore[import-untyped]  # it has no annotations
import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from pose3d_cli.export.bvh import write_bvh
from pose3d_cli.export.bvh_reader import motion_from_bvh, read_bvh
from pose3d_cli.geometry.kinematics import joint_positions
from pose3d_cli.sequences import Motion

with warnings.catch_warnings(action="ignore"):  # it imports PyGLM by its former name
    import bvhio  # type: ignore[import-untyped]  # it has no annotations

FRAMES = 24
FPS = Fraction(30000, 1001)


@dataclass(frozen=True)
class Imported:
    places_mm: dict[str, np.ndarray]
    """World positions over frames, by name; an end site is called after its joint."""
    fps: float


def with_ours(path: Path) -> Imported:
    motion = motion_from_bvh(read_bvh(path))
    return Imported(places_of(motion), float(motion.fps))


def with_bvh(path: Path) -> Imported:
    """The package only parses: SciPy does the rotations, as Meredith and Maddock describe them."""
    file = bvh_package.Bvh(path.read_text())
    places: dict[str, np.ndarray] = {}
    turns: dict[str, Rotation] = {}
    for node in file.get_joints():
        channels = file.joint_channels(node.name)
        values = np.array(file.frames_joint_channels(node.name, channels))
        order = "".join(channel[0] for channel in channels if channel.endswith("rotation"))
        turn = Rotation.from_euler(order, values[:, -3:], degrees=True)
        parent = file.joint_parent(node.name)
        if parent is None:
            moves = [channels.index(f"{axis}position") for axis in "XYZ"]
            places[node.name], turns[node.name] = values[:, moves], turn
        else:
            offset = turns[parent.name].apply(file.joint_offset(node.name))
            places[node.name] = places[parent.name] + offset
            turns[node.name] = turns[parent.name] * turn
        for end in node.filter("End"):
            offset = turns[node.name].apply([float(word) for word in end["OFFSET"]])
            places[f"{node.name}End"] = places[node.name] + offset
    return Imported({name: place * 10 for name, place in places.items()}, 1 / file.frame_time)


def with_bvhio(path: Path) -> Imported:
    """The package does everything; it turns rest frames along bones, and end sites with them."""
    file = bvhio.readAsBvh(str(path))
    ends = {joint.Name: joint.EndSite for joint, _, _ in file.Root.layout() if not joint.Children}
    root = bvhio.convertBvhToHierarchy(file.Root).loadRestPose(recursive=True)
    joints = {joint.Name: joint for joint, _, _ in root.layout()}
    ends = {name: joints[name].RotationWorldInverse * end for name, end in ends.items()}
    frames = []
    for frame in range(file.FrameCount):
        root.loadPose(frame, recursive=True)
        places = {name: joint.PositionWorld for name, joint in joints.items()}
        for name, end in ends.items():
            places[f"{name}End"] = joints[name].pointToWorld(end)
        frames.append(places)
    return Imported(
        {name: np.array([list(places[name]) for places in frames]) * 10 for name in frames[0]},
        1 / file.FrameTime,
    )


def places_of(motion: Motion) -> dict[str, np.ndarray]:
    places_m = joint_positions(
        motion.offsets_m,
        parents=motion.skeleton.parents,
        root_m=motion.root_m,
        rotations_wxyz=motion.rotations_wxyz,
    )
    return {name: places_m[:, joint] * 1000 for joint, name in enumerate(motion.skeleton.joints)}


def apart_mm(imported: Imported, motion: Motion) -> float:
    """The farthest that any joint is off in any frame."""
    expected = places_of(motion)
    assert imported.places_mm.keys() == expected.keys()
    return max(
        float(np.linalg.norm(imported.places_mm[name] - expected[name], axis=-1).max())
        for name in expected
    )


IMPORTERS = pytest.mark.parametrize("importer", [with_ours, with_bvh, with_bvhio])


@pytest.fixture(params=[0.6, 3.0], ids=["natural", "wild"])
def motion(request: pytest.FixtureRequest, moving: Callable[..., Motion]) -> Motion:
    return moving(np.arange(FRAMES) / float(FPS), fps=FPS, reach_rad=request.param)


@IMPORTERS
def test_an_importer_puts_every_joint_where_the_motion_does(
    importer: Callable[[Path], Imported], motion: Motion, tmp_path: Path
) -> None:
    write_bvh(tmp_path / "x.bvh", motion)
    imported = importer(tmp_path / "x.bvh")
    assert apart_mm(imported, motion) < 0.05
    assert imported.fps == pytest.approx(float(FPS), rel=1e-8)


def wrong_order(text: str) -> str:
    return text.replace("Zrotation Xrotation Yrotation", "Xrotation Yrotation Zrotation")


def mirrored_names(text: str) -> str:
    return text.replace("Left", "L3ft").replace("Right", "Left").replace("L3ft", "Right")


def in_metres(text: str) -> str:
    return "\n".join(_in_metres(text.splitlines())) + "\n"


def _in_metres(lines: list[str]) -> Iterator[str]:
    first_row = lines.index("MOTION") + 3
    for place, line in enumerate(lines):
        words = line.split()
        if words[0] == "OFFSET":
            yield "OFFSET " + " ".join(f"{float(word) / 100:.6f}" for word in words[1:])
        elif place >= first_row:
            yield " ".join([*(f"{float(word) / 100:.6f}" for word in words[:3]), *words[3:]])
        else:
            yield line


def one_frame_late(text: str) -> str:
    lines = text.splitlines()
    first_row = lines.index("MOTION") + 3
    return "\n".join([*lines[:first_row], lines[first_row], *lines[first_row:-1]]) + "\n"


@IMPORTERS
@pytest.mark.parametrize("mutate", [wrong_order, mirrored_names, in_metres, one_frame_late])
def test_a_wrong_file_would_be_noticed(
    mutate: Callable[[str], str],
    importer: Callable[[Path], Imported],
    motion: Motion,
    tmp_path: Path,
) -> None:
    write_bvh(tmp_path / "x.bvh", motion)
    (tmp_path / "x.bvh").write_text(mutate((tmp_path / "x.bvh").read_text()))
    assert apart_mm(importer(tmp_path / "x.bvh"), motion) > 5


@IMPORTERS
def test_a_wrong_rate_would_be_noticed(
    importer: Callable[[Path], Imported], motion: Motion, tmp_path: Path
) -> None:
    write_bvh(tmp_path / "x.bvh", replace(motion, fps=Fraction(30)))
    assert importer(tmp_path / "x.bvh").fps != pytest.approx(float(FPS), rel=1e-4)
