"""Colours as they look: CIELAB.

OpenCV works out its tables anew for every call, which takes 0.6 ms: longer than all else that is done
to the few colours of a person.
"""

import numpy as np
from jaxtyping import Float, UInt8

_SRGB = np.arange(256) / 255
_LINEAR = np.where(_SRGB > 0.04045, ((_SRGB + 0.055) / 1.055) ** 2.4, _SRGB / 12.92)
"""IEC 61966-2-1."""
_XYZ_FROM_RGB = np.array(
    [[0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169], [0.019334, 0.119193, 0.950227]]
)
"""ITU-R BT.709's primaries, white being D65, which is …"""
_WHITE_XYZ = _XYZ_FROM_RGB.sum(axis=1)
_LINEAR_BELOW = (6 / 29) ** 3


def lab_of(rgb: UInt8[np.ndarray, "n 3"]) -> Float[np.ndarray, "n 3"]:
    """Return lightness (0 to 100) and both colour axes (about -128 to 128) of sRGB.

    CIE 15, equations 8.3 to 8.11.
    """
    xyz = _LINEAR[rgb] @ (_XYZ_FROM_RGB.T / _WHITE_XYZ)
    x, y, z = np.where(xyz > _LINEAR_BELOW, np.cbrt(xyz), xyz * (841 / 108) + 4 / 29).T
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)
