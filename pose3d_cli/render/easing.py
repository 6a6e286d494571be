"""Slow changes: what the camera and line widths do must not be noticed."""

import math

import cv2
import numpy as np
from jaxtyping import Float


def eased(values: Float[np.ndarray, "f n"], *, frames: float) -> Float[np.ndarray, "f n"]:
    """Return values blurred over time, with a standard deviation of so many frames."""
    size = (1, 2 * math.ceil(3 * frames) + 1)
    return cv2.GaussianBlur(values, size, 1, sigmaY=frames, borderType=cv2.BORDER_REPLICATE)
