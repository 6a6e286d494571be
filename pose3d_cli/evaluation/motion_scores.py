"""How good a solved motion is against a planted one."""

import numpy as np
from jaxtyping import Float

from pose3d_cli.evaluation.planted import ANKLES, Planted
from pose3d_cli.geometry.align import aligned
from pose3d_cli.geometry.rotations import multiply, rotate, unit
from pose3d_cli.motion.rig import forward_kinematics
from pose3d_cli.sequences import Motion, WorldPoses
from pose3d_cli.skeleton import H36M17, RIG

FAST = 0.9
"""Joints count as fast in the frames above this quantile of their true speeds."""
SOLES = [RIG.index(f"{side}{part}") for side in ("Left", "Right") for part in ("Foot", "FootEnd")]


def motion_scores(world: WorldPoses, motion: Motion, *, truth: Planted) -> dict[str, float]:
    """Return errors and flaws of a motion, each with its unit in its name; less is better.

    ``root_m`` is after a rotation about the vertical and a shift along the floor, so that tilts and
    wrong heights count; ``path_m`` is after the best rotation and shift of the whole clip.
    ``skate_cm_s`` is the speed along the floor of ankles whose true foot stands, and
    ``float_mm`` how far from their true height these ankles are.
    """
    found, fps = world.positions_m, float(motion.fps)
    true = truth.world_m
    upright = _about_vertical(found, true)
    rigid = aligned(found.reshape(-1, 3), to=true.reshape(-1, 3), scale=False).reshape(true.shape)
    fast = _speeds(true, fps) > np.quantile(_speeds(true, fps), FAST, axis=0)
    velocity = np.linalg.norm(np.diff(rigid - true, axis=0), axis=-1) * fps
    acceleration = np.linalg.norm(np.diff(rigid - true, 2, axis=0), axis=-1) * fps**2
    relative = np.linalg.norm((rigid - rigid[:, :1]) - (true - true[:, :1]), axis=-1)
    return {
        "root_m": _rms(upright[:, 0] - true[:, 0]),
        "path_m": _rms(rigid[:, 0] - true[:, 0]),
        "gravity_deg": _gravity_deg(world, truth),
        **_feet(world, motion, truth),
        "joints_mm": 1e3 * float(relative.mean()),
        "velocity_mm_s": 1e3 * float(velocity.mean()),
        "fast_velocity_mm_s": 1e3 * float(velocity[fast].mean()) if fast.any() else 0.0,
        "acceleration_m_s2": float(acceleration.mean()),
        "jitter_m_s3": float(np.linalg.norm(np.diff(found, 3, axis=0), axis=-1).mean() * fps**3),
        "head_deg": _head_deg(motion, truth),
        "bone_spread_pct": _bone_spread_pct(found),
    }


def _rms(off_m: Float[np.ndarray, "f 3"]) -> float:
    return float(np.sqrt(np.square(off_m).sum(-1).mean()))


def _speeds(positions_m: Float[np.ndarray, "f j 3"], fps: float) -> Float[np.ndarray, "f j"]:
    return np.asarray(np.linalg.norm(np.diff(positions_m, axis=0), axis=-1) * fps)


def _about_vertical(
    found: Float[np.ndarray, "f j 3"], true: Float[np.ndarray, "f j 3"]
) -> Float[np.ndarray, "f j 3"]:
    """Return the found joints turned about y and moved along the floor as near as they get."""
    a, b = (v[..., 0] + 1j * v[..., 2] for v in (found, true))
    turn = ((b - b.mean()) * (a - a.mean()).conj()).sum()
    moved = (a - a.mean()) * turn / max(abs(turn), 1e-12) + b.mean()
    return np.stack([moved.real, found[..., 1], moved.imag], axis=-1)


def _gravity_deg(world: WorldPoses, truth: Planted) -> float:
    cosine = world.camera_from_world[:3, 1] @ truth.camera_from_world[:3, 1]
    return float(np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))))


def _head_deg(motion: Motion, truth: Planted) -> float:
    """Return how far, on average, the line from ear to ear is turned wrongly."""
    world = np.array([1.0, 0.0, 0.0, 0.0])
    for joint in _chain(RIG.index("Head")):
        world = multiply(world, motion.rotations_wxyz[:, joint])
    found = rotate(world, np.array([1.0, 0.0, 0.0]))
    true = unit(truth.ears_m[:, 0] - truth.ears_m[:, 1])
    return float(np.degrees(np.arccos(np.clip((found * true).sum(-1), -1.0, 1.0))).mean())


def _chain(joint: int) -> list[int]:
    """Return the joints from the root to this one."""
    return [*_chain(RIG.parents[joint]), joint] if joint >= 0 else []


def _feet(world: WorldPoses, motion: Motion, truth: Planted) -> dict[str, float]:
    ankles = world.positions_m[:, ANKLES]
    true = truth.world_m[:, ANKLES]
    still = truth.stands[1:] & truth.stands[:-1]
    speed = np.linalg.norm(np.diff(ankles[..., ::2], axis=0), axis=-1) * float(motion.fps)
    off = np.abs(ankles[..., 1] - true[..., 1])
    soles = forward_kinematics(motion)[:, SOLES, 1].min(1)
    return {
        "skate_cm_s": 1e2 * float(speed[still].mean()) if still.any() else 0.0,
        "float_mm": 1e3 * float(off[truth.stands].mean()) if truth.stands.any() else 0.0,
        "penetration_mm": 1e3 * float(np.maximum(-soles, 0).mean()),
    }


def _bone_spread_pct(positions_m: Float[np.ndarray, "f 17 3"]) -> float:
    parents, joints = np.array(H36M17.bones).T
    lengths = np.linalg.norm(positions_m[:, joints] - positions_m[:, parents], axis=-1)
    return 100 * float((lengths.std(0) / lengths.mean(0)).mean())
