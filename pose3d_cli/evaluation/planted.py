"""Recorded motion in front of cameras that are known to the last digit: truth for motion solving.

Unlike the views that lifters are trained with, a planted clip has a whole world: a floor, a camera
with a place and a tilt, and feet that are known to stand. The detector here is another one too: its
confidence tells, roughly, how wrong it is, as a real one's does.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import torch
from jaxtyping import Bool, Float
from scipy.ndimage import gaussian_filter1d

from pose3d_cli.datasets.bodies import Bodies, coco_points, with_varied_bones
from pose3d_cli.datasets.mocap import Corpus
from pose3d_cli.geometry.camera import Camera
from pose3d_cli.geometry.remap import (
    h36m_confidence_from_coco,
    h36m_from_coco,
    h36m_observed_from_coco,
)
from pose3d_cli.geometry.rotations import matrix_from_euler
from pose3d_cli.sequences import Face, Pose2DSequence
from pose3d_cli.skeleton import H36M17

WIDTH_PX, HEIGHT_PX = 1920, 1080
LONGEST_FRAMES, SHORTEST_FRAMES = 300, 60
BODIES = Bodies(children=0.0, long_trunk=0.0, hip_rise_m=0.02)
LEVEL = np.diag([1.0, -1.0, -1.0])
TOES = slice(22, 24)
"""Left and right ball of the foot, in a corpus."""
EARS = slice(20, 22)
"""Likewise of the ears."""
ANKLES = (6, 3)
BALL_HEIGHT_M = 0.02
STANDING_M_S, STANDING_M = 0.15, 0.06
"""A foot stands whose ball is slower and lower than this."""
LOST_BELOW = 0.3
"""Confidence at which a keypoint counts as not seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """How a clip is filmed."""

    noise: float = 1.0
    """Multiplies the errors of the simulated detector."""
    seed: int = 0
    roll_deg: float = 0.0
    """How far cameras are turned about their line of sight, besides the degree or two of a hand."""


@dataclass(frozen=True, slots=True, eq=False)
class Planted:
    """A clip, what a detector saw of it, and the truth."""

    name: str
    camera: Camera
    seen: Pose2DSequence
    world_m: Float[np.ndarray, "f 17 3"]
    """World: y up, floor at 0."""
    camera_from_world: Float[np.ndarray, "4 4"]
    stands: Bool[np.ndarray, "f 2"]
    """Whether the left and the right foot stand still on the floor."""
    ears_m: Float[np.ndarray, "f 2 3"]
    """The left and the right one: how the head is turned."""

    @property
    def camera_m(self) -> Float[np.ndarray, "f 17 3"]:
        """The joints in the axes of the camera."""
        transform = self.camera_from_world
        return np.asarray(self.world_m @ transform[:3, :3].T + transform[:3, 3])


def planted_clips(
    corpus: Corpus, *, count: int, conditions: Conditions, longest_frames: int = LONGEST_FRAMES
) -> Iterator[Planted]:
    """Yield that many clips, spread evenly over a corpus, each before another camera."""
    long_enough = np.flatnonzero(corpus.length.numpy() >= SHORTEST_FRAMES)
    chosen = long_enough[
        np.linspace(0, len(long_enough) - 1, min(count, len(long_enough))).astype(int)
    ]
    for clip in chosen.tolist():
        rng = np.random.default_rng([conditions.seed, clip])
        frames = min(int(corpus.length[clip]), longest_frames)
        start = int(corpus.start[clip]) + int(
            rng.integers(int(corpus.length[clip]) - frames, endpoint=True)
        )
        points = corpus.positions_m[start : start + frames]
        yield _planted(
            f"{corpus.source[clip]}/{clip}", points, corpus.fps, conditions=conditions, rng=rng
        )


def _planted(
    name: str,
    points: torch.Tensor,
    fps: float,
    *,
    conditions: Conditions,
    rng: np.random.Generator,
) -> Planted:
    generator = torch.Generator().manual_seed(int(rng.integers(2**31)))
    body = with_varied_bones(points[None], bodies=BODIES, generator=generator)
    marked = coco_points(body, bodies=BODIES, generator=generator)
    world, coco = (_upright(v[0].numpy().astype(float)) for v in (body, marked))
    floor = np.percentile(world[:, TOES, 1].min(1), 2) - BALL_HEIGHT_M
    for joints in (world, coco):
        joints[..., 1] -= floor
    yaw = matrix_from_euler(np.array([0.0, rng.uniform(-np.pi, np.pi), 0.0]), order="XYZ")
    world, coco = world @ yaw.T, coco @ yaw.T
    camera, camera_from_world = _camera(world, rng, roll_deg=conditions.roll_deg)
    in_camera = coco @ camera_from_world[:3, :3].T + camera_from_world[:3, 3]
    keypoints, confidence = _detected(
        camera.project(in_camera), noise=conditions.noise, fps=fps, rng=rng
    )
    rate = Fraction(fps).limit_denominator(1001)
    seen = Pose2DSequence(
        H36M17,
        0,
        np.arange(len(world)) / fps,
        rate,
        h36m_from_coco(keypoints),
        h36m_confidence_from_coco(confidence),
        h36m_observed_from_coco(confidence > 0),
        Face(keypoints[:, :5], confidence[:, :5]),
    )
    return Planted(
        name,
        camera,
        seen,
        world[:, :17],
        camera_from_world,
        _stands(world[:, TOES], fps),
        world[:, EARS],
    )


