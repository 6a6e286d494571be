"""What a viewer page knows of a result: small columns in a JSON text."""

import base64
import json

import numpy as np
from jaxtyping import Float

from pose3d_cli.export.joint_angles import joint_angles_deg
from pose3d_cli.sequences import Person, Result
from pose3d_cli.skeleton import H36M17, Skeleton

STEPS = {
    "joints_m": 0.0005,
    "keypoints_px": 0.25,
    "confidence": 0.001,
    "certainty": 0.001,
    "angles_deg": 0.02,
}
"""Finer than can be seen; the wider the range, the coarser, so that 16 bits hold it."""
FEET = ("left_ankle", "right_ankle")
LARGEST = 2**15 - 1
TIME_S_DECIMALS = 5


def clip_data(result: Result, *, video: dict[str, str]) -> str:
    """Return the JSON text, free of anything that could end its script element.

    Raises:
        ValueError: the result holds NaN, or a motion that is not one of ``RIG``.
    """
    skeletons = [person.world.skeleton for person in result.people] or [H36M17]
    document = {
        "name": result.clip.path.name,
        "width_px": result.clip.width_px,
        "height_px": result.clip.height_px,
        "fps": round(float(result.clip.played_fps), 3),
        "times_s": np.round(result.played_s, TIME_S_DECIMALS).tolist(),
        "skeleton": _skeleton(skeletons[0]),
        "people": [_person(person) for person in result.people],
        "video": video,
    }
    return json.dumps(document, separators=(",", ":")).replace("<", "\\u003c")


def packed(values: Float[np.ndarray, "f ..."], *, step: float) -> dict[str, object]:
    """Return a column as base64 of 16-bit steps around its middle.

    Raises:
        ValueError: the column holds NaN.
    """
    if not np.all(np.isfinite(values)):
        raise ValueError("the result holds NaN")
    low, high = float(values.min()), float(values.max())
    offset = (low + high) / 2
    step = max(step, (high - low) / 2 / LARGEST)
    steps = np.round((values - offset) / step).astype("<i2")
    return {
        "shape": list(values.shape),
        "step": step,
        "offset": offset,
        "data": base64.b64encode(steps.tobytes()).decode("ascii"),
    }


def _skeleton(skeleton: Skeleton) -> dict[str, object]:
    """Return what is needed to draw it; sides are 0 middle, 1 left, 2 right."""
    sides = [0] * len(skeleton)
    for left, right in skeleton.mirror_pairs:
        sides[left], sides[right] = 1, 2
    return {
        "joints": list(skeleton.joints),
        "parents": list(skeleton.parents),
        "sides": sides,
        "head": skeleton.index("head") if "head" in skeleton.joints else -1,
        "feet": [skeleton.index(foot) for foot in FEET if foot in skeleton.joints],
    }


def _person(person: Person) -> dict[str, object]:
    columns = {
        "joints_m": person.world.positions_m,
        "keypoints_px": person.poses_2d.keypoints_px,
        "confidence": person.poses_2d.confidence * person.poses_2d.observed,
        "certainty": _certainty(person),
    }
    stands = [] if person.trust is None else person.trust.stands.astype(int).tolist()
    return {
        "id": person.id,
        "stands": stands,
        "start": person.poses_2d.first_frame,
        "count": len(person.poses_2d.times_s),
        **{name: packed(values, step=STEPS[name]) for name, values in columns.items()},
        "angles_deg": {
            name: packed(values, step=STEPS["angles_deg"])
            for name, values in joint_angles_deg(person.motion).items()
        },
    }


def _certainty(person: Person) -> Float[np.ndarray, "f j"]:
    """Return how far each joint in 3D can be believed, as well as the result tells."""
    if person.trust is None:
        return np.asarray(person.poses_2d.confidence * person.poses_2d.observed)
    return person.trust.confidence
