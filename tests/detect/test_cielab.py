"""Colours are those that OpenCV works out."""

import cv2
import numpy as np
import pytest

from pose3d_cli.detect.cielab import lab_of


def test_colours_are_those_of_opencv() -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (2000, 3)).astype(np.uint8)

    known = cv2.cvtColor(rgb[None].astype(np.float32) / 255, cv2.COLOR_RGB2LAB)[0]
    np.testing.assert_allclose(lab_of(rgb), known, atol=0.4)  # OpenCV interpolates in tables


def test_greys_have_no_colour() -> None:
    lab = lab_of(np.arange(256, dtype=np.uint8)[:, None].repeat(3, axis=1))

    assert lab[[0, 255], 0] == pytest.approx([0, 100])
    assert (np.diff(lab[:, 0]) > 0).all()
    assert np.abs(lab[:, 1:]).max() < 1e-6
