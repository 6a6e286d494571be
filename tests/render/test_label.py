import numpy as np
import pytest
from jaxtyping import UInt8

from pose3d_cli.render.label import Label
from pose3d_cli.render.palette import ON_DARK, ON_LIGHT, Rgb


def drawn(number: int, *, at_px: tuple[float, float] = (60, 50)) -> UInt8[np.ndarray, "h w 3"]:
    rgb = np.full((100, 120, 3), 128, np.uint8)
    label = Label.of(number, ON_DARK.middle(1), panel_height_px=1000)
    label.draw(rgb, at_px=np.array(at_px, float))
    return rgb


def test_a_label_is_centred_and_as_high_as_the_panel_asks_for() -> None:
    rows, columns = np.nonzero((drawn(1) != 128).any(axis=-1))
    assert (columns.mean() + 0.5, rows.mean() + 0.5) == pytest.approx((60, 50), abs=0.6)
    assert np.ptp(rows) + 1 == pytest.approx(34, abs=1)


def test_numbers_differ() -> None:
    assert (drawn(1) != drawn(2)).any()


def test_a_longer_number_has_a_wider_label() -> None:
    one, three = (np.nonzero((drawn(n) != 128).any(axis=-1))[1] for n in (1, 123))
    assert np.ptp(three) > np.ptp(one) + 10


@pytest.mark.parametrize("at_px", [(-500, 50), (60, 5000), (0, 0), (120, 100), (-3, 99)])
def test_what_is_outside_of_the_picture_is_cut(at_px: tuple[float, float]) -> None:
    large = np.full((1100, 1120, 3), 128, np.uint8)
    label = Label.of(1, ON_DARK.middle(1), panel_height_px=1000)
    label.draw(large, at_px=np.array(at_px, float) + 500)
    assert (drawn(1, at_px=at_px) == large[500:600, 500:620]).all()


@pytest.mark.parametrize("colour", [*ON_DARK.middles, *ON_LIGHT.middles])
def test_a_number_can_be_read_on_every_colour(colour: Rgb) -> None:
    label = Label.of(8, colour, panel_height_px=1000)
    height, width = label.cover.shape
    middle = label.rgb[height // 4 : -height // 4, width // 4 : -width // 4].astype(int)
    assert np.abs(middle.sum(axis=-1) - sum(colour)).max() > 200
