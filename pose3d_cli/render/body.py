"""A mannequin over the 17 joints: where its round limbs begin and end, how thick they are."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from pose3d_cli.skeleton import H36M17

ADULT_LEG_M = 0.9
"""Hip to ankle of a person whom the thicknesses below fit."""

Place = dict[str, float]
"""A point as a mixture of joints; the shares add up to 1."""


@dataclass(frozen=True, slots=True)
class Part:
    """A round limb of an adult."""

    start: Place
    end: Place
    radii_m: tuple[float, float]
    joint: str
    """The joint whose colour it has."""


def _limbs(side: str) -> tuple[Part, ...]:
    hip, knee, ankle = ({f"{side}_{joint}": 1.0} for joint in ("hip", "knee", "ankle"))
    shoulder, elbow, wrist = ({f"{side}_{joint}": 1.0} for joint in ("shoulder", "elbow", "wrist"))
    heel = {f"{side}_ankle": 1.09, f"{side}_knee": -0.09}
    fist = {f"{side}_wrist": 1.28, f"{side}_elbow": -0.28}
    return (
        Part(hip, knee, (0.078, 0.054), f"{side}_knee"),
        Part(knee, ankle, (0.054, 0.037), f"{side}_ankle"),
        Part(ankle, heel, (0.037, 0.042), f"{side}_ankle"),
        Part(shoulder, elbow, (0.052, 0.04), f"{side}_elbow"),
        Part(elbow, wrist, (0.04, 0.028), f"{side}_wrist"),
        Part(wrist, fist, (0.03, 0.036), f"{side}_wrist"),
    )


def _trunk() -> tuple[Part, ...]:
    ribs = tuple(
        Part(
            {"thorax": 0.4, f"{side}_shoulder": 0.4, "spine": 0.2},
            {"spine": 0.75, "thorax": 0.1, f"{side}_hip": 0.15},
            (0.095, 0.085),
            "spine",
        )
        for side in ("left", "right")
    )
    hips, shoulders = (
        ({"left_" + joint: 0.8, centre: 0.2}, {"right_" + joint: 0.8, centre: 0.2})
        for joint, centre in (("hip", "pelvis"), ("shoulder", "thorax"))
    )
    return (
        *ribs,
        Part({"spine": 1.0}, {"pelvis": 0.85, "spine": 0.15}, (0.1, 0.1), "spine"),
        Part(*hips, (0.082, 0.082), "spine"),
        Part(*shoulders, (0.055, 0.055), "spine"),
        Part({"thorax": 1.0}, {"thorax": 0.3, "nose": 0.7}, (0.058, 0.048), "nose"),
        Part({"nose": 0.7, "head": 0.3}, {"nose": 0.2, "head": 0.8}, (0.078, 0.098), "head"),
    )


PARTS = (*_trunk(), *_limbs("left"), *_limbs("right"))


def limbs_m(positions_m: Float[np.ndarray, "17 3"]) -> Float[np.ndarray, "n 2 3"]:
    """Return where each of ``PARTS`` starts and ends in one pose."""
    return np.stack([_STARTS @ positions_m, _ENDS @ positions_m], axis=1)


def size_of(positions_m: Float[np.ndarray, "f 17 3"]) -> float:
    """Return how big a person is beside the adult of ``PARTS``, by their legs."""
    left, right = (
        [H36M17.index(f"{side}_{j}") for j in ("hip", "knee", "ankle")]
        for side in ("left", "right")
    )
    legs = [
        np.linalg.norm(np.diff(positions_m[:, leg], axis=1), axis=-1).sum(axis=-1)
        for leg in (left, right)
    ]
    return float(np.median(legs)) / ADULT_LEG_M


def _weights(places: list[Place]) -> Float[np.ndarray, "n 17"]:
    weights = np.zeros((len(places), len(H36M17)))
    for row, place in zip(weights, places, strict=True):
        for joint, share in place.items():
            row[H36M17.index(joint)] = share
    return weights


_STARTS = _weights([part.start for part in PARTS])
_ENDS = _weights([part.end for part in PARTS])
