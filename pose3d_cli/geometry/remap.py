"""From the 17 keypoints of COCO to the 17 joints of Human3.6M.

COCO marks skin and face, Human3.6M the inside of the body, so four joints have to be made up: pelvis
and thorax are the middles of hips and shoulders, the spine is halfway between those two, and the
middle of the eyes stands for the head. Whatever a lifter is trained on must pass through here too.
"""

import numpy as np
from jaxtyping import Bool, Float

from pose3d_cli.skeleton import COCO17, H36M17

_SIDES = ("left", "right")
_SHOULDERS = tuple(f"{side}_shoulder" for side in _SIDES)
_HIPS = tuple(f"{side}_hip" for side in _SIDES)
_DERIVED = {
    "pelvis": _HIPS,
    "spine": _HIPS + _SHOULDERS,
    "thorax": _SHOULDERS,
    "head": tuple(f"{side}_eye" for side in _SIDES),
}

COCO_SOURCES_OF_H36M = tuple(
    tuple(COCO17.index(source) for source in _DERIVED.get(joint, (joint,)))
    for joint in H36M17.joints
)
"""The COCO keypoints whose mean stands at each H36M joint."""


def h36m_from_coco(points: Float[np.ndarray, "*n 17 d"]) -> Float[np.ndarray, "*n 17 d"]:
    """Return H36M joints as means of COCO keypoints, in any number of dimensions."""
    return np.stack(
        [points[..., sources, :].mean(axis=-2) for sources in COCO_SOURCES_OF_H36M], axis=-2
    )


def h36m_confidence_from_coco(
    confidence: Float[np.ndarray, "*n 17"],
) -> Float[np.ndarray, "*n 17"]:
    """Return how far each H36M joint can be trusted: no further than its worst source."""
    return np.stack(
        [confidence[..., sources].min(axis=-1) for sources in COCO_SOURCES_OF_H36M], axis=-1
    )


def h36m_observed_from_coco(observed: Bool[np.ndarray, "*n 17"]) -> Bool[np.ndarray, "*n 17"]:
    """Return which H36M joints were seen: those of which every source was."""
    return np.stack(
        [observed[..., sources].all(axis=-1) for sources in COCO_SOURCES_OF_H36M], axis=-1
    )
