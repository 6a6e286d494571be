from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from jaxtyping import UInt8

from pose3d_cli.render.palette import ON_DARK, Rgb
from pose3d_cli.render.shading import shades_of
from pose3d_cli.render.solids import Cones, paint
from pose3d_cli.render.theme import THEMES

LEFT, RIGHT = ON_DARK.left, ON_DARK.right
SHADES = shades_of([LEFT, RIGHT], THEMES["dark"])


def cone(
    *ends_px: tuple[float, float],
    depths_m: tuple[float, float] = (5, 5),
    radii_px: tuple[float, float] = (10, 10),
    colour: Rgb = RIGHT,
    opacity: float = 1.0,
) -> Cones:
    return Cones(
        ends_px=np.array([ends_px], float),
        depths_m=np.array([depths_m], float),
        radii_px=np.array([radii_px], float),
        px_per_m=np.array([100.0]),
        colours=np.array([int(colour == RIGHT)]),
        opacity=np.array([opacity]),
        lit_to_m=10.0,
    )


def body_of(*cones: Cones) -> Cones:
    """Return a body of these limbs."""
    parts = ("ends_px", "depths_m", "radii_px", "px_per_m", "colours", "opacity")
    joined = {part: np.concatenate([getattr(cone, part) for cone in cones]) for part in parts}
    return Cones(**joined, lit_to_m=10.0)


def painted(
    *cones: Cones, height: int = 100, width: int = 120, grey: int = 0
) -> UInt8[np.ndarray, "h w 3"]:
    """Paint limbs of one body."""
    rgb = np.full((height, width, 3), grey, np.uint8)
    paint(rgb, [body_of(*cones)] if cones else [], SHADES)
    return rgb


def is_blue(pixel: UInt8[np.ndarray, "3"]) -> bool:
    return int(pixel[2]) > int(pixel[0])


@pytest.mark.parametrize("blue_m", [4.0, 6.0])
def test_the_nearer_limb_hides_the_farther(blue_m: float) -> None:
    level = cone((20, 50), (100, 50))
    upright = cone((60, 10), (60, 90), depths_m=(blue_m, blue_m), colour=LEFT)
    for cones in ((level, upright), (upright, level)):
        assert is_blue(painted(*cones)[50, 60]) == (blue_m < 5)


def test_limbs_that_pass_through_each_other_are_hidden_only_where_they_are_behind() -> None:
    level = cone((20, 50), (100, 50))
    leaning = cone((20, 50), (100, 50), depths_m=(4, 6), colour=LEFT)
    picture = painted(level, leaning)
    assert is_blue(picture[50, 30])
    assert not is_blue(picture[50, 90])


def test_a_limb_in_front_darkens_what_is_well_behind_it() -> None:
    far, near = cone((20, 50), (100, 50)), cone((60, 10), (60, 90), depths_m=(4, 4))
    beside = np.s_[50, 73]
    assert painted(far, near)[beside].sum() < painted(far)[beside].sum()
    assert (painted(far, near)[50, 25] == painted(far)[50, 25]).all()


def test_two_halves_of_a_limb_have_no_seam() -> None:
    whole = painted(cone((20, 50), (100, 50), radii_px=(12, 8)))
    parts = painted(
        cone((20, 50), (60, 50), radii_px=(12, 10)), cone((60, 50), (100, 50), radii_px=(10, 8))
    )
    assert np.abs(whole.astype(int) - parts).max() <= 40  # at the very edge
    inside = np.s_[43:57, 20:100]
    assert np.abs(whole.astype(int) - parts)[inside].max() <= 25


def test_a_sphere_covers_its_disc() -> None:
    ball = painted(cone((60, 50), (60, 50), radii_px=(20, 20)))
    covered = np.count_nonzero(ball.any(axis=-1))
    assert covered == pytest.approx(np.pi * 20**2, rel=0.06)
    rows, columns = np.nonzero(ball.any(axis=-1))
    assert (rows.mean() + 0.5, columns.mean() + 0.5) == pytest.approx((50, 60), abs=0.05)


def test_edges_are_soft() -> None:
    ball = painted(cone((60, 50), (60, 50), radii_px=(20, 20))).astype(int).sum(axis=-1)
    assert max(abs(b - a) for a, b in pairwise(ball[50, 36:44].tolist())) < ball[50, 44] * 0.9