def _upright(points: Float[np.ndarray, "f j 3"]) -> Float[np.ndarray, "f j 3"]:
    """From the corpus' z up to the world's y up."""
    return np.stack([points[..., 0], points[..., 2], -points[..., 1]], axis=-1)


def _camera(
    world_m: Float[np.ndarray, "f j 3"], rng: np.random.Generator, *, roll_deg: float
) -> tuple[Camera, Float[np.ndarray, "4 4"]]:
    """Return a camera on a stand or in a hand that has the whole way in its picture."""
    focal_px = float(np.exp(rng.uniform(np.log(0.75), np.log(2.2)))) * WIDTH_PX
    camera = Camera(WIDTH_PX, HEIGHT_PX, focal_px, "option")
    pitch, roll = np.radians([rng.normal(7.0, 9.0), rng.normal(roll_deg, 2.0)])
    rotation = LEVEL @ matrix_from_euler(np.array([-pitch, 0.0, -roll]), order="XYZ").T
    middle = (world_m.min((0, 1)) + world_m.max((0, 1))) / 2
    relative = (world_m - middle) @ rotation.T
    half_picture = 0.48 * np.array([WIDTH_PX, HEIGHT_PX]) / focal_px
    depth = (np.abs(relative[..., :2]) / half_picture - relative[..., 2:]).max()
    depth = max(depth * rng.uniform(1.0, 1.6), 1.0 - relative[..., 2].min())
    transform = np.eye(4)
    transform[:3, :3] = rotation
    transform[:3, 3] = [0.0, 0.0, depth] - rotation @ middle
    return camera, transform


def _detected(
    exact_px: Float[np.ndarray, "f 17 2"], *, noise: float, fps: float, rng: np.random.Generator
) -> tuple[Float[np.ndarray, "f 17 2"], Float[np.ndarray, "f 17"]]:
    """Mark keypoints as a detector does: jitter, drift, bias, and stretches that it can only guess.

    Sizes of errors are shares of the person's; where a joint is hard to see, both the error grows
    and the confidence falls, and below a threshold the joint is lost and bridged.
    """
    frames, joints, _ = exact_px.shape
    size = np.ptp(exact_px, axis=1).max(-1)[:, None, None]
    level = noise * np.exp(rng.uniform(np.log(0.004), np.log(0.012)))
    hard = gaussian_filter1d(rng.normal(size=(frames, joints)), 0.3 * fps, axis=0, mode="nearest")
    hard /= hard.std() + 1e-9
    hard = np.clip(hard - 1.2, 0.0, 2.0) * min(noise, 1.0)
    drift = gaussian_filter1d(rng.normal(size=(frames, joints, 2)), 0.1 * fps, axis=0)
    drift /= drift.std() + 1e-9
    error = 0.5 * rng.normal(size=(frames, joints, 2)) + drift
    error = error * (1 + 4 * hard[..., None]) + 0.7 * rng.normal(size=(1, joints, 2))
    worse = np.ones((joints, 1))
    worse[[9, 10, 15, 16]] = 1.5
    keypoints = exact_px + size * level * worse * error
    confidence = np.clip(0.95 - 0.45 * hard - 0.05 * rng.random((frames, joints)), 0.0, 1.0)
    confidence[confidence < LOST_BELOW] = 0.0
    return _bridged(keypoints, confidence > 0), confidence


def _bridged(
    keypoints_px: Float[np.ndarray, "f j 2"], known: Bool[np.ndarray, "f j"]
) -> Float[np.ndarray, "f j 2"]:
    frames = np.arange(len(keypoints_px))
    filled = keypoints_px.copy()
    for joint in np.flatnonzero(known.any(0) & ~known.all(0)):
        seen = known[:, joint]
        for axis in range(2):
            filled[:, joint, axis] = np.interp(
                frames, frames[seen], keypoints_px[seen, joint, axis]
            )
    return filled


def _stands(toes_m: Float[np.ndarray, "f 2 3"], fps: float) -> Bool[np.ndarray, "f 2"]:
    speed = np.linalg.norm(np.gradient(toes_m, axis=0), axis=-1) * fps
    return np.asarray((speed < STANDING_M_S) & (toes_m[..., 1] < STANDING_M))
