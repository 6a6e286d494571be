"""three.js, in node: where its loaders put every joint of our BVH and GLB."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pose3d_cli.export.bvh import write_bvh
from pose3d_cli.export.bvh_style import BvhStyle
from pose3d_cli.export.glb import write_glb
from pose3d_cli.sequences import Motion, Result

pytestmark = [pytest.mark.web, pytest.mark.slow]
VIEWER = Path(__file__).parents[3] / "viewer"
Joints = Callable[[Motion], np.ndarray]
Check = Callable[..., list[str]]


def with_three(path: Path, *times_s: float) -> Any:
    """Return what ``import_three.mjs`` says."""
    run = subprocess.run(
        ["node", "test/import_three.mjs", str(path), *map(str, times_s)],
        cwd=VIEWER,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    said = json.loads(run.stdout)
    return {name: np.array(places) for name, places in said["places"].items()}, said["fps"]


@pytest.mark.parametrize(
    "style",
    [BvhStyle(), BvhStyle(names="mixamo-nocolon", rest="a", order="mixed"), BvhStyle(unit="m")],
    ids=["usual", "mixamo", "metres"],
)
def test_bvh_loader_puts_every_joint_where_the_motion_does(
    style: BvhStyle, motion: Motion, check: Check, imported: Callable[..., Any], tmp_path: Path
) -> None:
    write_bvh(tmp_path / "x.bvh", motion, style=style)
    places, fps = with_three(tmp_path / "x.bvh")
    assert check(imported(places, fps), motion, style=style) == []


def test_gltf_loader_puts_every_joint_of_everybody_where_the_motion_does(
    results: Callable[..., Result], joints_m: Joints, tmp_path: Path
) -> None:
    result = results(np.arange(12) / 30, people=2)
    write_glb(tmp_path / "x.glb", result)
    times_s = result.people[1].motion.times_s[1:].tolist()  # both are there
    places, _ = with_three(tmp_path / "x.glb", *times_s)
    for person in result.people:
        expected_m = joints_m(person.motion)[-len(times_s) :]
        for joint, name in enumerate(person.motion.skeleton.joints):
            np.testing.assert_allclose(
                places[f"{person.id}.{name}"], expected_m[:, joint], atol=1e-5
            )
