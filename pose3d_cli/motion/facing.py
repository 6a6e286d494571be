"""Which way a head is turned, as told by nose, eyes and ears in the picture.

The joints say where a head is and how it nods, but not how it is turned about itself. Five points of
the face do, if only by centimetres, so that a single frame is poor evidence: every turn is given
the chance that the picture gives it, nods aside, and the course of turns is smoothed by how sure each
is. Without evidence a head looks where the chest does.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Complex, Float

from pose3d_cli.geometry.camera import Camera
from pose3d_cli.geometry.rotations import (
    matrix_from_quaternion,
    multiply,
    quaternion_from_vector,
    rotate,
)
from pose3d_cli.sequences import SEEN, Face

FACE_M = np.array(
    [
        [0.0, -0.02, 0.115],
        [0.032, 0.03, 0.085],
        [-0.032, 0.03, 0.085],
        [0.072, 0, 0],
        [-0.072, 0, 0],
    ]
)
"""Nose, eyes and ears about the middle of the ears, x to the left, y up, z ahead: an adult's mean
(bitragion breadth 14.5 cm, pupils 6.4 cm apart; Farkas, Anthropometry of the Head and Face, 1994)."""
TURNS_RAD = np.radians(np.arange(-180.0, 180.0, 5.0))
NODS_RAD = np.radians([-30.0, -15.0, 0.0, 15.0, 30.0])
"""Turns that are tried, and nods by which the joints may be wrong."""
AHEAD = 4.0
"""How much heads prefer to look ahead: concentration of the turns, 30° (standard deviation)."""
OFF_M, OFF_PX = 0.025, 3.0
"""How far keypoints of a face are off."""
LASTING_S = 0.3
"""How long a head stays as it is turned."""
LEAST_DOUBT = 0.02
"""No frame is surer than this."""
AT_ONCE = 256
"""Frames of which all turns are tried together: 40 MB, however long the clip is."""
REST_WEIGHT = 0.3
"""Pull ahead of a frame that says nothing, against that of one that says a little."""


@dataclass(frozen=True, slots=True, eq=False)
class Facing:
    """A face in front of a camera in the world."""

    face: Face
    camera: Camera
    camera_from_world: Float[np.ndarray, "4 4"]

    def twist(
        self,
        head: Float[np.ndarray, "f 4"],
        along: Float[np.ndarray, "f 3"],
        *,
        at_m: Float[np.ndarray, "f 3"],
        fps: float,
    ) -> Float[np.ndarray, " f"]:
        """Return how far the head is turned about the direction in which it stands.

        Args:
            head: World_from_head without that turn.
            along: From the head's joint to its top (world).
            at_m: Where it is (world).
            fps: Frames per second.
        """
        ahead = AHEAD * np.cos(TURNS_RAD)
        blocks = [slice(start, start + AT_ONCE) for start in range(0, len(head), AT_ONCE)]
        misfits = [self._misfit(self._seen(b), head[b], along[b], at_m[b]) for b in blocks]
        mean = _mean(np.exp(ahead - np.concatenate(misfits)))
        sure = np.maximum(_sureness(mean) - _sureness(_mean(np.exp(ahead))), 0)
        return _smoothed(mean, sure, stiffness=(LASTING_S * fps) ** 2)

    def _seen(self, frames: slice) -> Face:
        return Face(self.face.keypoints_px[frames], self.face.confidence[frames])

    def _misfit(
        self,
        face: Face,
        head: Float[np.ndarray, "f 4"],
        along: Float[np.ndarray, "f 3"],
        at_m: Float[np.ndarray, "f 3"],
    ) -> Float[np.ndarray, "f t"]:
        """Return minus the logarithm of how likely the picture is, for every turn."""
        turn, shift = self.camera_from_world[:3, :3], self.camera_from_world[:3, 3]
        centre = at_m @ turn.T + shift
        nods = quaternion_from_vector(NODS_RAD[:, None] * np.array([1.0, 0.0, 0.0]))
        nodding = rotate(nods[:, None], FACE_M)
        turns = quaternion_from_vector(TURNS_RAD[:, None] * along[:, None])
        camera_from_head = turn @ matrix_from_quaternion(multiply(turns, head[:, None]))
        points = centre[:, None, :, None] + camera_from_head @ nodding.reshape(-1, 3).T
        points = points.reshape(*points.shape[:3], *nodding.shape[:2])
        seen = self.camera.rays(face.keypoints_px)[..., :2].transpose(0, 2, 1)
        off = points[:, :, :2] / points[:, :, 2:] - seen[:, None, :, None]
        weight = np.where(face.confidence < SEEN, 0.0, face.confidence)
        share = weight / np.maximum(weight.sum(1, keepdims=True), 1e-9)
        off -= (share[:, None, None, None] * off).sum(-1, keepdims=True)
        noise = np.hypot(OFF_M / centre[:, 2], OFF_PX / self.camera.focal_px)
        square = (np.square(off).sum(2) * weight[:, None, None]).sum(-1)
        misfit = square / (2 * noise[:, None, None] ** 2)
        return np.asarray(-np.logaddexp.reduce(-misfit, axis=2))


def _mean(chance: Float[np.ndarray, "*f t"]) -> Complex[np.ndarray, "*f"]:
    """Return the mean direction of turns with these chances; it is the shorter the less sure."""
    return np.asarray((chance * np.exp(1j * TURNS_RAD)).sum(-1) / chance.sum(-1))


def _sureness(mean: Complex[np.ndarray, "*f"]) -> Float[np.ndarray, "*f"]:
    return np.asarray(np.abs(mean) / np.maximum(1 - np.abs(mean), LEAST_DOUBT))


def _smoothed(
    mean: Complex[np.ndarray, " f"], sure: Float[np.ndarray, " f"], *, stiffness: float
) -> Float[np.ndarray, " f"]:
    """Return turns that change slowly, near the sure ones, and ahead if none is."""
    from scipy.linalg import solveh_banded

    # The first row stays empty: for two, SciPy takes a routine that fails on single frames.
    system = np.zeros((3, len(mean)))
    system[2] = sure + REST_WEIGHT
    system[2, 1:] += stiffness
    system[2, :-1] += stiffness
    system[1, 1:] = -stiffness
    turns = sure * mean / np.maximum(np.abs(mean), 1e-9) + REST_WEIGHT
    return np.asarray(np.angle(solveh_banded(system, turns)))
