from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from jaxtyping import Float

from pose3d_cli.render.inset import CORNERS, Inset, freest_corner
from pose3d_cli.render.layout import Corner
from pose3d_cli.sequences import Person

CLIP_PX = (320, 240)


def standing_at(person: Person, corner: Corner) -> Person:
    """Return somebody whose joints are all seen in a corner of the clip."""
    at = np.array(CLIP_PX) * [0.15 + 0.7 * side for side in corner]
    joints = at + np.random.default_rng(0).normal(0, 5, person.poses_2d.keypoints_px.shape)
    return replace(person, poses_2d=replace(person.poses_2d, keypoints_px=joints))


@pytest.fixture
def person(make_person: Callable[..., Person], pose_m: Float[np.ndarray, "17 3"]) -> Person:
    return make_person(np.tile(pose_m, (4, 1, 1)))


def test_an_empty_clip_has_its_inset_at_the_top_right() -> None:
    assert freest_corner([], CLIP_PX) == (1, 0)


@pytest.mark.parametrize("free", CORNERS)
def test_an_inset_goes_where_nobody_is(person: Person, free: Corner) -> None:
    others = [standing_at(person, corner) for corner in CORNERS if corner != free]
    assert freest_corner(others, CLIP_PX) == free


def test_view_border_and_picture_share_every_pixel() -> None:
    inset = Inset.of_size(80, 100)
    np.testing.assert_allclose(inset.view + inset.border + inset.picture, 1, atol=1e-6)
    assert inset.view[50, 40] == 1
    assert inset.picture[0, 0] == 1
    for shape in (inset.view, inset.border, inset.picture):
        np.testing.assert_allclose(shape, shape[::-1, ::-1], atol=0.02)


def test_an_inset_shows_the_view_and_keeps_the_picture_in_its_corners() -> None:
    inset = Inset.of_size(80, 100)
    picture = np.full((100, 80, 3), 10, np.uint8)
    inset.lay(np.full_like(picture, 200), picture)
    assert (picture[20:80, 20:60] == 200).all()
    assert (picture[0, 0] == 10).all()