def test_what_is_outside_of_the_picture_does_not_show() -> None:
    outside = [
        cone((-80, 50), (-40, 50)),
        cone((60, 300), (60, 400)),
        cone((500, -500), (600, -90)),
    ]
    assert not painted(*outside).any()


def test_a_limb_that_is_cut_by_the_border_looks_the_same_as_in_a_larger_picture() -> None:
    long = cone((-30, 50), (60, -20), radii_px=(25, 9))
    large = np.zeros((300, 320, 3), np.uint8)
    moved = cone((70, 150), (160, 80), radii_px=(25, 9))
    paint(large, [moved], SHADES)
    assert (painted(long) == large[100:200, 100:220]).all()


def test_no_cones_leave_the_picture_alone() -> None:
    assert not painted().any()


def test_a_limb_that_points_at_the_viewer_looks_like_its_wider_end() -> None:
    ball = painted(cone((60, 50), (60, 50), radii_px=(20, 20)))
    for ends in (((60, 50), (60, 50)), ((60, 50), (63, 52))):
        tip = painted(cone(*ends, depths_m=(5, 4.6), radii_px=(20, 9)))
        assert (tip.any(axis=-1) == ball.any(axis=-1)).mean() > 0.995


@pytest.mark.parametrize("length_px", [13.0, 20.0, 60.0])
def test_the_outline_of_a_round_cone_has_straight_tangent_sides(length_px: float) -> None:
    ends = np.array([[30.0, 50.0], [30.0 + length_px, 50.0]])
    rows, columns = np.mgrid[:100, :120] + 0.5
    inside = np.zeros((100, 120), bool)
    for share in np.linspace(0, 1, 400):  # a round cone is the union of its spheres
        x, y = ends[0] + share * (ends[1] - ends[0])
        inside |= np.hypot(columns - x, rows - y) < 20 - 12 * share
    picture = painted(cone(*[(x, y) for x, y in ends.tolist()], radii_px=(20, 8)))
    assert np.count_nonzero(picture.any(axis=-1) & ~inside) < 0.12 * inside.sum()
    assert picture[inside].any(axis=-1).all()


def test_mirrored_limbs_have_the_mirrored_outline_and_order() -> None:
    far = ((20.0, 30.0), (90.0, 60.0))
    near = ((30.0, 80.0), (80.0, 20.0))

    def both(turn: Callable[[float], float]) -> UInt8[np.ndarray, "h w 3"]:
        (a, b), (c, d) = [[(turn(x), y) for x, y in ends] for ends in (far, near)]
        return painted(cone(a, b, radii_px=(14, 9)), cone(c, d, depths_m=(4, 4), colour=LEFT))

    plain, mirrored = both(lambda x: x), both(lambda x: 120 - x)[:, ::-1]
    assert (plain.any(axis=-1) == mirrored.any(axis=-1)).mean() > 0.9995
    blue, blue_mirrored = (p[..., 2] > p[..., 0] for p in (plain, mirrored))
    assert (blue == blue_mirrored).mean() > 0.995


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_nearer_body_is_in_front_whatever_the_order(order: tuple[int, int]) -> None:
    bodies = [cone((20, 50), (100, 50)), cone((60, 10), (60, 90), depths_m=(4, 4), colour=LEFT)]
    rgb = np.zeros((100, 120, 3), np.uint8)
    paint(rgb, [bodies[i] for i in order], SHADES)
    assert is_blue(rgb[50, 60])
    assert not is_blue(rgb[50, 30])


def test_a_faint_body_is_an_even_ghost() -> None:
    """Where limbs of one body overlap, no more of them is seen than elsewhere."""
    limbs = [
        cone((20, 50), (60, 50), opacity=0.3),
        cone((50, 50), (100, 50), opacity=0.3),
    ]
    solid = [cone((20, 50), (60, 50)), cone((50, 50), (100, 50))]
    ghost, body = painted(*limbs, grey=100).astype(float), painted(*solid, grey=100).astype(float)
    inside = np.s_[44:57, 24:96]
    np.testing.assert_allclose(ghost[inside], 70 + 0.3 * body[inside], atol=2)


def test_what_cannot_be_seen_leaves_no_trace() -> None:
    assert (painted(cone((20, 50), (100, 50), opacity=0.0), grey=77) == 77).all()
