"""The 2D skeleton over the original picture."""

from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Float, Int, UInt8

from pose3d_cli.render.easing import eased
from pose3d_cli.render.palette import ON_DARK, OUTLINE, Rgb
from pose3d_cli.sequences import Pose2DSequence

THICKNESS = 0.018
"""Radius of a hip over the size of a person in the picture."""
THINNER = {"knee": 0.85, "ankle": 0.6, "elbow": 0.7, "wrist": 0.5, "shoulder": 0.85, "nose": 0.6}
"""Radius of joints over that of a hip; 0.85 for all others."""
THINNEST_PX = 1.2
EDGE = 0.2
"""Width of the dark line around a limb over its radius: limbs stand out from bright and dark."""
FAINTEST = 0.3
"""Opacity of what was not seen; certain joints are opaque."""
SIZE_SMOOTHING_S = 0.5
SUBPIXEL_BITS = 4
ROUNDNESS = 9
"""Corners of a limb's round end."""


@dataclass(frozen=True, slots=True, eq=False)
class Overlay:
    """One person's skeleton, ready to be drawn into any frame: pixels of the output picture."""

    first_frame: int
    bones: tuple[tuple[int, int], ...]
    colours: tuple[Rgb, ...]
    """Of each joint; a bone has its child's."""
    joints_px: Float[np.ndarray, "f j 2"]
    radii_px: Float[np.ndarray, "f j"]
    opacity: Float[np.ndarray, "f j"]

    @classmethod
    def of(cls, poses: Pose2DSequence, *, person_id: int, scale: tuple[float, float]) -> "Overlay":
        """Work out lines as thick as the person is big, as opaque as their joints are certain.

        Args:
            poses: what to draw.
            person_id: decides the colour of the trunk.
            scale: output pixels per pixel of the clip, along x and y.
        """
        joints_px = poses.keypoints_px * scale
        shares = np.array([_share(name) for name in poses.skeleton.joints])
        size_px = _size_px(joints_px, fps=float(poses.fps))
        opacity = FAINTEST + (1 - FAINTEST) * np.clip(1.5 * poses.confidence, 0, 1)
        return cls(
            poses.first_frame,
            poses.skeleton.bones,
            ON_DARK.joints(poses.skeleton, person_id=person_id),
            joints_px,
            np.maximum(THICKNESS * size_px[:, None] * shares, THINNEST_PX),
            np.where(poses.observed, opacity, FAINTEST),
        )

    def draw(self, rgb: UInt8[np.ndarray, "h w 3"], *, frame: int) -> None:
        """Draw the skeleton into ``rgb``, unless the person is not there in this frame."""
        at = frame - self.first_frame
        if not 0 <= at < len(self.joints_px):
            return
        joints, reach = self.joints_px[at], 2 * self.radii_px[at].max() + 2
        low = np.clip(joints.min(axis=0) - reach, 0, rgb.shape[1::-1]).astype(int)
        high = np.clip(joints.max(axis=0) + reach, 0, rgb.shape[1::-1]).astype(int)
        if (low < high).all():
            window = rgb[low[1] : high[1], low[0] : high[0]]
            # OpenCV counts from the middle of the first pixel, we from its corner.
            _draw(window, self, joints - low - 0.5, at)


def _draw(
    window: UInt8[np.ndarray, "h w 3"],
    overlay: Overlay,
    joints_px: Float[np.ndarray, "j 2"],
    at: int,
) -> None:
    bones, radii = np.array(overlay.bones), overlay.radii_px[at]
    edge = np.maximum(EDGE * radii, 1)
    limbs = _outlines(joints_px[bones], radii[bones])
    borders = _outlines(joints_px[bones], (radii + edge)[bones])
    opacity = overlay.opacity[at][bones].min(axis=1)
    layer, weight = window.copy(), np.zeros(window.shape[:2], np.uint8)
    for i in np.argsort(opacity):
        _fill(weight, borders[i], 255 * opacity[i])
    for border in borders:  # all of them first, so that limbs of one body have no seams
        _fill(layer, border, OUTLINE)
    for limb, (_, child) in zip(limbs, overlay.bones, strict=True):
        _fill(layer, limb, overlay.colours[child])
    for joint, radius, colour in zip(joints_px, radii, overlay.colours, strict=True):
        _dot(layer, joint, 0.62 * radius, _pale(colour))
    share = weight.astype(np.float32) / 255
    window[:] = cv2.blendLinear(layer, window, share, 1 - share)


def _outlines(
    ends_px: Float[np.ndarray, "n 2 2"], radii_px: Float[np.ndarray, "n 2"]
) -> Int[np.ndarray, "n c 2"]:
    """Return the outlines of round cones, in OpenCV's fixed point."""
    way = ends_px[:, 1] - ends_px[:, 0]
    length = np.maximum(np.hypot(*way.T), 1e-6)
    ahead = np.arctan2(way[:, 1], way[:, 0])
    half = np.arccos(np.clip((radii_px[:, 0] - radii_px[:, 1]) / length, -1, 1))
    share = np.linspace(-1, 1, ROUNDNESS)
    angles = np.stack(
        [
            (ahead + np.pi)[:, None] + share * (np.pi - half)[:, None],
            ahead[:, None] + share * half[:, None],
        ],
        axis=1,
    )
    spokes = np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    corners = ends_px[:, :, None] + radii_px[:, :, None, None] * spokes
    return _fixed(corners.reshape(len(ends_px), -1, 2))


def _fill(
    picture: UInt8[np.ndarray, "h w *c"], outline: Int[np.ndarray, "c 2"], colour: Rgb | float
) -> None:
    cv2.fillConvexPoly(picture, outline, colour, cv2.LINE_AA, SUBPIXEL_BITS)


def _dot(
    picture: UInt8[np.ndarray, "h w 3"],
    centre_px: Float[np.ndarray, "2"],
    radius_px: float,
    colour: Rgb,
) -> None:
    x, y, radius = _fixed(np.array([*centre_px, radius_px])).tolist()
    cv2.circle(picture, (x, y), radius, colour, cv2.FILLED, cv2.LINE_AA, SUBPIXEL_BITS)


def _pale(colour: Rgb) -> Rgb:
    red, green, blue = ((value + 2 * 255) // 3 for value in colour)
    return red, green, blue


def _fixed(px: Float[np.ndarray, "*n"]) -> Int[np.ndarray, "*n"]:
    fixed: Int[np.ndarray, "*n"] = np.rint(px * 2**SUBPIXEL_BITS).astype(np.int32)
    return fixed


def _size_px(joints_px: Float[np.ndarray, "f j 2"], *, fps: float) -> Float[np.ndarray, " f"]:
    """Return how big a person is in the picture: steady, whatever they do with their arms."""
    width, height = np.ptp(joints_px, axis=1).T
    size = np.maximum(width, height)[:, None]
    return eased(size, frames=SIZE_SMOOTHING_S * fps)[:, 0]


def _share(joint: str) -> float:
    return next((share for name, share in THINNER.items() if name in joint), 0.85)
