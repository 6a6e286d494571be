"""Programs that are not ours read our files; what each says is compared with the motion."""

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import bvh as bvh_package  # type: ignore[import-untyped]  # it has no annotations
import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from pose3d_cli.export.bvh_reader import motion_from_bvh, read_bvh
from pose3d_cli.export.bvh_style import UNITS_A_METRE, BvhStyle
from pose3d_cli.geometry.kinematics import joint_positions
from pose3d_cli.sequences import Motion

with warnings.catch_warnings(action="ignore"):  # one imports PyGLM by its former name
    import bvhio  # type: ignore[import-untyped]  # it has no annotations
    import bvhsdk  # type: ignore[import-untyped]  # it has no annotations
    import pybvh  # type: ignore[import-untyped]  # it has no annotations

FRAMES = 24
FPS = Fraction(30000, 1001)
MOST_APART_MM = 0.05
MOST_OFF_FPS = 2e-4
"""Relative."""

Places = Mapping[str, np.ndarray]
"""World positions over frames, by name; an end site is called after its joint: ``HeadEnd``."""


@dataclass(frozen=True)
class Imported:
    places: Places
    """In the file's unit."""
    fps: float


def with_ours(path: Path) -> Imported:
    motion = motion_from_bvh(read_bvh(path), unit_m=1.0)
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
    return Imported(places, 1 / file.frame_time)


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
        {name: np.array([list(places[name]) for places in frames]) for name in frames[0]},
        1 / file.FrameTime,
    )


def with_pybvh(path: Path) -> Imported:
    with warnings.catch_warnings(action="ignore"):  # it wonders which way is up for a somersault
        file = pybvh.read_bvh_file(str(path))
    places = np.asarray(file.node_positions(centered="world"))
    prefix = "EndSite"
    names = [
        f"{node.name.removeprefix(prefix)}End" if node.name.startswith(prefix) else node.name
        for node in file.nodes
    ]
    return Imported({name: places[:, row] for row, name in enumerate(names)}, 1 / file.frame_time)


def with_bvhsdk(path: Path) -> Imported:
    file = bvhsdk.ReadFile(str(path))
    places = {}
    for joint in file.getlistofjoints():
        frames = range(file.frames)
        places[joint.name] = np.array([joint.getPosition(frame) for frame in frames])
        if not joint.children:
            ends = [joint.getEndSitePosition(frame) for frame in frames]
            places[f"{joint.name}End"] = np.array(ends)
    return Imported(places, 1 / file.frametime)


READERS: dict[str, Callable[[Path], Imported]] = {
    "ours": with_ours,
    "bvh": with_bvh,
    "bvhio": with_bvhio,
    "pybvh": with_pybvh,
    "bvhsdk": with_bvhsdk,
}


def places_of(motion: Motion) -> dict[str, np.ndarray]:
    places_m = joint_positions(
        motion.offsets_m,
        parents=motion.skeleton.parents,
        root_m=motion.root_m,
        rotations_wxyz=motion.rotations_wxyz,
    )
    return {name: places_m[:, joint] for joint, name in enumerate(motion.skeleton.joints)}


def problems(imported: Imported, motion: Motion, *, style: BvhStyle | None = None) -> list[str]:
    """Say what is wrong with a file of a motion: names, frames, rate, or where joints are."""
    style = style or BvhStyle()
    found = [] if abs(imported.fps / float(motion.fps) - 1) < MOST_OFF_FPS else ["rate"]
    expected = {}
    for joint, (name, places_m) in enumerate(places_of(motion).items()):
        if joint in motion.skeleton.parents:
            known_as = style.name_of(name)
        else:
            known_as = style.name_of(motion.skeleton.joints[joint - 1]) + "End"
        expected[known_as] = places_m
    if imported.places.keys() != expected.keys():
        return [*found, "names"]
    skipped = int(style.reference_frame)
    for name, places_m in expected.items():
        places_mm = imported.places[name][skipped:] / UNITS_A_METRE[style.unit] * 1000
        if len(places_mm) != len(places_m):
            return [*found, "frames"]
        travelled_m = motion.root_m * ([1, 0, 1] if style.in_place else 0)
        apart = np.linalg.norm(places_mm - (places_m - travelled_m) * 1000, axis=-1)
        apart_mm = float(apart.max())
        if apart_mm > MOST_APART_MM:
            found.append(f"{name} is {apart_mm:.3f} mm off")
    return found


Check = Callable[..., list[str]]


@pytest.fixture(scope="session")
def check() -> Check:
    """Say what is wrong with an imported file: ``check(imported, motion, style=…)``."""
    return problems


@pytest.fixture(scope="session")
def imported() -> Callable[..., Imported]:
    """What a program that is not written in Python has said: ``imported(places, fps)``."""
    return Imported


@pytest.fixture(params=READERS)
def importer(request: pytest.FixtureRequest) -> Callable[[Path], Imported]:
    return READERS[request.param]


@pytest.fixture(params=[0.6, 3.0], ids=["natural", "wild"])
def motion(request: pytest.FixtureRequest, moving: Callable[..., Motion]) -> Motion:
    return moving(np.arange(FRAMES) / float(FPS), fps=FPS, reach_rad=request.param)


@pytest.fixture
def natural(moving: Callable[..., Motion]) -> Motion:
    return moving(np.arange(FRAMES) / float(FPS), fps=FPS)
