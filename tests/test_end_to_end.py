"""A real video through the real networks: what a user does first."""

import json
import subprocess
import sys
from fractions import Fraction
from itertools import islice
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from typer.testing import CliRunner

from pose3d_cli.cli import app
from pose3d_cli.export.bvh_reader import motion_from_bvh, read_bvh
from pose3d_cli.export.json_file import read_json, schema
from pose3d_cli.motion.rig import forward_kinematics
from pose3d_cli.skeleton import H36M17
from pose3d_cli.video.reader import probe, read_frames
from pose3d_cli.video.writer import write_video

pytestmark = [pytest.mark.slow, pytest.mark.weights]

ROOT = Path(__file__).parents[1]
FRAMES = 60


@pytest.fixture(scope="module")
def sample() -> Path:
    """The clip that `make demo` lifts, fetched as `make demo` fetches it."""
    script = ROOT / "examples" / "fetch_sample.py"
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    return ROOT / done.stdout.strip()


@pytest.fixture(scope="module")
def lifted(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sample's second and third seconds and what became of them."""
    folder = tmp_path_factory.mktemp("lifted")
    clip = probe(sample)
    pictures = ((f.rgb, f.time_s) for f in islice(read_frames(clip), 30, 30 + FRAMES))
    write_video(folder / "clip.mp4", pictures, fps=clip.fps)
    outputs = [f"--out={folder / name}" for name in ("out.mp4", "out.json", "out.bvh")]
    run = CliRunner().invoke(
        app, ["lift", str(folder / "clip.mp4"), "--device=cpu", "--no-cache", *outputs]
    )
    assert run.exit_code == 0, run.output
    return folder


def test_the_video_has_the_clips_frames_and_rate(lifted: Path) -> None:
    clip = probe(lifted / "out.mp4")

    assert clip.fps == Fraction(30)
    assert sum(1 for _ in read_frames(clip)) == FRAMES
    assert clip.width_px > clip.height_px


def test_the_document_follows_its_schema(lifted: Path) -> None:
    jsonschema.validate(json.loads((lifted / "out.json").read_text()), schema())


def test_somebody_stands_upright_with_legs_below_and_of_human_size(lifted: Path) -> None:
    (person,) = read_json(lifted / "out.json").people
    joints = {name: person.world.positions_m[:, i] for i, name in enumerate(H36M17.joints)}

    assert len(person.world.positions_m) > FRAMES / 2
    height = joints["head"][:, 1] - np.minimum(
        joints["left_ankle"][:, 1], joints["right_ankle"][:, 1]
    )
    assert 1.1 < np.median(height) < 1.9


def test_the_fitted_skeleton_lies_on_the_person(lifted: Path) -> None:
    result = read_json(lifted / "out.json")
    (person,) = result.people
    to_camera = person.world.camera_from_world
    in_camera = person.world.positions_m @ to_camera[:3, :3].T + to_camera[:3, 3]
    seen = person.poses_2d

    error_px = np.linalg.norm(result.camera.project(in_camera) - seen.keypoints_px, axis=-1)
    size_px = np.ptp(seen.keypoints_px[..., 1], axis=1)
    assert np.median(error_px[seen.observed]) < 0.06 * np.median(size_px)


def test_the_bvh_says_what_the_document_says(lifted: Path) -> None:
    (person,) = read_json(lifted / "out.json").people

    read = motion_from_bvh(read_bvh(lifted / "out.bvh"))

    difference = forward_kinematics(read) - forward_kinematics(person.motion)
    assert np.abs(difference).max() < 5e-5


def test_the_example_in_python_says_the_same(lifted: Path) -> None:
    script = ROOT / "examples" / "lift_a_video.py"

    done = subprocess.run(
        [sys.executable, script, lifted / "clip.mp4"], capture_output=True, text=True, check=True
    )

    (person,) = read_json(lifted / "out.json").people
    frames = len(person.world.positions_m)
    assert done.stdout == f"person 1: {frames} frames × 17 joints, in metres\n"
