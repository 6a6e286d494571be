import cv2
import numpy as np
import pytest
from jaxtyping import Float

from pose3d_cli.render.palette import LEFT, MIDDLES, RIGHT, Rgb, joint_colours
from pose3d_cli.skeleton import H36M17

# Machado, Oliveira and Fernandes, "A Physiologically-based Model for Simulation of Color Vision
# Deficiency", 2009: severity 1, on linear RGB.
DEFICIENCIES = {
    "none": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}


def seen_lab(colour: Rgb, deficiency: Float[np.ndarray, "3 3"]) -> Float[np.ndarray, "3"]:
    encoded = np.array(colour) / 255
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    seen = np.clip(deficiency @ linear, 0, 1)
    again = np.where(seen <= 0.0031308, 12.92 * seen, 1.055 * seen ** (1 / 2.4) - 0.055)
    lab = cv2.cvtColor(again[None, None].astype(np.float32), cv2.COLOR_RGB2LAB)
    return np.asarray(lab[0, 0])


@pytest.mark.parametrize("name", DEFICIENCIES)
def test_left_and_right_stay_apart_whatever_the_eye(name: str) -> None:
    left, right = (seen_lab(colour, DEFICIENCIES[name]) for colour in (LEFT, RIGHT))
    assert np.linalg.norm(left - right) > 50


@pytest.mark.parametrize("name", DEFICIENCIES)
@pytest.mark.parametrize("middle", MIDDLES)
def test_no_trunk_looks_like_a_side(middle: Rgb, name: str) -> None:
    trunk = seen_lab(middle, DEFICIENCIES[name])
    for side in (LEFT, RIGHT):
        assert np.linalg.norm(trunk - seen_lab(side, DEFICIENCIES[name])) > 20


def test_mirroring_a_skeleton_swaps_its_colours() -> None:
    swapped = {LEFT: RIGHT, RIGHT: LEFT}
    colours = joint_colours(H36M17, person_id=1)
    for joint, mirror in enumerate(H36M17.mirror):
        assert colours[mirror] == swapped.get(colours[joint], colours[joint])


def test_left_joints_are_blue_and_right_ones_orange() -> None:
    colours = joint_colours(H36M17, person_id=1)
    for name, colour in zip(H36M17.joints, colours, strict=True):
        expected = {"left": LEFT, "right": RIGHT}.get(name.split("_")[0], MIDDLES[0])
        assert colour == expected, name


def test_people_differ_by_their_trunk_only() -> None:
    first, second = (joint_colours(H36M17, person_id=n) for n in (1, 2))
    for a, b in zip(first, second, strict=True):
        assert (a == b) == (a in (LEFT, RIGHT))


def test_any_number_of_people_has_colours() -> None:
    assert joint_colours(H36M17, person_id=len(MIDDLES) + 1)[0] == MIDDLES[0]
