"""Blender itself (the package bpy): where it puts every joint of our files, and of its own."""

import json
import os
import subprocess
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pose3d_cli.export.blender import write_with_blender
from pose3d_cli.export.bvh import write_bvh
from pose3d_cli.export.bvh_style import BvhStyle
from pose3d_cli.export.glb import write_glb
from pose3d_cli.sequences import Motion, Result

pytestmark = [pytest.mark.blender, pytest.mark.slow]
MOST_APART_M = 0.001
FPS = Fraction(30)
Joints = Callable[[Motion], np.ndarray]
Check = Callable[..., list[str]]

READ = """
import json, sys
import bpy

file, fps = sys.argv[1:]
bpy.ops.wm.read_factory_settings(use_empty=True)
scene = bpy.context.scene
scene.render.fps = int(fps)
if file.endswith(".bvh"):
    bpy.ops.import_anim.bvh(filepath=file, update_scene_fps=True)
elif file.endswith(".fbx"):
    bpy.ops.import_scene.fbx(filepath=file, anim_offset=0.0)
elif file.endswith(".glb"):
    bpy.ops.import_scene.gltf(filepath=file)
else:
    bpy.ops.wm.usd_import(filepath=file)
rigs = {}
for rig in [thing for thing in bpy.data.objects if thing.type == "ARMATURE"]:
    first, last = rig.animation_data.action.frame_range
    places = {}
    for frame in range(round(first), round(last) + 1):
        scene.frame_set(frame)
        for bone in rig.pose.bones:
            ends = {bone.name: bone.head}
            if not bone.children:
                ends[bone.name + "End"] = bone.tail
            for name, place in ends.items():
                x, y, z = rig.matrix_world @ place
                places.setdefault(name, []).append((x, z, -y))  # Blender's up is z
    rigs[rig.name] = places
print("said:" + json.dumps([rigs, scene.render.fps / scene.render.fps_base]))
"""


@pytest.fixture(scope="module")
def python() -> Path:
    """A Python that has bpy."""
    named = os.environ.get("POSE3D_BPY")
    if not named:
        pytest.fail("no Blender: run make test-blender")
    return Path(named).absolute()


@pytest.fixture
def blender(python: Path, tmp_path: Path) -> Path:
    """A program that does what Blender's would."""
    program = tmp_path / "blender"
    program.write_text(
        f'#!/bin/sh\nwhile [ "$1" != --python ]; do shift; done\nexec "{python}" "$2" "$@"\n'
    )
    program.chmod(0o755)
    return program


@pytest.fixture
def read(python: Path) -> Callable[[Path], Any]:
    """Return where Blender puts the joints of a file: by rig and name, and at which rate."""

    def run(path: Path) -> Any:
        command = [str(python), "-c", READ, str(path), str(int(FPS))]
        answer = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True)
        (said,) = [line for line in answer.stdout.splitlines() if line.startswith("said:")]
        rigs, fps = json.loads(said.removeprefix("said:"))
        return [
            {name: np.array(rows) for name, rows in rigs[rig].items()} for rig in sorted(rigs)
        ], fps

    return run


@pytest.mark.parametrize(
    "style",
    [BvhStyle(), BvhStyle(names="unreal", rest="a", order="mixed", reference_frame=True)],
    ids=["usual", "unreal"],
)
def test_blender_puts_every_joint_of_a_bvh_where_the_motion_does(
    style: BvhStyle,
    motion: Motion,
    check: Check,
    imported: Callable[..., Any],
    read: Any,
    tmp_path: Path,
) -> None:
    write_bvh(tmp_path / "x.bvh", motion, style=style)
    (places,), fps = read(tmp_path / "x.bvh")
    assert check(imported(places, fps), motion, style=style) == []


def test_blender_puts_every_joint_of_a_glb_where_the_motion_does(
    results: Callable[..., Result], joints_m: Joints, read: Any, tmp_path: Path
) -> None:
    result = results(np.arange(12) / float(FPS), people=2, fps=FPS)
    write_glb(tmp_path / "x.glb", result)
    rigs, _ = read(tmp_path / "x.glb")
    for places, person in zip(rigs, result.people, strict=True):
        late = person.poses_2d.first_frame
        for joint, name in enumerate(person.motion.skeleton.joints):
            found = [rows for known, rows in places.items() if known.split(".")[0] == name]
            if found:  # Blender makes its own ends of chains
                expected_m = joints_m(person.motion)[:, joint]
                apart_m = np.linalg.norm(found[0][late:] - expected_m, axis=-1)
                assert apart_m.max() < MOST_APART_M


@pytest.mark.parametrize("suffix", [".fbx", ".usdc"])
def test_what_blender_writes_for_us_it_reads_as_the_same_motion(
    suffix: str,
    results: Callable[..., Result],
    joints_m: Joints,
    blender: Path,
    read: Any,
    tmp_path: Path,
) -> None:
    result = results(np.arange(12) / float(FPS), fps=FPS)
    motion = result.people[0].motion
    (path,) = write_with_blender(tmp_path / f"x{suffix}", result, blender=blender)
    (places,), _ = read(path)
    expected_m = joints_m(motion)
    turning = [joint for joint in range(len(motion.skeleton)) if joint in motion.skeleton.parents]
    for joint in turning:
        found_m = places[motion.skeleton.joints[joint]]
        apart_m = np.linalg.norm(found_m - expected_m[:, joint], axis=-1)
        assert apart_m.max() < MOST_APART_M
