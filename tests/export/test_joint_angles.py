"""Poses that are turned by known angles, and the two files that show them."""

import csv
from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import matplotlib.image
import numpy as np
import pytest

from pose3d_cli.export.angles_csv import write_angles_csv
from pose3d_cli.export.angles_plot import DPI, PAIRS, SIZE_IN, TRUNK, believed, write_angles_plots
from pose3d_cli.export.joint_angles import joint_angles_deg
from pose3d_cli.export.precision import rounded
from pose3d_cli.geometry.rotations import multiply, quaternion_from_vector
from pose3d_cli.sequences import Motion, Result
from pose3d_cli.skeleton import H36M17, RIG, Skeleton

MakeMotion = Callable[..., Motion]
ARMS_DOWN: Mapping[str, tuple[float, float, float]] = {
    "LeftArm": (0, 0, -90),
    "RightArm": (0, 0, 90),
}
"""From the T-pose, in degrees about x (left), y (up), z (forwards)."""


def posed(moving: MakeMotion, turns_deg: Mapping[str, tuple[float, float, float]]) -> Motion:
    """One frame of a rig whose joints are turned against their parents."""
    motion = moving(np.zeros(1), fps=Fraction(30), reach_rad=0.0)
    vectors = np.zeros((1, len(RIG), 3))
    for joint, vector in turns_deg.items():
        vectors[:, RIG.index(joint)] = np.radians(vector)
    return replace(motion, rotations_wxyz=quaternion_from_vector(vectors))


def angles_of(motion: Motion) -> dict[str, float]:
    """Those that are not zero; the plane of an arm that hangs means nothing."""
    found = {name: float(values[0]) for name, values in joint_angles_deg(motion).items()}
    for side in ("left", "right"):
        if abs(found[f"{side}_shoulder_elevation"]) < 1e-6:
            del found[f"{side}_shoulder_plane"]
    return {name: round(value, 6) for name, value in found.items() if abs(value) > 1e-6}


def test_standing_with_hanging_arms_is_zero_everywhere(moving: MakeMotion) -> None:
    assert angles_of(posed(moving, ARMS_DOWN)) == {}


@pytest.mark.parametrize(
    ("joint", "turn_deg", "expected"),
    [
        ("LeftUpLeg", (-30, 0, 0), {"left_hip_flexion": 30}),
        ("RightUpLeg", (20, 0, 0), {"right_hip_flexion": -20}),
        ("LeftUpLeg", (-170, 0, 0), {"left_hip_flexion": 170}),
        ("LeftUpLeg", (0, 0, 25), {"left_hip_abduction": 25}),
        ("RightUpLeg", (0, 0, -25), {"right_hip_abduction": 25}),
        ("LeftUpLeg", (0, -15, 0), {"left_hip_rotation": 15}),
        ("RightUpLeg", (0, 15, 0), {"right_hip_rotation": 15}),
        ("LeftLeg", (70, 0, 0), {"left_knee_flexion": 70}),
        ("RightLeg", (70, 0, 0), {"right_knee_flexion": 70}),
        ("Spine1", (40, 0, 0), {"trunk_flexion": 40, "lean_forward": 40}),
        ("Spine1", (0, 0, -20), {"trunk_bend": 20, "lean_left": 20}),
        ("Spine1", (0, 35, 0), {"trunk_rotation": 35}),
        ("Hips", (0, 120, 0), {}),
    ],
)
def test_a_turn_about_one_axis_is_one_angle(
    joint: str,
    turn_deg: tuple[float, float, float],
    expected: dict[str, float],
    moving: MakeMotion,
) -> None:
    found = angles_of(posed(moving, {**ARMS_DOWN, joint: turn_deg}))
    assert found == pytest.approx(expected)


@pytest.mark.parametrize("side", ["Left", "Right"])
@pytest.mark.parametrize("plane_deg", [-60, 0, 90, 120])
@pytest.mark.parametrize("elevation_deg", [10, 90, 170])
def test_an_arm_is_raised_in_a_plane(
    side: str, plane_deg: float, elevation_deg: float, moving: MakeMotion
) -> None:
    sign = 1 if side == "Left" else -1
    # hang it, lift it sideways, then carry it forwards about the vertical
    swung = quaternion_from_vector(np.radians([0, -sign * plane_deg, 0]))
    raised = quaternion_from_vector(np.radians([0, 0, sign * (elevation_deg - 90)]))
    motion = posed(moving, ARMS_DOWN)
    rotations = motion.rotations_wxyz.copy()
    rotations[:, RIG.index(f"{side}Arm")] = multiply(swung, raised)
    angles = joint_angles_deg(replace(motion, rotations_wxyz=rotations))
    assert angles[f"{side.lower()}_shoulder_elevation"][0] == pytest.approx(elevation_deg)
    assert angles[f"{side.lower()}_shoulder_plane"][0] == pytest.approx(plane_deg)


def test_elbows_bend_from_straight_in_any_direction(moving: MakeMotion) -> None:
    for turn_deg in [(0, -80, 0), (0, 80, 0), (0, 0, 80)]:
        found = angles_of(posed(moving, {**ARMS_DOWN, "LeftForeArm": turn_deg}))
        assert found == pytest.approx({"left_elbow_flexion": 80})


