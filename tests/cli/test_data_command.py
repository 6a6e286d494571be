from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pose3d_cli.datasets.mocap import read_corpus

HEADER = """HIERARCHY
ROOT Hips
{
OFFSET 0 0 0
CHANNELS 6 Xposition Yposition Zposition Zrotation Xrotation Yrotation
"""
LIMBS = {
    "LeftUpLeg": (10, 0, 0), "LeftLeg": (0, -45, 0), "LeftFoot": (0, -45, 0),
    "RightUpLeg": (-10, 0, 0), "RightLeg": (0, -45, 0), "RightFoot": (0, -45, 0),
    "LeftArm": (15, 50, 0), "LeftForeArm": (28, 0, 0), "LeftHand": (25, 0, 0),
    "RightArm": (-15, 50, 0), "RightForeArm": (-28, 0, 0), "RightHand": (-25, 0, 0),
    "Head": (0, 65, 0),
}  # fmt: skip


@pytest.fixture
def recordings(tmp_path: Path) -> Path:
    """A folder with one BVH of somebody who stands for a second."""
    text, open_joints = HEADER, 0
    for name, offset in LIMBS.items():
        if name.endswith(("UpLeg", "Arm", "Head")) and not name.endswith("ForeArm"):
            text += "}\n" * open_joints
            open_joints = 0
        x, y, z = offset
        text += f"JOINT {name}\n{{\nOFFSET {x} {y} {z}\nCHANNELS 3 Zrotation Xrotation Yrotation\n"
        open_joints += 1
        if name.endswith(("Foot", "Hand", "Head")):
            text += "End Site\n{\nOFFSET 0 1 0\n}\n"
    text += "}\n" * (open_joints + 1)
    row = " ".join(["0 90 0", *["0"] * (3 + 3 * len(LIMBS))])
    text += "MOTION\nFrames: 31\nFrame Time: 0.0333333\n" + (row + "\n") * 31
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "stand.bvh").write_text(text)
    return tmp_path / "raw"


def test_a_folder_becomes_a_shard_that_training_reads(
    pose3d: Any, recordings: Path, tmp_path: Path
) -> None:
    out = tmp_path / "mine.npz"
    run = pose3d(
        "data", "import", recordings, "-o", out,
        "--source", "mine", "--tier", "A", "--licence", "CC0-1.0",
    )  # fmt: skip

    assert run.exit_code == 0, run.output
    assert run.stdout == f"{out}\n"
    assert "1 clip of 0.0 minutes" in run.stderr
    corpus = read_corpus([out])
    assert (corpus.source, corpus.tiers, corpus.fps) == (("mine",), {"mine": "A"}, 30.0)
    assert corpus.length.tolist() == [31]
    with np.load(out) as shard:
        assert str(shard["licence"]) == "CC0-1.0"


def test_bad_input_is_told_in_a_line(pose3d: Any, recordings: Path, tmp_path: Path) -> None:
    options = ("--source", "mine", "--licence", "x")

    empty = pose3d("data", "import", tmp_path / "none", "-o", tmp_path / "a.npz", *options)
    assert (empty.exit_code, "is no folder" in empty.stderr) == (4, True)
    text = pose3d("data", "import", recordings, "-o", tmp_path / "a.txt", *options)
    assert text.exit_code == 2
    (recordings / "bad.bvh").write_text("HIERARCHY\n")
    bad = pose3d("data", "import", recordings, "-o", tmp_path / "a.npz", *options)
    assert bad.exit_code == 4
    assert "bad.bvh" in bad.stderr
    assert not (tmp_path / "a.npz").exists()


@pytest.mark.parametrize("option", ["-o", "--out", "--output"])
def test_a_shard_is_replaced_only_on_demand(
    pose3d: Any, recordings: Path, tmp_path: Path, option: str
) -> None:
    out = tmp_path / "mine.npz"
    out.write_text("precious")
    command = ("data", "import", recordings, option, out, "--source", "mine", "--licence", "x")

    refused = pose3d(*command)
    assert (refused.exit_code, "-y" in refused.stderr) == (6, True)
    assert out.read_text() == "precious"

    assert pose3d(*command, "-y").exit_code == 0
    assert read_corpus([out]).tiers == {"mine": "C"}
