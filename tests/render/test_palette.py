import cv2
import numpy as np
import pytest
from jaxtyping import Float

from pose3d_cli.render.palette import ON_DARK, ON_LIGHT, Palette, Rgb
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


both = pytest.mark.parametrize("palette", [ON_DARK, ON_LIGHT], ids=["dark", "light"])


@both
@pytest.mark.parametrize("name", DEFICIENCIES)
def test_left_and_right_stay_apart_whatever_the_eye(name: str, palette: Palette) -> None:
    left, right = (seen_lab(c, DEFICIENCIES[name]) for c in (palette.left, palette.right))
    assert np.linalg.norm(left - right) > 50


@both
@pytest.mark.parametrize("name", DEFICIENCIES)
def test_no_trunk_looks_like_a_side(name: str, palette: Palette) -> None:
    for middle in palette.middles:
        trunk = seen_lab(middle, DEFICIENCIES[name])
        for side in (palette.left, palette.right):
            assert np.linalg.norm(trunk - seen_lab(side, DEFICIENCIES[name])) > 20


def test_mirroring_a_skeleton_swaps_its_colours() -> None:
    swapped = {ON_DARK.left: ON_DARK.right, ON_DARK.right: ON_DARK.left}
    colours = ON_DARK.joints(H36M17, person_id=1)
    for joint, mirror in enumerate(H36M17.mirror):
        assert colours[mirror] == swapped.get(colours[joint], colours[joint])


@both
def test_left_joints_are_blue_and_right_ones_orange(palette: Palette) -> None:
    sides = {"left": palette.left, "right": palette.right}
    for name, colour in zip(H36M17.joints, palette.joints(H36M17, person_id=1), strict=True):
        assert colour == sides.get(name.split("_")[0], palette.middles[0]), name


@both
def test_people_differ_by_their_trunk_only(palette: Palette) -> None:
    first, second = (palette.joints(H36M17, person_id=n) for n in (1, 2))
    for a, b in zip(first, second, strict=True):
        assert (a == b) == (a in (palette.left, palette.right))


def test_any_number_of_people_has_colours() -> None:
    assert ON_DARK.middle(len(ON_DARK.middles) + 1) == ON_DARK.middles[0]