def test_whoever_is_mirrored_has_the_other_sides_angles(moving: MakeMotion) -> None:
    motion = moving(np.arange(40) / 30, seed=3)
    mirrored = replace(motion, rotations_wxyz=motion.rotations_wxyz[:, RIG.mirror] * [1, 1, -1, -1])
    ours, theirs = joint_angles_deg(motion), joint_angles_deg(mirrored)
    other = {"left": "right", "right": "left"}
    for name, values in ours.items():
        side, _, rest = name.partition("_")
        odd = name in {"trunk_bend", "trunk_rotation", "lean_left"}
        expected = theirs[f"{other[side]}_{rest}" if side in other else name] * (-1 if odd else 1)
        np.testing.assert_allclose(values, expected, atol=1e-8)


def test_somersaults_and_heading_do_not_change_the_angles_of_joints(moving: MakeMotion) -> None:
    motion = moving(np.arange(40) / 30, seed=1)
    rotations = motion.rotations_wxyz.copy()
    rotations[:, 0] = multiply(quaternion_from_vector(np.array([2.0, 0.7, -1.0])), rotations[:, 0])
    before = joint_angles_deg(motion)
    after = joint_angles_deg(replace(motion, rotations_wxyz=rotations))
    for name in before.keys() - {"lean_forward", "lean_left"}:
        np.testing.assert_allclose(after[name], before[name], atol=1e-8)


def test_another_rig_is_refused() -> None:
    stick = Skeleton("stick", ("A", "AEnd"), (-1, 0), mirror_pairs=())
    motion = Motion(
        skeleton=stick,
        times_s=np.zeros(1),
        fps=Fraction(30),
        offsets_m=np.zeros((2, 3)),
        root_m=np.zeros((1, 3)),
        rotations_wxyz=np.tile([1.0, 0, 0, 0], (1, 2, 1)),
    )
    with pytest.raises(ValueError, match="stick"):
        joint_angles_deg(motion)


def test_the_table_has_a_line_for_every_person_and_frame(pair: Result, tmp_path: Path) -> None:
    write_angles_csv(tmp_path / "x.angles.csv", pair)
    with (tmp_path / "x.angles.csv").open(encoding="ascii", newline="") as file:
        rows = list(csv.DictReader(file, strict=True))
    assert [(row["person"], row["frame"]) for row in rows] == [
        *(("1", str(frame)) for frame in range(5)),
        *(("2", str(frame)) for frame in range(2, 5)),
    ]
    for person in rounded(pair).people:
        own = [row for row in rows if row["person"] == str(person.id)]
        for name, values in joint_angles_deg(person.motion).items():
            found = [float(row[f"{name}_deg"]) for row in own]
            np.testing.assert_allclose(found, values, atol=0.0051)


def test_an_angle_is_believed_no_more_than_the_joints_between_which_it_is(
    pair: Result, tmp_path: Path
) -> None:
    (person, *_), trust = pair.people, pair.people[0].trust
    assert trust is not None
    for joint, doubted in [
        ("left_wrist", {"left_elbow_flexion"}),
        ("right_ankle", {"right_knee_flexion", "right_hip_rotation"}),
        (
            "left_elbow",
            {f"left_{n}" for n in ("elbow_flexion", "shoulder_elevation", "shoulder_plane")},
        ),
    ]:
        confidence = np.full_like(trust.confidence, 0.9)
        confidence[1, H36M17.index(joint)] = 0.2
        told = replace(person, trust=replace(trust, confidence=confidence))
        write_angles_csv(tmp_path / "x.angles.csv", replace(pair, people=(told,)))
        with (tmp_path / "x.angles.csv").open(encoding="ascii", newline="") as file:
            rows = list(csv.DictReader(file, strict=True))
        beliefs = {c.removesuffix("_confidence"): [row[c] for row in rows] for c in rows[0]}
        names = set(joint_angles_deg(person.motion))
        assert {n for n in names if beliefs[n] == ["0.90", "0.20", *["0.90"] * 3]} == doubted
        assert all(beliefs[n] == ["0.90"] * 5 for n in names - doubted)
        angle_deg = np.arange(5.0)
        for name in doubted:
            np.testing.assert_array_equal(believed(angle_deg, told, name), [0, np.nan, 2, 3, 4])


def test_results_that_do_not_tell_leave_the_column_empty(pair: Result, tmp_path: Path) -> None:
    untold = replace(pair, people=(replace(pair.people[0], trust=None),))
    write_angles_csv(tmp_path / "x.angles.csv", untold)
    with (tmp_path / "x.angles.csv").open(encoding="ascii", newline="") as file:
        rows = list(csv.DictReader(file, strict=True))
    assert {row["left_knee_flexion_confidence"] for row in rows} == {""}


@pytest.mark.slow
def test_every_person_has_a_picture(pair: Result, tmp_path: Path) -> None:
    paths = write_angles_plots(tmp_path / "x.angles.png", pair)
    assert [path.name for path in paths] == ["x.1.angles.png", "x.2.angles.png"]
    for path in paths:
        picture = matplotlib.image.imread(path)
        assert picture.shape[:2] == (SIZE_IN[1] * DPI, SIZE_IN[0] * DPI)


def test_the_panels_show_angles_that_there_are(moving: MakeMotion) -> None:
    drawn = {f"{side}_{name}" for side in ("left", "right") for name in PAIRS} | set(TRUNK)
    assert drawn <= set(joint_angles_deg(posed(moving, {})))
