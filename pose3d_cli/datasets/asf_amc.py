"""Read Acclaim's skeletons (ASF) and motions (AMC), as CMU's database has them.

A joint is where the bone of its name begins. (Lander 1998, "Working with motion capture file
formats"; http://www.cs.cmu.edu/~kiranb/animation/ describes the order of rotations.)
"""

import math
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from jaxtyping import Float64

from pose3d_cli.datasets.articulated import Articulated
from pose3d_cli.errors import InputError
from pose3d_cli.geometry.rotations import matrix_from_euler

_ROOT_CHANNELS = ("tx", "ty", "tz", "rx", "ry", "rz")
_DAMAGED = (IndexError, KeyError, StopIteration, ValueError)


@dataclass(frozen=True, slots=True, eq=False)
class _Bone:
    parent: str
    along: Float64[np.ndarray, "3"]
    """From where it begins to where it ends, in the world's axes at rest."""
    axes: Float64[np.ndarray, "3 3"]
    """The bone's own axes, about which it turns."""
    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Asf:
    """A skeleton."""

    bones: dict[str, _Bone]
    """Parents before children, the root first."""
    in_degrees: bool


def read_asf(path: Path) -> Asf:
    """Return a skeleton.

    Raises:
        InputError: the file is missing, or is no ASF.
    """
    lines = _lines(path)
    try:
        sections = _sections(lines)
        angle = dict(line[:2] for line in sections["units"] if len(line) == 2).get("angle", "deg")
        root = {line[0].lower(): line[1:] for line in sections["root"]}
        bones = {"root": _Bone("", np.zeros(3), np.eye(3), _channels(root["order"]))}
        described = _described(sections["bonedata"], in_degrees=angle == "deg")
        for parent, *children in sections["hierarchy"]:
            if parent in {"begin", "end"}:
                continue
            for child in children:
                bones[child] = replace(described[child], parent=parent)
    except _DAMAGED as error:
        raise InputError(f"{path} is no ASF skeleton: {error}") from error
    return Asf(bones, angle == "deg")


def read_amc(path: Path, asf: Asf, *, fps: float) -> Articulated:
    """Return a motion of a skeleton; the file does not say at which rate it was recorded.

    Raises:
        InputError: the file is missing, is no AMC, or is of another skeleton.
    """
    try:
        return _posed(asf, _values(_lines(path), asf), fps=fps)
    except _DAMAGED as error:
        raise InputError(f"{path} is no AMC motion of its skeleton: {error}") from error


def _posed(asf: Asf, values: dict[str, Float64[np.ndarray, "f _"]], *, fps: float) -> Articulated:
    """Return where all joints are, given the numbers of every bone."""
    names = tuple(asf.bones)
    frames = len(values["root"])
    positions, rotations = np.zeros((frames, len(names), 3)), np.zeros((frames, len(names), 3, 3))
    parents = [-1]
    for joint, (name, bone) in enumerate(asf.bones.items()):
        turn = bone.axes @ _turned(bone, values[name], asf) @ bone.axes.T
        if joint == 0:
            places = [bone.channels.index(channel) for channel in _ROOT_CHANNELS[:3]]
            positions[:, 0], rotations[:, 0] = values["root"][:, places], turn
            continue
        parents.append(parent := names.index(bone.parent))
        rotations[:, joint] = rotations[:, parent] @ turn
        along = asf.bones[bone.parent].along
        positions[:, joint] = positions[:, parent] + rotations[:, parent] @ along
    offsets = np.array(
        [asf.bones[b.parent].along if b.parent else b.along for b in asf.bones.values()]
    )
    return Articulated(names, tuple(parents), positions, rotations, offsets, fps)


def _lines(path: Path) -> list[list[str]]:
    try:
        text = path.read_text("utf-8", errors="replace")
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from error
    return [words for line in text.splitlines() if (words := line.split("#")[0].split())]


def _sections(lines: list[list[str]]) -> dict[str, list[list[str]]]:
    sections: dict[str, list[list[str]]] = {}
    current: list[list[str]] = []
    for words in lines:
        if words[0].startswith(":"):
            current = sections.setdefault(words[0][1:].lower(), [])
        else:
            current.append(words)
    return sections


def _described(lines: list[list[str]], *, in_degrees: bool) -> dict[str, _Bone]:
    """Return the bones of the section :bonedata, without their parents."""
    bones = {}
    about: dict[str, list[str]] = {}
    for words in lines:
        if words[0] == "begin":
            about = {}
        elif words[0] == "end":
            *angles, order = about["axis"]
            axes = _euler(np.array(angles, float)[None], order, in_degrees=in_degrees)[0]
            along = np.array(about["direction"], float) * float(about["length"][0])
            bones[about["name"][0]] = _Bone("", along, axes, _channels(about.get("dof", [])))
        else:
            about[words[0]] = words[1:]
    return bones


def _channels(words: list[str]) -> tuple[str, ...]:
    channels = tuple(word.lower() for word in words)
    if unknown := set(channels) - set(_ROOT_CHANNELS):
        raise ValueError(f"a degree of freedom called {sorted(unknown)}")
    return channels


def _values(lines: list[list[str]], asf: Asf) -> dict[str, Float64[np.ndarray, "f c"]]:
    """Return the numbers of every bone; bones that cannot move have none."""
    rows: dict[str, list[list[float]]] = {name: [] for name in asf.bones}
    frames = 0
    for words in lines:
        if words[0].startswith(":"):
            continue
        if len(words) == 1 and words[0].isdigit():
            frames += 1
            continue
        name, numbers = words[0], [float(word) for word in words[1:]]
        if len(numbers) != len(asf.bones[name].channels):
            raise ValueError(f"{len(numbers)} numbers for {name} in frame {frames}")
        rows[name].append(numbers)
    moving = {name for name, bone in asf.bones.items() if bone.channels}
    if odd := sorted(name for name in moving if len(rows[name]) != frames):
        raise ValueError(f"{odd[0]} does not move in every frame")
    if not frames:
        raise ValueError("it has no frames")
    if not all(
        math.isfinite(number) for row in rows.values() for values in row for number in values
    ):
        raise ValueError("a number that is not finite")
    return {name: np.array(rows[name] or np.zeros((frames, 0))) for name in asf.bones}


def _turned(
    bone: _Bone, values: Float64[np.ndarray, "f c"], asf: Asf
) -> Float64[np.ndarray, "f 3 3"]:
    """Return the rotations of a bone about its own axes."""
    angles = np.zeros((len(values), 3))
    for axis, channel in enumerate(_ROOT_CHANNELS[3:]):
        if channel in bone.channels:
            angles[:, axis] = values[:, bone.channels.index(channel)]
    return _euler(angles, "XYZ", in_degrees=asf.in_degrees)


def _euler(
    angles: Float64[np.ndarray, "f 3"], order: str, *, in_degrees: bool
) -> Float64[np.ndarray, "f 3 3"]:
    """Return rotations about x, y and z of the world, ``order`` says which comes first."""
    radians = np.radians(angles) if in_degrees else angles
    last_first = order.upper()[::-1]
    chosen = radians[:, ["XYZ".index(axis) for axis in last_first]]
    return matrix_from_euler(chosen, order=last_first)
