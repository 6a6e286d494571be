import numpy as np

from pose3d_cli.render.palette import ON_DARK
from pose3d_cli.render.shading import KEY_LIGHT, SHADES, lit_sphere
from pose3d_cli.render.theme import THEMES

LEFT, RIGHT, DARK = ON_DARK.left, ON_DARK.right, THEMES["dark"]


def test_the_side_towards_the_light_is_the_brightest() -> None:
    sphere = lit_sphere(RIGHT, DARK).astype(float).sum(axis=-1)
    x, y = KEY_LIGHT[:2] / np.linalg.norm(KEY_LIGHT)
    at, away = ((np.array([y, x]) * sign + 1) * (SHADES - 1) / 2 for sign in (1, -1))
    lit, dark = (sphere[tuple(np.rint(place).astype(int))] for place in (at, away))
    assert lit > 1.5 * dark


def test_light_keeps_a_colour_recognisable() -> None:
    middle = SHADES // 2
    red, green, blue = lit_sphere(LEFT, DARK)[middle, middle].tolist()
    assert blue > green > red
    red, green, blue = lit_sphere(RIGHT, DARK)[middle, middle].tolist()
    assert red > green > blue


def test_there_is_a_shade_for_what_lies_outside_of_the_sphere() -> None:
    assert lit_sphere(RIGHT, DARK).shape == (SHADES, SHADES, 3)
    assert lit_sphere(RIGHT, DARK)[0, 0].any()
