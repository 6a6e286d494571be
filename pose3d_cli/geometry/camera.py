"""A pinhole camera without distortion, its axis through the middle of the picture."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

TYPICAL_FOCAL = 1.2
"""Focal length over the picture's longer side that is assumed when nobody knows better.

A 45° view along the longer side: between a phone's main camera (0.75–0.8 with video cropping) and
a lens set back for sports (2 and more).
"""


@dataclass(frozen=True, slots=True)
class Camera:
    """Intrinsics; the camera frame is x right, y down, z forward, in metres (OpenCV)."""

    width_px: int
    height_px: int
    focal_px: float
    focal_source: str
    """``"assumed"``, ``"metadata"`` of the file, or ``"option"``."""

    @classmethod
    def assumed(cls, width_px: int, height_px: int) -> "Camera":
        """Return the camera that is taken when the focal length is unknown."""
        return cls(width_px, height_px, TYPICAL_FOCAL * max(width_px, height_px), "assumed")

    @property
    def centre_px(self) -> Float[np.ndarray, "2"]:
        """The principal point: the middle of the picture."""
        return np.array([self.width_px / 2, self.height_px / 2])

    def project(self, points_camera_m: Float[np.ndarray, "*n 3"]) -> Float[np.ndarray, "*n 2"]:
        """Return the pixels at which points in front of the camera are seen."""
        plane = points_camera_m[..., :2] / points_camera_m[..., 2:]
        return np.asarray(plane * self.focal_px + self.centre_px)

    def rays(self, points_px: Float[np.ndarray, "*n 2"]) -> Float[np.ndarray, "*n 3"]:
        """Return the direction towards each pixel, scaled to depth 1."""
        plane = (points_px - self.centre_px) / self.focal_px
        return np.concatenate([plane, np.ones_like(plane[..., :1])], axis=-1)
