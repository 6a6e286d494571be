"""Small BVH and ASF/AMC files of one body, made here, against where its joints are."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pose3d_cli.datasets.articulated import from_bvh
from pose3d_cli.datasets.body_points import body_points
from pose3d_cli.datasets.joint_names import joints_by_role
from pose3d_cli.datasets.own_motion import (
    clips_of,
    motion_files,
    read_motions,
    resampled,
    skeleton_of,
)
from pose3d_cli.errors import InputError
from pose3d_cli.geometry.bvh_file import read_bvh

REST = {
    "Hips": ("", (0, 100, 0)),
    "LeftUpLeg": ("Hips", (10, -3, 0)), "LeftLeg": ("LeftUpLeg", (0, -44, 0)),
    "LeftFoot": ("LeftLeg", (0, -44, 0)), "LeftToeBase": ("LeftFoot", (0, -5, 14)),
    "RightUpLeg": ("Hips", (-10, -3, 0)), "RightLeg": ("RightUpLeg", (0, -44, 0)),
    "RightFoot": ("RightLeg", (0, -44, 0)), "RightToeBase": ("RightFoot", (0, -5, 14)),
    "Spine": ("Hips", (0, 12, 0)), "Spine1": ("Spine", (0, 15, 0)),
    "Neck": ("Spine1", (0, 22, 0)), "Head": ("Neck", (0, 10, 2)),
    "LeftArm": ("Spine1", (16, 18, 0)), "LeftForeArm": ("LeftArm", (28, 0, 0)),
    "LeftHand": ("LeftForeArm", (25, 0, 0)),
    "RightArm": ("Spine1", (-16, 18, 0)), "RightForeArm": ("RightArm", (-28, 0, 0)),
    "RightHand": ("RightForeArm", (-25, 0, 0)),
}  # fmt: skip
"""A T-pose in centimetres, y up, facing +z: (parent, offset) of each joint, parents first."""
ASF_NAMES = {
    "LeftUpLeg": "lfemur", "LeftLeg": "ltibia", "LeftFoot": "lfoot", "LeftToeBase": "ltoes",
    "RightUpLeg": "rfemur", "RightLeg": "rtibia", "RightFoot": "rfoot", "RightToeBase": "rtoes",
    "Spine": "upperback", "Spine1": "thorax", "Neck": "lowerneck", "Head": "head",
    "LeftArm": "lhumerus", "LeftForeArm": "lradius", "LeftHand": "lwrist",
    "RightArm": "rhumerus", "RightForeArm": "rradius", "RightHand": "rwrist",
}  # fmt: skip
Turns = dict[str, tuple[float, float, float]]


def bvh(turns: Turns, *, frames: int = 40, fps: float = 120.0, prefix: str = "") -> str:
    """The body with joints turned by constant angles in degrees, z first."""
    children: dict[str, list[str]] = {}
    for name, (parent, _) in REST.items():
        children.setdefault(parent, []).append(name)
    order: list[str] = []

    def joint(name: str) -> str:
        order.append(name)
        kind = "JOINT" if REST[name][0] else "ROOT"
        moves = "" if REST[name][0] else "Xposition Yposition Zposition "
        offset = (0, 0, 0) if kind == "ROOT" else REST[name][1]
        count = 3 if REST[name][0] else 6
        inside = "\n".join(joint(child) for child in children.get(name, []))
        inside = inside or "End Site\n{\nOFFSET 0 5 0\n}"
        return (
            f"{kind} {prefix}{name}\n{{\nOFFSET {offset[0]} {offset[1]} {offset[2]}\n"
            f"CHANNELS {count} {moves}Zrotation Xrotation Yrotation\n{inside}\n}}"
        )

    hierarchy = joint("Hips")
    row = "0 100 0 " + " ".join(" ".join(map(str, turns.get(name, (0, 0, 0)))) for name in order)
    rows = "\n".join([row] * frames)
    return f"HIERARCHY\n{hierarchy}\nMOTION\nFrames: {frames}\nFrame Time: {1 / fps:.6f}\n{rows}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., Path]:
    def make(**texts: str) -> Path:
        for name, text in texts.items():
            (tmp_path / name.replace("_bvh", ".bvh")).write_text(text)
        return tmp_path

    return make


def points(path: Path) -> np.ndarray:
    return body_points([from_bvh(read_bvh(path))])[0]


def test_a_t_pose_stands_upright_in_metres_facing_minus_y(folder: Callable[..., Path]) -> None:
    body = points(folder(a_bvh=bvh({})) / "a.bvh")[0]

    s = 0.8974 / 0.88
    np.testing.assert_allclose(body[0], [0, 0, 0.97 * s], atol=1e-6)  # between the hips
    np.testing.assert_allclose(body[13], [0.69 * s, 0, 1.45 * s], atol=1e-6)  # left wrist
    np.testing.assert_allclose(body[3], [-0.1 * s, 0, 0.09 * s], atol=1e-6)  # right ankle
    np.testing.assert_allclose(body[8], [0, 0, 1.45 * s + 0.03], atol=1e-6)
    np.testing.assert_allclose(body[17], [0, -0.145, 1.45 * s + 0.135], atol=1e-6)  # nose
    assert body[18, 0] > 0 > body[19, 0]  # the left eye is on the left
    assert body[0, 2] < body[7, 2] < body[8, 2] < body[10, 2]


def test_joints_turn_about_their_parents(folder: Callable[..., Path]) -> None:
    down = {"LeftArm": (-90.0, 0.0, 0.0), "LeftForeArm": (0.0, 0.0, -90.0)}
    body = points(folder(a_bvh=bvh(down)) / "a.bvh")[0]

    s = 0.8974 / 0.88
    np.testing.assert_allclose(body[12] - body[11], [0, 0, -0.28 * s], atol=1e-6)
    np.testing.assert_allclose(body[13] - body[12], [0, -0.25 * s, 0], atol=1e-6)  # ahead


def test_a_head_that_the_rig_holds_pitched_looks_ahead_on_average(
    folder: Callable[..., Path],
) -> None:
    level, pitched = (
        points(folder(a_bvh=bvh({"Head": (0.0, tilt, 0.0)})) / "a.bvh") for tilt in (0.0, 40.0)
    )

    np.testing.assert_allclose(pitched, level, atol=1e-6)


def test_one_performer_is_calibrated_over_all_their_clips(folder: Callable[..., Path]) -> None:
    where = folder(a_bvh=bvh({"Head": (0.0, 30.0, 0.0)}), b_bvh=bvh({"Head": (0.0, -30.0, 0.0)}))
    down, up = body_points([from_bvh(read_bvh(where / f"{name}.bvh")) for name in "ab"])

    gaze = [p[0, 17] - (p[0, 20] + p[0, 21]) / 2 for p in (down, up)]
    assert gaze[0][2] < -0.03
    assert gaze[1][2] > 0.03 - 0.04
    assert gaze[0][2] < gaze[1][2] - 0.05


@pytest.mark.parametrize("prefix", ["", "mixamorig:", "Actor1:", "mixamorig_"])
def test_names_are_known_whatever_stands_before_them(
    folder: Callable[..., Path], prefix: str
) -> None:
    named = from_bvh(read_bvh(folder(a_bvh=bvh({}, prefix=prefix)) / "a.bvh"))

    roles = joints_by_role(named.names)
    assert named.names[roles["left_elbow"]] == f"{prefix}LeftForeArm"
    assert named.names[roles["right_hip"]] == f"{prefix}RightUpLeg"


def test_acclaim_names_are_known() -> None:
    names = ["root", *ASF_NAMES.values()]

    roles = joints_by_role(names)

    assert names[roles["right_shoulder"]] == "rhumerus"
    assert names[roles["left_wrist"]] == "lwrist"


def test_a_body_without_elbows_is_refused() -> None:
    with pytest.raises(InputError, match="left elbow"):
        joints_by_role([name for name in REST if name != "LeftForeArm"])


def test_clips_are_at_30_fps_whatever_their_files_are(folder: Callable[..., Path]) -> None:
    where = folder(a_bvh=bvh({}, frames=121, fps=120), b_bvh=bvh({}, frames=61, fps=60))

    clips = clips_of(read_motions(motion_files(where), amc_fps=120.0))

    assert [(clip.name, len(clip.positions_m)) for clip in clips] == [("a", 31), ("b", 31)]


def test_resampling_keeps_slow_motion_and_drops_what_is_too_quick() -> None:
    time_s = np.arange(240) / 120
    slow, quick = np.sin(2 * np.pi * time_s), np.sin(2 * np.pi * 40 * time_s)

    def at_30(wave: np.ndarray) -> np.ndarray:
        return resampled(np.tile(wave[:, None, None], (1, 24, 3)), fps=120.0)[:, 0, 0]

    np.testing.assert_allclose(at_30(slow)[3:-3], slow[::4][3:-3], atol=0.02)
    assert np.abs(at_30(quick)[5:-5]).max() < 0.15


def test_a_folder_without_motion_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no \.bvh or \.amc"):
        motion_files(tmp_path)


def test_nothing_but_short_clips_is_an_error(folder: Callable[..., Path]) -> None:
    where = folder(a_bvh=bvh({}, frames=10))

    with pytest.raises(InputError, match=r"0\.3 s"):
        clips_of(read_motions(motion_files(where), amc_fps=120.0))


def test_an_amc_belongs_to_the_skeleton_that_it_is_called_after(tmp_path: Path) -> None:
    for name in ("02.asf", "1.asf", "02_01.amc", "x.amc"):
        (tmp_path / name).touch()

    assert skeleton_of(tmp_path / "02_01.amc") == tmp_path / "02.asf"
    with pytest.raises(InputError, match="which ASF"):
        skeleton_of(tmp_path / "x.amc")
    (tmp_path / "alone").mkdir()
    with pytest.raises(InputError, match="no ASF"):
        skeleton_of(tmp_path / "alone" / "y.amc")
